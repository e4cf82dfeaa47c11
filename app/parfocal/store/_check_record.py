"""Compare what a recording says of itself with what it holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.store._check_pixels import Expected
from parfocal.store._errors import StoreError
from parfocal.store._findings import Finding
from parfocal.store._images import ImageMap, image_map
from parfocal.store._info import store_state
from parfocal.store._layout import EVERY_CHUNK, FRAME_TABLE, MISSING_TABLE, RUN
from parfocal.store._metadata import read_record
from parfocal.store._ngff import Image
from parfocal.store._plane_counts import count_planes
from parfocal.store._planes import PlaneState, States, read_planes

CLOSED = ("completed", "interrupted", "recovered")
RECOVER = "parfocal recover"


@dataclass(frozen=True, slots=True)
class Story:
    """What a store says of itself; a foreign one says nothing."""

    record: Mapping[str, Any] | None
    states: States | None
    state: str
    reason: str
    planned: int
    acquired: int
    problem: str
    places: ImageMap

    @classmethod
    def read(cls, root: Path, images: list[Image]) -> "Story":
        """Read it, or what keeps it from being read."""
        try:
            record = read_record(root)
            state, reason = store_state(root, record, images)
            places = image_map(record, images)
            counts = count_planes(root, record, images, places)
            states = read_planes(root) if record is not None else None
        except StoreError as problem:
            return cls({}, None, "", "", 0, 0, str(problem), ImageMap(()))
        return cls(record, states, state, reason, counts.planned, counts.acquired, "", places)

    def expected(self, path: str) -> Expected:
        """What must be on the disk of the image at this path."""
        if self.record is None:
            return Expected("error")
        place = self.places.of_path(path)
        # before the first frame its states are those of an empty recording
        if self.state not in CLOSED or self.states is None or place is None:
            return Expected(None)
        _, fields, channels, _ = self.states.shape
        if place.field >= fields or max(place.channels) >= channels:
            return Expected(None)
        if self.record.get("absent") == EVERY_CHUNK:
            return Expected(None)  # what is not there is a chunk of zeros
        stored = self.states[:, place.field, list(place.channels)] == PlaneState.STORED
        return Expected("error" if stored.any() else None, stored, place)


def check_record(root: Path, story: Story) -> Iterator[Finding]:
    """A store that was not closed, that is damaged, or whose figures contradict each other."""
    record = story.record
    if story.problem:
        yield Finding(RUN, "record", "error", story.problem, RECOVER)
    if record is None or story.problem:
        return
    if story.state == "damaged":
        yield Finding(".", "damaged", "error", story.reason, "restore the folder from a copy")
    if story.state == "recording":
        message = "it is being recorded right now, so it is not complete yet"
        yield Finding(RUN, "recording", "warning", message, "check it again after the run")
        return
    if record.get("state") == "recording":
        yield Finding(RUN, "not-closed", "error", story.reason, RECOVER)
        return
    yield from _figures(story, record)
    yield from _table(root, story)
    if story.acquired < story.planned:
        lost = story.planned - story.acquired
        message = f"{lost} of {story.planned} planned planes are missing"
        why = f" ({story.reason})" if story.reason else ""
        fix = f"none is needed: {MISSING_TABLE} says which and why"
        yield Finding(RUN, "missing-planes", "warning", message + why, fix)


def _figures(story: Story, record: Mapping[str, Any]) -> Iterator[Finding]:
    told = record.get("acquired")
    if told is not None and told != story.acquired:
        message = f"it says {told} planes were acquired, but marks {story.acquired}"
        yield Finding(RUN, "planes-disagree", "error", message, RECOVER)
    if story.states is None:
        message = "it does not say of its planes which are stored"
        yield Finding(RUN, "planes-disagree", "error", message, RECOVER)
        return
    marked = int((story.states != PlaneState.UNPLANNED).sum())
    if marked != story.planned:
        message = f"it says {story.planned} planes were planned, but marks {marked}"
        yield Finding(RUN, "planes-disagree", "error", message, RECOVER)


def _table(root: Path, story: Story) -> Iterator[Finding]:
    # here and not above: it costs 0.3 s, and only a check needs it here
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not (root / FRAME_TABLE).is_file():
        return
    try:
        rows = pq.read_metadata(root / FRAME_TABLE).num_rows
    except (pa.ArrowException, OSError) as problem:
        message = f"it cannot be read: {problem}"
        yield Finding(FRAME_TABLE, "frame-table", "error", message, RECOVER)
        return
    if rows != story.acquired:
        message = f"it has {rows} rows for {story.acquired} stored planes"
        yield Finding(FRAME_TABLE, "frame-table", "error", message, RECOVER)
