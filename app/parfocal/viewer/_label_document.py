"""Read what the group of a label image says beside its size and place."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Rgba = tuple[float, float, float, float]


def run_of(labels: Path) -> str:
    """The analysis run that made them; empty when nothing is said of it."""
    return str(_object(_attributes(labels).get("parfocal")).get("run", ""))


def colors_of(labels: Path) -> dict[int, Rgba]:
    """The colours that somebody chose, parts from 0 to 1; those that make no sense are none."""
    attributes = _attributes(labels)
    told = _object(_object(attributes.get("ome", attributes)).get("image-label")).get("colors")
    found: dict[int, Rgba] = {}
    for entry in map(_object, told if isinstance(told, list) else ()):
        value, rgba = entry.get("label-value"), entry.get("rgba")
        if isinstance(value, int) and isinstance(rgba, list) and _is_color(rgba):
            red, green, blue, alpha = (min(max(part, 0), 255) / 255 for part in rgba)
            found[value] = red, green, blue, alpha
    return found


def _is_color(parts: Iterable[Any]) -> bool:
    numbers = [part for part in parts if isinstance(part, int | float)]
    return len(numbers) == 4


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _attributes(group: Path) -> dict[str, Any]:
    for name, inside in (("zarr.json", "attributes"), (".zattrs", None)):
        try:
            read = json.loads((group / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return _object(_object(read).get(inside) if inside else read)
    return {}
