"""Make the coarser levels of an image that nobody reads yet, a few planes at a time."""

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.store._downsample import Downsampling, downsample
from parfocal.store._errors import StoreError
from parfocal.store._files import read_json, write_json
from parfocal.store._ngff import read_image
from parfocal.store._pyramid_plan import FACTORS, METHOD, LevelPlan, plan_levels
from parfocal.store._results_arrays import create_array, open_array, write_planes_at

AT_ONCE_BYTES = 64 * 2**20


def write_levels(
    collection: Path, path: str, method: Downsampling | None, planes_a_shard: int
) -> None:
    """Make all levels that the image should have, and list them; none without a method."""
    image = read_image(collection, path)
    plans = [] if image is None or method is None else list(plan_levels(image, method))
    for plan in plans:
        _write_level(collection / path, plan, planes_a_shard)
    if plans:
        list_levels(collection / path, plans)


def list_levels(group: Path, plans: list[LevelPlan]) -> None:
    """Say in the image's metadata that it has these levels, and how they were made."""
    document = read_json(group / "zarr.json")
    multiscale = document["attributes"]["ome"]["multiscales"][0]
    multiscale["datasets"] = [multiscale["datasets"][0], *(plan.dataset() for plan in plans)]
    multiscale["type"] = plans[0].method
    multiscale["metadata"] = {"method": "parfocal.store", "args": [plans[0].method]}
    write_json(group / "zarr.json", document)


def _write_level(group: Path, plan: LevelPlan, planes_a_shard: int) -> None:
    finer = open_array(group / str(plan.source))
    dtype = finer.dtype.numpy_dtype
    place = group / plan.path
    depth = min(planes_a_shard, plan.shape[2])
    attributes: dict[str, Any] = {FACTORS: list(plan.factors), METHOD: plan.method}
    create_array(place, plan.shape, dtype, planes_a_shard=depth, attributes=attributes)
    array = open_array(place, write=True)
    step = plan.step[0]
    plane_bytes = prod(finer.shape[-2:]) * dtype.itemsize * step
    # a whole shard at once, or it would be written again for each part
    run = depth if depth > 1 else max(1, min(plan.shape[2], AT_ONCE_BYTES // plane_bytes))
    for t, c in np.ndindex(*plan.shape[:2]):
        for z in range(0, plan.shape[2], run):
            last = min(z + run, plan.shape[2])
            try:
                planes = finer[t, c, z * step : min(last * step, finer.shape[2])].read().result()
            except ValueError as problem:
                raise StoreError(f"{group / str(plan.source)}: {problem}") from problem
            made = [
                downsample(planes[n * step : (n + 1) * step], plan.step[1:], plan.method)
                for n in range(last - z)
            ]
            write_planes_at(array, place, (t, c, z), np.stack(made))
