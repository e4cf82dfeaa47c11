"""Read what one store holds, for the details of the selected one. No widgets."""

import re
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from parfocal import ParfocalError
from parfocal.store import (
    StageAxisMap,
    StoreInfo,
    glance,
    info,
    read_attributes,
    read_store_metadata,
    store_stamp,
)
from parfocal.ui.store_workspace._channel_colors import omero_channels
from parfocal.ui.store_workspace._field_picture import field_picture
from parfocal.ui.store_workspace._glimpse import last_change, size_of
from parfocal.ui.store_workspace._thumbnail import Picture
from parfocal.ui.store_workspace._words import shown_state

PICTURE_SIDE = 320
MOST_PICTURES = 6
WELL = re.compile(r"[A-Za-z]+/\d+")
Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate's rows and columns, and the numbers of the fields in each well (`B/3`)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    wells: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One store as the details show it."""

    path: Path
    modified: datetime
    size: int
    size_is_whole: bool = True
    info: StoreInfo | None = None
    problem: str = ""
    colors: tuple[str, ...] = ()
    windows: tuple[Window | None, ...] = ()
    plate: Plate | None = None
    stage_map: StageAxisMap | None = None
    told_state: str = "damaged"
    closed: bool = False  # whether a recording says itself that it came to an end
    pictures: tuple[Picture, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The folder's name without its endings."""
        return self.path.name.removesuffix(".zarr").removesuffix(".ome")

    @property
    def state(self) -> str:
        """The store's state word; what cannot be read is what a glance at it says."""
        return self.info.state if self.info is not None else self.told_state

    @property
    def shown_state(self) -> str:
        """The same as a person is told it: one that was stopped on purpose says so."""
        return shown_state(self.state, self.info.ended_as if self.info is not None else "")

    @property
    def planes(self) -> tuple[int, int]:
        """How many planes of how many there are."""
        return (0, 0) if self.info is None else (self.info.acquired, self.info.planned)

    @property
    def why_not_edited(self) -> str:
        """Why nothing of it may be changed; "" when it may."""
        if self.info is None:
            return "its metadata cannot be read"
        return {
            "recording": "it is being recorded right now",
            "interrupted": "" if self.closed else "recover it first",
            "legacy": "it was not made by Parfocal: migrate it first",
            "foreign": "it was not made by Parfocal: ingest it first",
            "damaged": "it is damaged: restore what is missing from a copy",
        }.get(self.state, "")


def look(path: Path, cancelled: threading.Event) -> Entry:
    """Read what one store holds, its size and its pictures."""
    modified = datetime.fromtimestamp(last_change(store_stamp(path))).astimezone()
    size, whole = size_of(path, cancelled)
    seen = glance(path)
    try:
        found = info(path)
    except ParfocalError as error:
        told = seen.reason if seen.state in ("legacy", "foreign") and seen.reason else str(error)
        return Entry(path, modified, size, whole, problem=told, told_state=seen.state)
    colors, windows = _looks(path, found)
    return Entry(
        path,
        modified,
        size,
        whole,
        found,
        colors=colors,
        windows=windows,
        plate=_plate(path, found),
        stage_map=_stage_map(path),
        told_state=seen.state,
        closed=_is_closed(path),
        pictures=_pictures(path, found),
    )


def _is_closed(path: Path) -> bool:
    try:
        ours = read_attributes(path / "parfocal" / "run")[1].get("parfocal", {})
    except ParfocalError:
        return False
    return isinstance(ours, dict) and ours.get("state") not in (None, "recording")


def _looks(path: Path, found: StoreInfo) -> tuple[tuple[str, ...], tuple[Window | None, ...]]:
    """The colour and the contrast of each channel, from the first image that has it."""
    colors = dict.fromkeys(range(len(found.channels)), "")
    windows: dict[int, Window | None] = dict.fromkeys(range(len(found.channels)))
    first = [place for place in found.images if place.field == 0]
    for place in first or found.images[:1]:
        entries = omero_channels(path / place.path)
        for number, channel in enumerate(place.channels):
            if channel in colors and number < len(entries):
                colors[channel] = str(entries[number].get("color", ""))
                windows[channel] = _window(entries[number].get("window"))
    return tuple(colors.values()), tuple(windows.values())


def _window(told: object) -> Window | None:
    if not isinstance(told, dict):
        return None
    low, high = told.get("start"), told.get("end")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    return float(low), float(high)


def _plate(path: Path, found: StoreInfo) -> Plate | None:
    """None for a store that is no plate, or whose only well is one for all of its fields."""
    wells: dict[str, list[int]] = {}
    for number, place in enumerate(found.field_paths):
        well = "/".join(place.split("/")[:2])
        wells.setdefault(well, []).append(number)
    try:
        attributes = read_attributes(path)[1]
        told = attributes.get("ome", attributes).get("plate", {})
        rows = tuple(str(row["name"]) for row in told.get("rows", ()))
        columns = tuple(str(column["name"]) for column in told.get("columns", ()))
    except (ParfocalError, AttributeError, KeyError, TypeError):
        return None
    if len(rows) * len(columns) < 2 or not all(WELL.fullmatch(well) for well in wells):
        return None
    return Plate(rows, columns, {well: tuple(numbers) for well, numbers in wells.items()})


def _stage_map(path: Path) -> StageAxisMap | None:
    try:
        return read_store_metadata(path).spatial_calibration
    except ParfocalError:
        return None  # Check says what is wrong with it


def _pictures(path: Path, found: StoreInfo) -> tuple[Picture, ...]:
    """One composite picture a field, of the first fields; none of a store that has no planes."""
    if found.acquired == 0:
        return ()
    named = zip(found.field_paths, found.fields, strict=True)
    pictures = []
    for place, name in list(named)[:MOST_PICTURES]:
        picture = field_picture(path, place, name, PICTURE_SIDE)
        if picture is not None:
            pictures.append(picture)
    return tuple(pictures)
