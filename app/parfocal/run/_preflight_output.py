"""Before a run: may the store be made where it should be, and is there room for it?"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from parfocal.plan import Schedule, estimate
from parfocal.run._finding import Finding
from parfocal.run._watch import DISK_MARGIN
from parfocal.run._words import size_in_words
from parfocal.scope import CameraFacts
from parfocal.store import store_around

__all__ = ["about_disk", "about_output"]

STORE_ENDING = ".ome.zarr"
# 255 is what file systems take; the journal's and a replacing store's names are longer by 24
LONGEST_NAME_BYTES = 230
# what the longest file in a store adds to its path: "/AF/48/1/0/c/100000/9/9/0/0.__lock"
INSIDE_BYTES = 60
LONGEST_PATH_BYTES = (260 if sys.platform == "win32" else 4096) - INSIDE_BYTES


def about_output(output: Path, *, overwrite: bool) -> Iterator[Finding]:
    """The store's name, the whole path, and what is there already."""
    if wrong := _wrong_name(output):
        yield Finding("output", "error", wrong, "rename")
        return
    if (around := store_around(output)) is not None:
        message = f"{output} lies inside the store {around}; choose a folder outside"
        yield Finding("output", "error", message, "choose-folder")
        return
    if os.path.lexists(output):
        if not overwrite:
            message = f"{output} exists already; choose another name or allow overwriting"
            yield Finding("output", "error", message, "rename")
            return
        if not (output / "zarr.json").is_file():
            message = f"{output} is not a store, so it is not overwritten; choose another name"
            yield Finding("output", "error", message, "rename")
            return
    parent = output.absolute().parent
    if not parent.is_dir():
        message = f"the folder {parent} for the store does not exist; make it first"
        yield Finding("output", "error", message, "choose-folder")
    elif not os.access(parent, os.W_OK | os.X_OK):
        message = f"the folder {parent} cannot be written; choose another one for the store"
        yield Finding("output", "error", message, "choose-folder")


def _wrong_name(output: Path) -> str:
    if not output.name.endswith(STORE_ENDING) or output.name == STORE_ENDING:
        return f"the store {output} must have a name that ends in {STORE_ENDING}"
    if (length := len(os.fsencode(output.name))) > LONGEST_NAME_BYTES:
        return (
            f"the name of the store {output} has {length} bytes; "
            f"shorten it to {LONGEST_NAME_BYTES} or fewer"
        )
    whole = output.absolute()
    if (length := len(os.fsencode(whole))) > LONGEST_PATH_BYTES:
        return f"the path {whole} has {length} bytes; shorten it to {LONGEST_PATH_BYTES} or fewer"
    if os.sep == "/" and "\\" in str(whole):
        # TensorStore takes it for a folder: the planes would land beside the store
        return f"the path {whole} holds a backslash; choose another without one"
    return ""


def about_disk(schedule: Schedule, camera: CameraFacts, output: Path) -> Iterator[Finding]:
    """Free room for the whole run as if nothing could be compressed, and a quarter to spare."""
    frame_bytes = camera.width * camera.height * np.dtype(camera.dtype).itemsize
    needed = round(estimate(schedule, frame_bytes).bytes * DISK_MARGIN)
    parent = output.absolute().parent
    try:
        free = shutil.disk_usage(parent).free
    except OSError:  # a folder that is missing has its own finding
        return
    if free < needed:
        message = (
            f"{parent} has {size_in_words(free)} free, and the run needs up to "
            f"{size_in_words(needed)} ({schedule.frames} frames × "
            f"{size_in_words(frame_bytes)}, and a quarter to spare)"
        )
        yield Finding("disk", "error", message, "choose-folder")
