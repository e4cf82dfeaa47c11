"""Analyse, ingest and export: what other processes and other formats have to do with."""

import time

import numpy as np
import tifffile

from parfocal.cli.selftest._course import Course, SelfTestError
from parfocal.cli.selftest._recording import check_store
from parfocal.convert import Batch, BatchItem, forget_batch, look_at_batch, start_batch
from parfocal.react import analyse_again, pipeline_from
from parfocal.store import StoreReader, export, write_pyramid

__all__ = ["analyse", "export_store", "ingest", "make_levels"]

INGEST_S = 60.0
LOOK_S = 0.05
SHAPE = (3, 96, 128)


def make_levels(course: Course) -> str:
    """Make the coarser levels of the living demo's store, which viewers use."""
    store = course.made("record-demo")
    write_pyramid(store)
    return check_store(store)


def analyse(course: Course) -> str:
    """Find and follow the cells of the living demo's store, in processes of their own."""
    pipeline = pipeline_from(
        {"segment": "otsu", "measure": ["shape"], "track": "laptrack"}, "selftest"
    )
    done = analyse_again(course.made("record-demo"), pipeline, name="cells", processes=2)
    if not done.cells:
        raise SelfTestError("no cell was found in pictures that are full of them")
    return f"{done.cells} cells, {done.tracks} tracks"


def ingest(course: Course) -> str:
    """Have the conversion's worker make a store of a small OME-TIFF, and compare the pixels."""
    source, store = course.folder / "foreign.ome.tif", course.folder / "ingested.ome.zarr"
    pixels = np.random.default_rng(1).integers(0, 2**16, SHAPE, dtype=np.uint16)
    voxel = {"PhysicalSizeX": 0.2, "PhysicalSizeY": 0.2, "PhysicalSizeZ": 1.0}
    tifffile.imwrite(source, pixels, compression="zlib", metadata={"axes": "ZYX", **voxel})
    batch = Batch.create([BatchItem(source, store, "ingest")])
    try:
        start_batch(batch)
        patience = time.monotonic() + INGEST_S
        while not (seen := look_at_batch(batch)).progress.over:
            if time.monotonic() > patience or seen.interrupted:
                raise SelfTestError(f"the worker ended or hangs; {batch.folder} has its log")
            time.sleep(LOOK_S)
        (item,) = seen.progress.items
    finally:
        forget_batch(batch)
    if item.problem:
        raise SelfTestError(item.problem)
    reader = StoreReader(store)
    for z, plane in enumerate(pixels):
        if not np.array_equal(reader.plane((0, 0, 0, z)), plane):
            raise SelfTestError(f"plane {z} of {store} is not that of {source}")
    return f"{len(pixels)} planes, {check_store(store)}"


def export_store(course: Course) -> str:
    """Write an OME-TIFF of a store, read it again, and compare the pixels."""
    store, file = course.made("record-demo-camera"), course.folder / "export.ome.tif"
    report = export(store, file, volume=True)
    first = StoreReader(store).plane((0, 0, 0, 0))
    with tifffile.TiffFile(file) as tiff:
        if not tiff.is_ome or not np.array_equal(tiff.pages.first.asarray(), first):
            raise SelfTestError(f"{file} does not hold what {store} holds")
    mip = export(store, course.folder / "mip.ome.zarr", mip="z")
    check_store(mip.file)
    return f"{report.planes} planes as OME-TIFF, {mip.planes} as a store"
