"""Compare the pixels of each frame with the checksum that its camera's thread took of them."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._findings import Finding
from parfocal.store._frame_checksum import frame_checksum
from parfocal.store._frame_table import CRC, table_rows
from parfocal.store._layout import FRAME_TABLE
from parfocal.store._planes import name_frame
from parfocal.store._progress import Between, go_on
from parfocal.store._read import StoreReader
from parfocal.store._spec import Index

AT_ONCE_BYTES = 64 * 2**20
NAMED = 3


def check_frames(root: Path, between: Between = go_on) -> Iterator[Finding]:
    """Frames that decode to other pixels than came: a shard exchanged for one of another place.

    Only a chunk's own checksum is in the chunk; it goes wherever the chunk goes. A frame that
    cannot be read at all is told by its chunk, not here.
    """
    other: list[Index] = []
    for index, told, plane in _read(root):
        between()
        if plane is not None and frame_checksum(plane) != told:
            other.append(index)
    if other:
        # the table has them in the order in which their shards were done
        shown = ", ".join(name_frame(index) for index in sorted(other)[:NAMED])
        more = f" and {len(other) - NAMED} more" if len(other) > NAMED else ""
        message = f"{shown}{more} hold other pixels than the camera gave"
        yield Finding(FRAME_TABLE, "frame-pixels", "error", message, "restore them from a copy")


def _read(root: Path) -> Iterator[tuple[Index, int, NDArray[Any] | None]]:
    """Each frame of the table that has a checksum, with its pixels; several are read at once."""
    rows = (row for row in table_rows(root / FRAME_TABLE) if CRC in row)
    waiting: deque[tuple[Index, int, Any]] = deque()
    reader: StoreReader | None = None
    for row in rows:
        reader = reader or StoreReader(root)
        index = (row["t"], row["p"], row["c"], row["z"])
        try:
            view = reader.view(index)
        except StoreError:
            continue  # the table and the arrays disagree: the record's own check says so
        waiting.append((index, row[CRC], view.read()))
        if len(waiting) * max(1, view.size * view.dtype.numpy_dtype.itemsize) >= AT_ONCE_BYTES:
            yield _taken(waiting)
    while waiting:
        yield _taken(waiting)


def _taken(
    waiting: "deque[tuple[Index, int, Any]]",
) -> tuple[Index, int, NDArray[Any] | None]:
    index, told, reading = waiting.popleft()
    try:
        return index, told, reading.result()
    except ValueError:
        return index, told, None
