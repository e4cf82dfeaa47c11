"""Read what a row of the list shows of a store: state, size and a small picture. No widgets."""

import os
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from parfocal.store import glance, store_stamp
from parfocal.ui.store_workspace._field_picture import field_picture
from parfocal.ui.store_workspace._thumbnail import Picture
from parfocal.ui.store_workspace._words import shown_state

# A legacy store has a file a chunk: millions on a network disk. Counting stops here and the size
# says "more than".
SIZE_COUNT_S = 2.0
SIDE = 88


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What was seen of a store; as long as its `stamp` is the same it need not be read again.

    `size` is None until its files were counted.
    """

    path: Path
    stamp: tuple[int, ...]
    state: str
    reason: str
    modified: datetime
    size: int | None = None
    size_is_whole: bool = True
    picture: Picture | None = field(default=None, repr=False)
    planes: tuple[int, int] = (0, 0)  # how many of how many
    whole: bool = True  # False: nobody has looked for a picture yet

    def with_more(self, other: "Glimpse") -> "Glimpse":
        """The same with what another look at it has found besides."""
        size, counted = self.size, self.size_is_whole
        if size is None:
            size, counted = other.size, other.size_is_whole
        return replace(
            self,
            size=size,
            size_is_whole=counted,
            picture=self.picture or other.picture,
            whole=self.whole or other.whole,
        )

    @property
    def may_change(self) -> bool:
        """Whether it may look another way soon, whatever its stamp says."""
        return self.state == "recording"


def glimpse(path: Path, *, whole: bool = True) -> Glimpse:
    """Look at a store: a few small files, and one plane of its coarsest level for the `whole`."""
    stamp = store_stamp(path)
    seen = glance(path)
    picture = None
    if whole and seen.first_image is not None:
        picture = field_picture(path, seen.first_image, path.name, SIDE)
    modified = datetime.fromtimestamp(last_change(stamp)).astimezone()
    state = shown_state(seen.state, seen.ended_as)
    return Glimpse(
        path, stamp, state, seen.reason, modified, picture=picture, planes=seen.planes, whole=whole
    )


def last_change(stamp: tuple[int, ...]) -> float:
    """When a store last changed, in seconds since 1970."""
    return max(stamp, default=0) / 1e9


def size_of(path: Path, cancelled: threading.Event) -> tuple[int, bool]:
    """The bytes of a store's files, and whether all of them were counted."""
    total, until = 0, time.monotonic() + SIZE_COUNT_S
    for folder, _folders, names in os.walk(path):
        if cancelled.is_set() or time.monotonic() > until:
            return total, False
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_size  # noqa: PTH116, PTH118 - many
            except OSError:
                continue  # a file of a store that is being recorded may just have been renamed
    return total, True
