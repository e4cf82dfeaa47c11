"""Tell at the price of a few file dates whether a store is still as it was read."""

import os
from collections.abc import Iterable
from pathlib import Path

from parfocal.store import ImagePlace

Stamp = tuple[tuple[int, int, int] | None, ...]

# Length and levels of an image, its place among others, and how the run stands are in these.
_DOCUMENTS = ("zarr.json", ".zattrs")
_ARRAYS = ("0/zarr.json",)
_RUN = "parfocal/run/zarr.json"


def store_stamp(root: Path, images: Iterable[ImagePlace]) -> Stamp:
    """The dates, sizes and numbers of the documents that say what a store holds."""
    names = [*_DOCUMENTS, _RUN]
    for image in images:
        names += [f"{image.path}/{name}" for name in (*_DOCUMENTS[:1], *_ARRAYS)]
    return tuple(_dated(f"{root}/{name}") for name in names)


def _dated(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - of a plate there are 800, and Path costs twice that
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
