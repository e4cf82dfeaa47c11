"""Write a small store as programs wrote them years ago, so that migrating can be tried."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import useq
from numpy.typing import NDArray

from parfocal import ParfocalError
from parfocal.plan import Experiment, Phase
from parfocal.scope import open_microscope
from parfocal.store import StoreReader
from parfocal.wiring import prepare_run

__all__ = ["write_old_store"]

SIDE = 256  # pixels
TIMES, PLANES, CHANNELS = 2, 3, ("DAPI", "FITC")
PLACES_UM = ((0.0, 0.0), (150.0, 0.0))  # x, y of the stage
PACKED = numcodecs.Blosc("lz4", 5, numcodecs.Blosc.SHUFFLE)


def write_old_store(path: Path) -> None:
    """Make a Zarr v2 store of what the demo microscope sees: all positions in one array (t, p, c,
    z, y, x) with a coarser one beside it. How large a voxel is stands nowhere, as in many."""
    if path.exists():
        raise ParfocalError(f"{path} is there already; say another name, or take it away")
    if not (parent := path.absolute().parent).is_dir():
        raise ParfocalError(f"the folder {parent} for the store does not exist; make it first")
    pixels = _pixels()
    try:
        path.mkdir()
        _write_array(path / "data", pixels)
        _write_array(path / "data_pyramid" / "level_1", pixels[..., ::2, ::2])
        for group in (path, path / "data_pyramid"):
            _write_json(group / ".zgroup", {"zarr_format": 2})
        rows = [{"x": x, "y": y, "z": 0.0} for x, y in PLACES_UM]
        told = {"stage_rows": rows, "data_pyramid_factors_tpczyx": [[1] * 6, [1, 1, 1, 1, 2, 2]]}
        _write_json(path / ".zattrs", told)
    except OSError as error:
        raise ParfocalError(f"{path} cannot be written: {error.strerror}") from error


def _pixels() -> NDArray[np.uint16]:
    sequence = useq.MDASequence(
        time_plan=useq.TIntervalLoops(interval=0.1, loops=TIMES),  # type: ignore[arg-type] # pydantic casts seconds
        z_plan=useq.ZRangeAround(range=2.0 * (PLANES - 1), step=2),
        channels=tuple(useq.Channel(config=name, exposure=5) for name in CHANNELS),
        stage_positions=tuple(useq.Position(x=x, y=y, z=0) for x, y in PLACES_UM),
    )
    experiment = Experiment(name="old", items=(Phase(sequence=sequence),))
    microscope = open_microscope("demo", camera_size=(SIDE, SIDE))
    try:
        with tempfile.TemporaryDirectory(prefix="parfocal-old-") as folder:
            store = Path(folder) / "run.ome.zarr"
            session = prepare_run(experiment, microscope, store, live=False)
            session.run.execute()
            session.close()
            reader = StoreReader(store)
            shape = (TIMES, len(PLACES_UM), len(CHANNELS), PLANES, SIDE, SIDE)
            seen = np.empty(shape, np.uint16)
            for t, p, c, z in np.ndindex(shape[:4]):
                seen[t, p, c, z] = reader.plane((t, p, c, z))
    finally:
        microscope.close()
    return seen


def _write_array(folder: Path, pixels: NDArray[np.uint16]) -> None:
    folder.mkdir(parents=True)
    for place in np.ndindex(pixels.shape[:4]):
        file = folder / ".".join(str(one) for one in (*place, 0, 0))
        file.write_bytes(PACKED.encode(np.ascontiguousarray(pixels[place])))
    _write_json(
        folder / ".zarray",
        {
            "zarr_format": 2,
            "shape": pixels.shape,
            "chunks": (1, 1, 1, 1, *pixels.shape[4:]),
            "dtype": "<u2",
            "compressor": PACKED.get_config(),
            "fill_value": 0,
            "order": "C",
            "filters": None,
        },
    )


def _write_json(file: Path, value: dict[str, Any]) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
