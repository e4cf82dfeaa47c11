"""Tell at a glance what lies in a folder: a few small files, however large the store is."""

import os
from dataclasses import dataclass
from pathlib import Path

from parfocal.store._errors import StoreError
from parfocal.store._info import recorded_end, recorded_state
from parfocal.store._journal import read_journal
from parfocal.store._layout import (
    EDIT,
    PROVENANCE,
    RUN,
    STORE_METADATA,
    ZARR_FILES,
    is_store,
    journal_path,
    whole_path,
)
from parfocal.store._metadata import read_record
from parfocal.store._ngff import image_paths, read_attributes
from parfocal.store._voxel_size import LEGACY_IMAGES

CURRENT = "0.5"
IMAGES = ("multiscales", "plate", "well", "bioformats2raw.layout")
# what changes when a store does: Parfocal writes a record or its history with everything it does
TELLING = (
    *ZARR_FILES,
    *(f"{place}/zarr.json" for place in (RUN, PROVENANCE, STORE_METADATA)),
    EDIT,
)


@dataclass(frozen=True, slots=True)
class Glance:
    """A store's state and why, and where its first image is; `None` where there is none.

    `ended_as` is how the run says that it ended, `planes` how many of how many it says there are.
    """

    state: str
    reason: str = ""
    first_image: str | None = None
    ended_as: str = ""
    planes: tuple[int, int] = (0, 0)


def glance(path: Path | str) -> Glance:
    """What kind of store it is; what cannot be read is damaged, and the reason says why.

    Whether every field is there is not looked at: `info` does that.
    """
    root = whole_path(path)
    try:
        return _glance(root)
    except StoreError as problem:
        return Glance("damaged", str(problem))
    except (AttributeError, KeyError, TypeError, ValueError):
        return Glance("damaged", f"the metadata of {root} makes no sense")
    except OSError as problem:
        return Glance("damaged", f"{root} cannot be read: {problem.strerror or problem}")


def store_stamp(path: Path | str) -> tuple[int, ...]:
    """Times that change when the store does: as long as they are the same, so is what was seen."""
    root = whole_path(path)
    return tuple(_time(place) for place in (root, journal_path(root), *(root / t for t in TELLING)))


def _glance(root: Path) -> Glance:
    record = read_record(root)
    if not is_store(root):
        story = read_journal(root)
        if story is not None and story.alive:
            return Glance("recording", "it is being made")
        return Glance("damaged", f"{root} holds no Zarr metadata")
    zarr_format, attributes = read_attributes(root)
    ome = attributes.get("ome", attributes)
    ome = ome if isinstance(ome, dict) else {}
    first = next(image_paths(root), None)
    if record is not None:
        state, reason = recorded_state(root, record)
        planes = (int(record.get("acquired") or 0), int(record.get("planned") or 0))
        return Glance(state, reason, first, recorded_end(root, record), planes)
    if not any(key in ome for key in IMAGES):
        return _without_images(root)
    current = zarr_format == 3 and str(ome.get("version") or "0.4") >= CURRENT
    return Glance("foreign" if current else "legacy", "", first)


def _without_images(root: Path) -> Glance:
    """Zarr without NGFF: an older layout that `migrate` knows, or somebody's array."""
    if any(is_store(root / place) for place in LEGACY_IMAGES):
        return Glance("legacy", "its pixels lie as they did before NGFF: migrate it")
    return Glance("foreign", "it holds no OME-Zarr image: ingest it, and say what its axes are")


def _time(place: Path) -> int:
    try:
        return os.stat(place).st_mtime_ns  # noqa: PTH116 - thousands of them
    except OSError:
        return 0
