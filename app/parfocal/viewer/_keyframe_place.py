"""Decide where the key frames of a store are kept: beside it, or in the user's state folder.

Never inside a store: one of others may be read-only, and what is listed nowhere in it is a fault
that `check` finds. A store in the middle of another one (a field of a plate, a result) is such a
place too, and a store that is watched over the network has no folder here.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from parfocal.store import store_around

SUFFIX = ".keyframes.json"
_LONGEST_NAME = 80
# A run that replaces a store records beside it and takes its name when it is over.
_REPLACING = re.compile(r"\.replacing(-\d+)?(?=(\.ome)?\.zarr$)")


@dataclass(frozen=True, slots=True)
class KeyFramePlace:
    """The file beside the store, if it may have one, and the one in the state folder.

    The one in the state folder wins where it is there: it was written because no other could be.
    """

    beside: Path | None
    fallback: Path | None

    def to_read(self) -> Path | None:
        """The file that holds the key frames; None while there is none."""
        for file in (self.fallback, self.beside):
            if file is not None and os.path.lexists(file):
                return file
        return None

    def to_write(self) -> list[Path]:
        """Where to keep them: the first one that can be written."""
        files = [file for file in (self.beside, self.fallback) if file is not None]
        if self.fallback is not None and os.path.lexists(self.fallback):
            files.remove(self.fallback)
            files.insert(0, self.fallback)
        return files


def place_of(store: Path | None, name: str) -> KeyFramePlace:
    """The place of a store's key frames; without a path, of a store that is only known by name."""
    if store is None:
        return KeyFramePlace(None, _in_state_folder(name, name))
    whole = store.absolute()
    whole = whole.with_name(_REPLACING.sub("", whole.name))
    fallback = _in_state_folder(whole.name, str(whole))
    if store_around(whole) is not None:
        return KeyFramePlace(None, fallback)
    return KeyFramePlace(whole.with_name(whole.name + SUFFIX), fallback)


def place_at(file: Path) -> KeyFramePlace:
    """The place that somebody named."""
    return KeyFramePlace(file, None)


def _in_state_folder(name: str, whole: str) -> Path:
    """Stores of one name are told apart by the rest of their paths."""
    state = Path(platformdirs.user_state_dir("parfocal", appauthor=False))
    legible = re.sub(r"[^\w.-]+", "_", name)[:_LONGEST_NAME]
    digest = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return state / "keyframes" / f"{legible}-{digest}{SUFFIX}"
