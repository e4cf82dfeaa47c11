"""Export a store, of whoever made it: its planes, or the largest along an axis, as one file."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._export_source import open_source
from parfocal.store._export_store import write_store
from parfocal.store._files import sync_to_disk
from parfocal.store._images import image_map
from parfocal.store._info import store_state
from parfocal.store._journal import refuse_while_recorded
from parfocal.store._layout import is_store, journal_path, sibling, store_around, whole_path
from parfocal.store._metadata import read_record
from parfocal.store._ngff import find_images
from parfocal.store._place import Place
from parfocal.store._planes import read_planes
from parfocal.store._product import PROJECTED, Product
from parfocal.store._progress import Course, Progress

BUDGET_BYTES = 512 * 2**20
TIFF = (".tif", ".tiff")
ZARR = ".zarr"
FULL_BELOW = 2**20
# 255 is what file systems take; the name under which it is made is longer by up to 25
LONGEST_NAME_BYTES = 230


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: the file, its images and planes, and the source's missing planes."""

    file: Path
    images: int
    planes: int
    missing: int

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "file": str(self.file),
            "images": self.images,
            "planes": self.planes,
            "missing": self.missing,
        }


def export(
    path: Path | str,
    output: Path | str,
    *,
    mip: str | None = None,
    volume: bool = False,
    overwrite: bool = False,
    budget_bytes: int = BUDGET_BYTES,
    progress: Progress | None = None,
    cancelled: Event | None = None,
    made: Mapping[str, NDArray[Any]] | None = None,
) -> ExportReport:
    """Write the largest along the axis `mip` (t, c, z, y, x), or the whole `volume`.

    The name of `output` says what it is: .tif, .tiff or .ome.tif an OME-TIFF, .ome.zarr a store.
    It appears when it is complete, and a refused, failed or cancelled export leaves nothing. What
    was projected already, as the store was made, is given as `made`, by the path of its array.
    """
    root, file = whole_path(path), whole_path(output)
    _refuse(root, file, mip, volume=volume, overwrite=overwrite)
    products = _products(root, mip, budget_bytes, made or {})
    course = Course(f"the export to {file}", progress, cancelled)
    course.total = float(sum(product.source_bytes for product in products))
    if file.suffix == ZARR:
        with _new_store(file) as fresh:
            write_store(fresh, _stem(file), root, products, course, cancelled)
    else:
        from parfocal.store._export_tiff import write_tiff  # tifffile costs 0.1 s

        with _new_file(file) as fresh:
            write_tiff(fresh, products, course)
    planes = sum(int(product.held.sum()) for product in products)
    missing = sum(product.left_out for product in products)
    return ExportReport(file, len(products), planes, missing)


def _refuse(root: Path, file: Path, mip: str | None, *, volume: bool, overwrite: bool) -> None:
    if (mip is None) is not volume:
        raise StoreError("an export is either a projection along an axis or the whole volume")
    if mip is not None and mip not in PROJECTED:
        raise StoreError(f"there is no axis {mip!r}; there are {', '.join(PROJECTED)}")
    if file.suffix.lower() not in TIFF and file.suffix != ZARR:
        raise StoreError(f"{file} is neither .ome.tif, .tif, .tiff nor .ome.zarr")
    if file.name.startswith(".ome."):
        raise StoreError(f"{file} has no name before its ending")
    if (length := len(os.fsencode(file.name))) > LONGEST_NAME_BYTES:
        raise StoreError(
            f"the name of {file} has {length} bytes; shorten it to {LONGEST_NAME_BYTES} or fewer"
        )
    if not file.parent.is_dir():
        raise StoreError(f"{file} cannot be made: there is no folder {file.parent}")
    # resolve() throws at a link that leads to itself
    real, source = Path(os.path.realpath(file)), Path(os.path.realpath(root))
    if real == source or source in real.parents or real in source.parents:
        raise StoreError(f"{file} would lie in the way of {root}, from which it is made")
    if (around := store_around(file)) is not None:
        raise StoreError(f"{file} would lie inside the store {around}; choose a place outside")
    if not (file.exists() or file.is_symlink()):
        return
    if not overwrite:
        raise StoreError(f"{file} exists already: choose another name, or overwrite it")
    refuse_while_recorded(file)
    if file.is_dir() and (file.suffix != ZARR or not is_store(file)):
        raise StoreError(f"{file} is no OME-Zarr store, so it is not overwritten")
    if not file.is_dir() and file.suffix == ZARR:
        raise StoreError(f"{file} is a file and no OME-Zarr store, so it is not overwritten")


def _products(
    root: Path, mip: str | None, budget_bytes: int, made: Mapping[str, NDArray[Any]]
) -> list[Product]:
    images = find_images(root)
    if not images:
        raise StoreError(f"{root} is a Zarr store, but holds no OME-Zarr image")
    record = read_record(root)
    states = None
    if record is not None:
        if store_state(root, record, images)[0] == "recording":
            raise StoreError(f"{root} is being recorded right now; export it after the run")
        states = read_planes(root)
    places = {place.path: place for place in image_map(record, images)}
    context = ts.Context(
        {
            # a chunk of several planes is decoded once and not once a plane
            "cache_pool": {"total_bytes_limit": budget_bytes // 4},
            "data_copy_concurrency": {"limit": max(2, os.cpu_count() or 2)},
        }
    )
    products = []
    for image in images:
        source = open_source(root, image, places[image.path], states, context)
        product = Product(source, mip, budget_bytes)
        known = made.get(f"{image.path}/{image.levels[0].path}")
        if known is not None:
            product.made = _fitting(root, product, known)
        products.append(product)
    return products


def _fitting(root: Path, product: Product, made: NDArray[Any]) -> NDArray[Any]:
    if (made.shape, made.dtype) != (product.shape, np.dtype(product.source.dtype)):
        raise StoreError(
            f"{made.dtype} {made.shape} is no projection of {root / product.source.place.path}, "
            f"which would be {product.source.dtype} {product.shape}"
        )
    return made


@contextmanager
def _new_store(file: Path) -> Iterator[Path]:
    """A store beside `file` that takes its place when it is complete."""
    fresh = sibling(file, "exporting")
    try:
        with _sentences(file):
            yield fresh
            if file.exists():
                Place(fresh, file, ()).publish()
            else:
                fresh.rename(file)
                sync_to_disk(file.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        journal_path(fresh).unlink(missing_ok=True)


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file beside `file` that takes its place when it is complete."""
    fresh = file.with_name(f".{file.name}.exporting-{os.getpid()}")
    try:
        with _sentences(file):
            yield fresh
            sync_to_disk(fresh)
            fresh.replace(file)
            sync_to_disk(file.parent)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _sentences(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        # NumPy says "1000 requested and 512 written" and no errno
        full = problem.errno is None and shutil.disk_usage(file.parent).free < FULL_BELOW
        why = "the disk is full" if full else problem.strerror or problem
        raise StoreError(f"{file} cannot be written: {why}") from problem


def _stem(file: Path) -> str:
    return file.name.removesuffix(ZARR).removesuffix(".ome")
