"""Give pint, by which pymmcore-widgets reads intervals such as "3 min", the units of time only.

`use_time_units` before the first of those widgets. All thousand units that pint knows took longer
to read than the rest of Design to make (0.2 s of 0.3); dask, which it imports to offer arrays of
quantities as well, took as long again.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module

__all__ = ["use_time_units"]

TIMES = (
    "nano- = 1e-9 = n-",
    "micro- = 1e-6 = µ- = μ- = u-",
    "milli- = 1e-3 = m-",
    "kilo- = 1e3 = k-",
    "second = [time] = s = sec",
    "minute = 60 * second = min",
    "hour = 60 * minute = h = hr",
    "day = 24 * hour = d",
    "week = 7 * day",
    "fortnight = 2 * week",
    "month = year / 12",
    "year = 365.25 * day = a = yr",
)


@cache
def use_time_units() -> None:
    """Import pint, and have it know the units of time in this process."""
    spared = "dask" not in sys.modules
    if spared:
        sys.modules["dask"] = None  # type: ignore[assignment] # Python's own word for: not here
    try:
        pint = import_module("pint")
    finally:
        if spared:
            del sys.modules["dask"]
    pint.set_application_registry(pint.UnitRegistry(TIMES))
