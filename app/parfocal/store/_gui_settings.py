"""Read and write `parfocal/gui`: how somebody last looked at a store."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from parfocal.store._errors import StoreError, cause
from parfocal.store._files import read_json, write_json
from parfocal.store._layout import EXTRAS, GUI, whole_path
from parfocal.store._metadata import group
from parfocal.store._store_lock import changing

DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class ChannelDisplay:
    """How a channel is shown: colour (RRGGBB) and contrast window, None as the image says."""

    name: str
    color: str | None = None
    window: tuple[float, float] | None = None
    visible: bool = True


@dataclass(frozen=True, slots=True)
class LastView:
    """Where somebody looked: which image, timepoint and height, the middle (y, x in µm), zoom."""

    image: str = ""
    t: int = 0
    z: int = 0
    center_um: tuple[float, float] | None = None
    zoom: float | None = None


@dataclass(frozen=True, slots=True)
class DisplaySettings:
    """What the viewer restores."""

    channels: tuple[ChannelDisplay, ...] = ()
    view: LastView | None = None


def read_display(store: Path | str) -> DisplaySettings | None:
    """How the store was last looked at; None when nobody has, and nothing is written."""
    file = whole_path(store) / GUI / "zarr.json"
    if not file.is_file():
        return None
    told = read_json(file).get("attributes", {}).get(EXTRAS, {}).get(DISPLAY)
    if told is None:
        return None
    try:
        view = told.get("view")
        return _sound(
            DisplaySettings(
                tuple(_channel(each) for each in told.get("channels", ())),
                None if view is None else LastView(**{**view, **_pair(view, "center_um")}),
            )
        )
    except (AttributeError, TypeError, ValueError, StoreError) as problem:
        raise StoreError(f"{file} makes no sense: {problem}") from problem


def write_display(store: Path | str, settings: DisplaySettings) -> None:
    """Keep how the store is looked at; what else stands there stays."""
    root = whole_path(store)
    file = root / GUI / "zarr.json"
    _sound(settings)
    with changing(root):
        old = read_json(file) if file.is_file() else group({})
        attributes = dict(old.get("attributes", {}))
        ours = attributes.get(EXTRAS)
        others = ours if isinstance(ours, Mapping) else {}
        attributes[EXTRAS] = {**others, DISPLAY: asdict(settings)}
        try:
            write_json(file, {**old, "attributes": attributes})
        except OSError as problem:
            raise StoreError(f"{file} cannot be written: {cause(problem)}") from problem


def _channel(told: Mapping[str, Any]) -> ChannelDisplay:
    return ChannelDisplay(**{**told, **_pair(told, "window")})


def _pair(told: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = told.get(key)
    if value is None:
        return {}
    first, second = value
    return {key: (float(first), float(second))}


def _sound(settings: DisplaySettings) -> DisplaySettings:
    for channel in settings.channels:
        window = channel.window
        if window is not None and not (all(map(isfinite, window)) and window[0] < window[1]):
            raise StoreError(f"the contrast {window} of the channel {channel.name!r} is no window")
        color = channel.color
        if color is not None and not (
            len(color) == 6 and set(color) <= set("0123456789ABCDEFabcdef")
        ):
            raise StoreError(f"the colour {color!r} of the channel {channel.name!r} is not RRGGBB")
    view = settings.view
    if view is not None and (min(view.t, view.z) < 0 or not (view.zoom is None or view.zoom > 0)):
        raise StoreError(f"the last view {view} is none")
    return settings
