"""Keep what an analysis made that is no image: arrays as Zarr, everything else as JSON.

`parfocal/results/<analysis>/<run>` is a Zarr group: each array is an array in it, and what JSON can
say stands in its attributes under `values`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._files import read_json, write_json
from parfocal.store._layout import EXTRAS, LATEST, RESULT_DATA, whole_path
from parfocal.store._metadata import group
from parfocal.store._provenance import plain
from parfocal.store._results_names import accepted_name

LARGEST_CHUNK = 2**20  # elements


def write_values(place: Path, analysis: str, run: str, values: Mapping[str, Any]) -> None:
    """Write them into a folder that nobody reads yet."""
    place.mkdir(parents=True)
    told: dict[str, Any] = {}
    for name, value in values.items():
        accepted_name(name, "a value", place)
        if isinstance(value, np.ndarray):
            _write_array(place / name, value)
        else:
            told[name] = plain(value)
    ours = {"analysis": analysis, "run": run, "values": told, "arrays": _arrays(values)}
    write_json(place / "zarr.json", group({EXTRAS: ours}))


def read_result_values(store: Path | str, analysis: str, run: str | None = None) -> dict[str, Any]:
    """What a run of an analysis made that is no image; of its newest run, when none is named."""
    root = whole_path(store)
    folder = root / RESULT_DATA / analysis
    if run is None:
        run = newest_values(root, analysis)
    place = folder / (run or LATEST)
    if run is None or not (place / "zarr.json").is_file():
        raise StoreError(f"{root} holds no values of the analysis {analysis!r}, run {run!r}")
    try:
        told = read_json(place / "zarr.json")["attributes"][EXTRAS]
        arrays = {name: read_array(place / name) for name in told["arrays"]}
        return {**told["values"], **arrays}
    except (KeyError, TypeError, ValueError) as problem:
        raise StoreError(f"{place} cannot be read: {problem}") from problem


def newest_values(root: Path, analysis: str) -> str | None:
    """The newest run of an analysis that left values."""
    file = root / RESULT_DATA / analysis / "zarr.json"
    told = read_json(file).get("attributes", {}).get(EXTRAS, {}) if file.is_file() else {}
    run = told.get(LATEST) if isinstance(told, dict) else None
    return run if isinstance(run, str) else None


def read_array(place: Path) -> NDArray[Any]:
    """A small array, whole."""
    found: NDArray[Any] = ts.open(_spec(place), read=True).result().read().result()
    return found


def _write_array(place: Path, value: NDArray[Any]) -> None:
    if value.dtype.kind not in "biufc":
        raise StoreError(f"{place} cannot hold an array of {value.dtype}")
    chunk = list(value.shape)
    while int(np.prod(chunk)) > LARGEST_CHUNK:
        longest = chunk.index(max(chunk))
        chunk[longest] = -(-chunk[longest] // 2)
    single = value.dtype.itemsize == 1
    little = {"name": "bytes", "configuration": {"endian": "little"}}
    metadata = {
        "shape": list(value.shape),
        "data_type": value.dtype.name,
        "chunk_grid": {
            "name": "regular",
            "configuration": {"chunk_shape": [max(1, length) for length in chunk]},
        },
        "codecs": [
            {"name": "bytes"} if single else little,
            {"name": "zstd", "configuration": {"level": 1, "checksum": False}},
            {"name": "crc32c"},
        ],
    }
    spec = {**_spec(place), "metadata": metadata, "store_data_equal_to_fill_value": True}
    try:
        ts.open(spec, create=True).result().write(value).result()
    except ValueError as problem:
        raise StoreError(f"{place} cannot be written: {problem}") from problem


def _arrays(values: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, value in values.items() if isinstance(value, np.ndarray))


def _spec(place: Path) -> dict[str, Any]:
    return {"driver": "zarr3", "kvstore": {"driver": "file", "path": f"{place.as_posix()}/"}}
