"""Read how a store wants its channels shown: colour and contrast window."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAMED = {
    "FFFFFF": "gray",
    "00FF00": "green",
    "FF00FF": "magenta",
    "00FFFF": "cyan",
    "FFFF00": "yellow",
    "FF0000": "red",
    "0000FF": "blue",
}
# In this order two channels are told apart by colour-blind eyes too.
_UNSAID = ("magenta", "green", "cyan", "yellow", "red", "blue")


@dataclass(frozen=True, slots=True)
class ChannelLook:
    """A napari colormap, and the limits that somebody chose."""

    colormap: str
    limits: tuple[float, float] | None = None


def channel_looks(image: Path, count: int) -> list[ChannelLook]:
    """The looks of an image's channels, with a sensible one for each that says none."""
    entries = _omero_channels(image)
    return [
        _look(entries[number] if number < len(entries) else {}, number, count)
        for number in range(count)
    ]


def _look(entry: Any, number: int, count: int) -> ChannelLook:
    entry = entry if isinstance(entry, dict) else {}
    color = str(entry.get("color", "")).lstrip("#").upper()
    if not re.fullmatch(r"[0-9A-F]{6}", color):
        return ChannelLook("gray" if count == 1 else _UNSAID[number % len(_UNSAID)], _window(entry))
    return ChannelLook(_NAMED.get(color, f"#{color}"), _window(entry))


def _window(entry: dict[str, Any]) -> tuple[float, float] | None:
    window = entry.get("window")
    if not isinstance(window, dict):
        return None
    start, end = window.get("start"), window.get("end")
    if not isinstance(start, int | float) or not isinstance(end, int | float) or start >= end:
        return None
    # The whole range of the pixel type is what writers put when nobody chose.
    if (start, end) == (window.get("min"), window.get("max")):
        return None
    return float(start), float(end)


def _omero_channels(image: Path) -> list[Any]:
    for name, inside in (("zarr.json", "attributes"), (".zattrs", None)):
        try:
            read = json.loads((image / name).read_text())
            attributes = read[inside] if inside else read
            channels = attributes.get("ome", attributes)["omero"]["channels"]
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            continue
        if isinstance(channels, list):
            return channels
    return []
