"""Choose how bright each channel is shown at first, from a few planes of the lowest level."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._files import read_json, write_json
from parfocal.store._ngff import Image, find_images
from parfocal.store._present import present_planes, sharding_of
from parfocal.store._progress import Course
from parfocal.store._store_lock import changing

PERCENTILES = (1.0, 95.0)
SAMPLED_IMAGES = 16
SAMPLED_FRAMES = 3
SAMPLED_EDGE = 512

Sample = NDArray[Any]


def write_contrast(root: Path, course: Course) -> None:
    """Give each channel for which nobody chose a window one, the same in all images."""
    images = find_images(root)
    samples: dict[str, list[Sample]] = {}
    picked = {round(n) for n in np.linspace(0, len(images) - 1, min(SAMPLED_IMAGES, len(images)))}
    for number in sorted(picked):
        image = images[number]
        unset = _unset(root, image)
        for channel, name in enumerate(image.channels):
            if name in unset:
                course.advance(0)
                samples.setdefault(name, []).extend(_samples(root, image, channel))
    windows = {name: limits(np.concatenate(found)) for name, found in samples.items() if found}
    for image in images:
        course.advance(0)
        if not windows.keys() & _unset(root, image):
            continue
        with changing(root):
            _write(root / image.path / "zarr.json", windows)


def limits(sample: Sample) -> tuple[float, float]:
    """The 1st and 95th percentile of the pixels that are numbers; never the same one twice."""
    finite = sample[np.isfinite(sample)] if sample.dtype.kind == "f" else sample
    if not finite.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(finite, PERCENTILES))
    if high <= low:
        high = max(float(finite.max()), np.nextafter(low, np.inf, dtype=np.float64).item())
    if finite.dtype.kind != "f" and high <= low + 1:
        high = low + 1
    return low, high


def _unset(root: Path, image: Image) -> set[str]:
    """The channels whose window is the whole range of the type, as it is when nobody chose."""
    document = read_json(root / image.path / "zarr.json")
    entries = document["attributes"]["ome"].get("omero", {}).get("channels", [])
    return {str(entry["label"]) for entry in entries if _is_unset(entry)}


def _is_unset(entry: dict[str, Any]) -> bool:
    window = entry.get("window", {})
    told = (window.get("start"), window.get("end"))
    return "label" in entry and told == (window.get("min"), window.get("max"))


def _samples(root: Path, image: Image, channel: int) -> list[Sample]:
    """The middle of a few planes, spread over time, at half of the depth."""
    array = root / image.path / image.levels[-1].path
    if sharding_of(array) is None:
        return []
    held = present_planes(array)[:, channel]
    places = np.argwhere(held)
    if not len(places):
        return []
    middle = places[
        np.abs(places[:, 1] - held.shape[1] // 2) == np.abs(places[:, 1] - held.shape[1] // 2).min()
    ]
    chosen = {round(n) for n in np.linspace(0, len(middle) - 1, min(SAMPLED_FRAMES, len(middle)))}
    kvstore = {"driver": "file", "path": f"{array.as_posix()}/"}
    found = []
    try:
        opened = ts.open({"driver": "zarr3", "kvstore": kvstore}, open=True, read=True).result()
        for number in sorted(chosen):
            t, z = (int(value) for value in middle[number])
            plane = opened[t, channel, z]
            inside = tuple(
                slice(max(0, (n - SAMPLED_EDGE) // 2), min(n, (n + SAMPLED_EDGE) // 2))
                for n in plane.shape
            )
            found.append(np.asarray(plane[inside].read().result()).ravel())
    except ValueError as problem:
        raise StoreError(f"{array} cannot be read: {problem}") from problem
    return found


def _write(file: Path, windows: dict[str, tuple[float, float]]) -> None:
    document = read_json(file)
    for entry in document["attributes"]["ome"]["omero"]["channels"]:
        if _is_unset(entry) and entry["label"] in windows:
            low, high = windows[entry["label"]]
            window = entry["window"]
            window["start"], window["end"] = low, high
            # a float has no range of its own
            window["min"], window["max"] = min(window["min"], low), max(window["max"], high)
    write_json(file, document)
