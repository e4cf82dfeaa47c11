"""Give every image of a Parfocal store its coarser levels."""

from dataclasses import dataclass
from math import prod
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from parfocal import __version__
from parfocal.store._contrast import write_contrast
from parfocal.store._downsample import METHODS, Downsampling
from parfocal.store._errors import StoreError
from parfocal.store._files import read_json, sync_to_disk, write_json
from parfocal.store._held import Held, held_planes
from parfocal.store._info import store_state
from parfocal.store._labels import follow_images
from parfocal.store._layout import whole_path
from parfocal.store._level_writer import LevelWriter
from parfocal.store._metadata import read_record
from parfocal.store._ngff import Image, find_images, read_ome
from parfocal.store._progress import Course, Progress
from parfocal.store._provenance import record_provenance
from parfocal.store._pyramid_plan import LevelPlan, plan_levels
from parfocal.store._pyramid_scratch import Scratch, settled
from parfocal.store._store_lock import changing

MAKER = "parfocal.store.write_pyramid"
DESCRIPTIONS = {
    "mean": "the mean of the voxels below, rounded to the nearest; half goes up",
    "max": "the largest of the voxels below",
    "stride": "every other voxel, the first one included",
}


@dataclass(frozen=True, slots=True)
class PyramidReport:
    """What became of a store's levels: how many each image has now, and how many were made."""

    store: Path
    levels: tuple[int, ...]
    made: int
    method: str

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "store": str(self.store),
            "levels": list(self.levels),
            "made": self.made,
            "method": self.method,
        }


def write_pyramid(
    path: Path | str,
    *,
    method: Downsampling = "mean",
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> PyramidReport:
    """Make the levels that the images of the store at `path` should have and do not have yet.

    Each level is listed as soon as it is complete, and not before. A second call goes on where a
    killed one was, and has nothing to do after a complete one. A cancelled or failed one leaves
    the levels that are listed, and nothing else.
    """
    root = whole_path(path)
    images = _images_to_refine(root, method)
    planned = [list(plan_levels(image, method))[len(image.levels) - 1 :] for image in images]
    course = Course(f"the pyramid of {root}", progress, cancelled)
    course.total = float(sum(map(_level_bytes, images, planned)))
    if any(planned) or Scratch.is_left(root):
        _make(root, images, planned, course)
    follow_images(root)
    course.say("the contrast")
    write_contrast(root, course)
    made = sum(map(len, planned))
    if made:
        _record(root, images, planned, method)
    levels = tuple(len(image.levels) + len(new) for image, new in zip(images, planned, strict=True))
    return PyramidReport(root, levels, made, method)


def _record(root: Path, images: list[Image], planned: list[list[LevelPlan]], method: str) -> None:
    """Say in the store's history which levels were made, and of what."""
    sources, made = [], []
    for image, levels in zip(images, planned, strict=True):
        if levels:
            sources.append(f"{image.path}/{image.levels[0].path}")
            made += [f"{image.path}/{level.path}" for level in levels]
    record_provenance(root, "pyramid", parameters={"method": method}, inputs=sources, outputs=made)


def _images_to_refine(root: Path, method: str) -> list[Image]:
    if method not in METHODS:
        raise StoreError(f"there is no downsampling {method!r}; there are {', '.join(METHODS)}")
    images, record = find_images(root), read_record(root)
    if record is None:
        raise StoreError(
            f"{root} was not made by Parfocal, and nothing is ever written into such a store; "
            "export it as a store of its own first (parfocal export)"
        )
    state, reason = store_state(root, record, images)
    if state == "recording":
        raise StoreError(f"{root} is being recorded right now; its levels can be made afterwards")
    if state == "damaged" or record.get("state") == "recording":
        raise StoreError(f"{root} is {state} ({reason}); repair it first (parfocal recover)")
    for image in images:
        if not image.levels or image.levels[0].shape is None or image.levels[0].scale is None:
            raise StoreError(f"{root / image.path} has no full resolution to make levels of")
        if gone := [level.path for level in image.levels if level.shape is None]:
            raise StoreError(
                f"{root / image.path / gone[0]} is listed as a level, but is not there; restore it "
                "from a copy, or take it off the list in the zarr.json beside it"
            )
        told = read_ome(root / image.path)["multiscales"][0].get("type")
        if len(image.levels) > 1 and told != method:
            raise StoreError(
                f"{root / image.path} has levels made by {told!r}, which are kept; "
                f"those by {method!r} cannot be added to them"
            )
    return images


def _make(root: Path, images: list[Image], planned: list[list[LevelPlan]], course: Course) -> None:
    scratch = Scratch(root)
    try:
        for number, (image, levels) in enumerate(zip(images, planned, strict=True), 1):
            if not levels:
                continue
            held = held_planes(root, image)
            for level in plan_levels(image, levels[0].method):
                if level.number >= levels[0].number:
                    course.say(f"level {level.number} of image {number} of {len(images)}")
                    _make_level(root, image, level, held, scratch, course)
                held = level.held(held)
    except OSError as problem:
        raise StoreError(f"the pyramid of {root} cannot be written: {problem}") from problem
    finally:
        scratch.remove()


def _make_level(
    root: Path, image: Image, level: LevelPlan, held: Held, scratch: Scratch, course: Course
) -> None:
    """Write one level beside the store, move it in, and list it."""
    group = root / image.path
    finer = image.levels[0].path if level.number == 1 else str(level.number - 1)
    first = read_json(group / image.levels[0].path / "zarr.json")
    array = scratch.level(f"{image.path}/{level.path}", group / level.path, level.array(first))
    writer = LevelWriter(level, group / finer, array, held)
    for part in writer.parts():
        if scratch.has(array, part.file) and writer.holds(part):
            course.advance(part.nbytes)
        else:
            writer.write(part, course)
            scratch.acknowledge(array, part.file)
    for file in settled(array):
        course.advance(0)
        sync_to_disk(file)
    scratch.require_same_store()
    with changing(root):
        array.rename(group / level.path)
        sync_to_disk(group)
        _list_level(group, level)


def _list_level(group: Path, level: LevelPlan) -> None:
    """Put a level that is there into its image's multiscales, which is one rename."""
    document = read_json(group / "zarr.json")
    multiscale = document["attributes"]["ome"]["multiscales"][0]
    multiscale["datasets"].append(level.dataset())
    multiscale["type"] = level.method
    multiscale["metadata"] = {
        "description": DESCRIPTIONS[level.method],
        "method": MAKER,
        "version": __version__,
        "args": [],
        "kwargs": {"method": level.method},
    }
    write_json(group / "zarr.json", document)
    sync_to_disk(group / "zarr.json")


def _level_bytes(image: Image, planned: list[LevelPlan]) -> int:
    itemsize = np.dtype(image.levels[0].dtype).itemsize
    return sum(prod(level.shape) for level in planned) * itemsize
