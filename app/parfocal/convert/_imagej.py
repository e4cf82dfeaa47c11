"""Read what ImageJ says in a TIFF of its pixels: how large, how far apart, how often."""

import re
from collections.abc import Mapping
from typing import Any

from parfocal.store import micrometres

__all__ = ["imagej_time_step", "imagej_voxel"]

SECONDS = {
    **dict.fromkeys(("s", "sec", "second"), 1.0),
    **dict.fromkeys(("ms", "msec", "millisecond"), 1e-3),
    **dict.fromkeys(("us", "µs", "usec", "microsecond"), 1e-6),
    **dict.fromkeys(("min", "minute"), 60.0),
    **dict.fromkeys(("h", "hr", "hour"), 3600.0),
    **dict.fromkeys(("d", "day"), 86400.0),
}


def imagej_voxel(
    told: Mapping[str, Any], across: float, down: float
) -> tuple[float | None, float, float] | None:
    """µm along z, y, x; z None where nobody says, all None where there is no unit of length.

    `across` and `down` are the pixels a unit. ImageJ names the unit of x, and the others only
    where they differ.
    """
    x = _factor(told, "unit")
    if not (x and across and down):
        return None
    y, z = _factor(told, "yunit") or x, _factor(told, "zunit") or x
    spacing = told.get("spacing")
    depth = abs(float(spacing)) * z if isinstance(spacing, int | float) else None
    return depth, y / down, x / across


def imagej_time_step(told: Mapping[str, Any]) -> float | None:
    """Seconds from frame to frame; ImageJ names the unit where these are none."""
    interval = told.get("finterval")
    unit = _text(told.get("tunit", "sec")).strip().lower().replace("μ", "µ")
    factor = SECONDS.get(unit, SECONDS.get(unit.removesuffix("s")))
    if not isinstance(interval, int | float) or interval <= 0 or factor is None:
        return None
    return float(interval) * factor


def _factor(told: Mapping[str, Any], name: str) -> float | None:
    unit = _text(told.get(name))
    return micrometres(unit) if unit else None


def _text(value: Any) -> str:
    r"""As it is meant: µm stands there as \u00B5m, since the description is plain ASCII."""
    text = "" if value is None else str(value)
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
