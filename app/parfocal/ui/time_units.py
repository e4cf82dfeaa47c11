"""Give pymmcore-widgets, which reads intervals such as "3 min" by pint, the units of time only.

`use_time_units` before the first of those widgets. All thousand units that pint knows took longer
to read than the rest of Design to make (0.2 s of 0.3); dask, which it imports to offer arrays of
quantities as well, took as long again. Only those widgets' own name for pint is changed: parts of
one's own, and napari, know all units in this process as anywhere.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

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


class _Times(ModuleType):
    """pint, with the units of time for who has not any of his own."""

    def __init__(self, pint: ModuleType) -> None:
        super().__init__(pint.__name__)
        self.application_registry = pint.UnitRegistry(TIMES)
        self._pint = pint

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pint, name)


@cache
def use_time_units() -> None:
    """Import the table of timepoints, and have it know the units of time."""
    spared = "dask" not in sys.modules
    if spared:
        sys.modules["dask"] = None  # type: ignore[assignment] # Python's own word for: not here
    try:
        pint = import_module("pint")
    finally:
        if spared:
            del sys.modules["dask"]
    table = import_module("pymmcore_widgets.useq_widgets._column_info")
    vars(table)["pint"] = _Times(pint)
