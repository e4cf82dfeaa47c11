"""Write labels of an image plane by plane, while it is recorded or afterwards.

A label image `<image>/labels/<name>` has the axes, scale and place of its image and one channel for
all. It is listed as soon as its metadata are whole, so that a viewer shows it growing; a plane that
has not come reads as 0, no object.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from parfocal.store._component import normal
from parfocal.store._errors import StoreError, cause
from parfocal.store._files import read_json, sync_to_disk, write_json
from parfocal.store._labels_documents import (
    FOLDER,
    Layer,
    Rgba,
    label_attributes,
    layers_of,
    levels_told,
    list_label,
    listed_labels,
    unlist_label,
)
from parfocal.store._layout import whole_path
from parfocal.store._metadata import group
from parfocal.store._ngff import find_images, read_image
from parfocal.store._results_arrays import create_array, open_array, write_planes_at
from parfocal.store._results_names import accepted_name
from parfocal.store._results_place import real_place
from parfocal.store._store_lock import changing, require_own


def write_labels(
    store: Path | str,
    image: str,
    name: str,
    *,
    dtype: DTypeLike = "uint32",
    colors: Mapping[int, Rgba] | None = None,
    properties: Sequence[Mapping[str, Any]] = (),
    run: str | None = None,
    overwrite: bool = False,
) -> "LabelWriter":
    """Begin the labels `name` of the image at this path (`A/1/0`, or one of a result), or go on.

    Labels of this name that are there already go on as they are, unless they are to be written
    anew. `colors` are red, green, blue, alpha (0–255) of each value, `properties` what else is
    known of a value (`label-value`), `run` the analysis run that makes them.
    """
    root = whole_path(store)
    require_own(root)
    place = real_place(root, normal(image))
    folder = root / place / FOLDER
    name = accepted_name(name, "labels", folder)
    kind = np.dtype(dtype).newbyteorder("=")
    if kind.kind not in "iu":
        raise StoreError(f"the labels {name!r} of {root / place} cannot be {kind}: give integers")
    path = f"{place}/{FOLDER}/{name}"
    with changing(root):
        layers = layers_of(root, place)
        try:
            if overwrite or not (root / path / "zarr.json").is_file():
                attributes = label_attributes(root, place, name, layers, colors, properties, run)
                _lay_down(root / path, layers, kind, attributes)
            list_label(folder, name)
        except OSError as problem:
            raise StoreError(f"{root / path} cannot be written: {cause(problem)}") from problem
    return LabelWriter(root, place, path)


class LabelWriter:
    """Labels that are being written, from any thread and in any order of planes."""

    def __init__(self, root: Path, image: str, path: str) -> None:
        self._root, self._image = root, image
        self.path = path
        self._lock = Lock()
        self._layers: list[Layer] = []
        self._arrays: list[Any] = []
        self._known = (0, 0)
        self._open()

    def put(self, t: int, plane: NDArray[Any], z: int = 0) -> None:
        """Write the labels of one timepoint and height; they can be read when this returns.

        An image that grows while it is recorded takes its labels along.
        """
        with self._lock:
            if t >= self._arrays[0].shape[0]:
                self._follow()
            elif self._written() != self._known:  # a pyramid was made meanwhile
                self._open()
            arrays, layers = list(self._arrays), list(self._layers)
        first = arrays[0]
        inside = 0 <= t < first.shape[0] and 0 <= z < first.shape[2]
        if not inside or plane.shape != first.shape[-2:]:
            raise StoreError(
                f"labels t={t} z={z} of shape {plane.shape} do not fit {self._root / self.path}, "
                f"whose shape is {tuple(first.shape)}"
            )
        dtype = first.dtype.numpy_dtype
        if plane.dtype.kind not in "iub" or not _fits(plane, dtype):
            raise StoreError(
                f"labels t={t} z={z} of type {plane.dtype} do not fit {self._root / self.path}, "
                f"which holds {dtype}"
            )
        values = plane.astype(dtype)
        for number in range(len(arrays) - 1, -1, -1):  # the finest last: it says that all is there
            step = layers[number].step
            if z % step[0] == 0 and z // step[0] < layers[number].shape[2]:
                height, width = layers[number].shape[-2:]
                coarse = values[:: step[1], :: step[2]][:height, :width]
                place = self._root / self.path / layers[number].path
                index = (t, 0, z // step[0])
                write_planes_at(arrays[number], place, index, np.ascontiguousarray(coarse)[None])

    def reaches(self, t: int) -> bool:
        """Whether the image is long enough by now to have labels at this timepoint.

        A stream's image gets longer when a shard of it is on the disk, and not with each frame.
        """
        with self._lock:
            if t >= self._arrays[0].shape[0]:
                self._follow()
            return bool(t < self._arrays[0].shape[0])

    def close(self) -> None:
        """Give them the length and the levels that the image has now, and flush them."""
        with self._lock:
            self._follow()
        try:
            for file in sorted((self._root / self.path).rglob("*")):
                sync_to_disk(file)
        except OSError as problem:
            raise StoreError(f"{self._root / self.path}: {cause(problem)}") from problem

    def _written(self) -> tuple[int, int]:
        told = (self._root / self.path / "zarr.json").stat()
        return told.st_ino, told.st_mtime_ns

    def _open(self) -> None:
        group_place = self._root / self.path
        self._known = self._written()
        self._layers = layers_of(self._root, self._image)
        listed = read_image(self._root, self.path)
        count = len(listed.levels) if listed is not None else 0
        self._layers = self._layers[:count] or self._layers
        self._arrays = [open_array(group_place / one.path, write=True) for one in self._layers]

    def _follow(self) -> None:
        follow_image(self._root, self._image, self.path)
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_labels(store: Path | str, image: str, name: str, level: int = 0) -> Any:
    """The TensorStore handle of a label image."""
    root = whole_path(store)
    place = f"{real_place(root, normal(image))}/{FOLDER}/{name}"
    found = read_image(root, place)
    if found is None or not 0 <= level < len(found.levels):
        raise StoreError(f"{root} holds no labels '{place}' with a level {level}")
    return open_array(root / place / found.levels[level].path)


def remove_labels(store: Path | str, image: str, name: str) -> None:
    """Take labels out of a store: those of an analysis that was stopped, say."""
    root = whole_path(store)
    require_own(root)
    folder = root / real_place(root, normal(image)) / FOLDER
    with changing(root):
        try:
            if name in listed_labels(folder):
                unlist_label(folder, name)
            shutil.rmtree(folder / name, ignore_errors=True)
            if not listed_labels(folder):  # a list of nothing is no NGFF
                shutil.rmtree(folder, ignore_errors=True)
        except OSError as problem:
            raise StoreError(f"{folder / name} cannot be removed: {cause(problem)}") from problem


def list_labels(store: Path | str) -> dict[str, tuple[str, ...]]:
    """The labels of each image of a store, those without any left out."""
    root = whole_path(store)
    found = {image.path: listed_labels(root / image.path / FOLDER) for image in find_images(root)}
    return {path: names for path, names in found.items() if names}


def follow_images(store: Path | str) -> None:
    """Give all labels the length and the levels of their images, which got others meanwhile."""
    root = whole_path(store)
    for image, names in list_labels(root).items():
        for name in names:
            follow_image(root, image, f"{image}/{FOLDER}/{name}")


def follow_image(root: Path, image: str, path: str) -> None:
    """The same for one label image; levels take every n-th voxel, since a mean is no label."""
    label = read_image(root, path)
    if label is None or not label.levels or label.levels[0].shape is None:
        raise StoreError(f"{root / path} holds no labels")
    layers = layers_of(root, image)
    if [layer.labels_shape for layer in layers] == [level.shape for level in label.levels]:
        return
    with changing(root):
        try:
            dtype = np.dtype(label.levels[0].dtype)
            for layer in layers:
                file = root / path / layer.path / "zarr.json"
                if file.is_file():
                    document = read_json(file)
                    document["shape"][0] = layer.shape[0]
                    write_json(file, document)
                else:
                    _make_level(root / path, layers[0], layer, dtype)
            document = read_json(root / path / "zarr.json")
            scales = document["attributes"]["ome"]["multiscales"]
            scales[0]["datasets"] = [layer.dataset for layer in layers]
            scales[0].update(levels_told() if len(layers) > 1 else {})
            write_json(root / path / "zarr.json", document)
        except OSError as problem:
            raise StoreError(f"{root / path} cannot be written: {cause(problem)}") from problem


def _make_level(place: Path, first: Layer, layer: Layer, dtype: "np.dtype[Any]") -> None:
    create_array(place / layer.path, layer.labels_shape, dtype, codec="zstd")
    whole = open_array(place / first.path)
    coarse = open_array(place / layer.path, write=True)
    z_step, y_step, x_step = layer.step
    for t in range(layer.shape[0]):
        for z in range(layer.shape[2]):
            plane = whole[t, 0, z * z_step].read().result()[::y_step, ::x_step]
            if plane.any():
                index = (t, 0, z)
                write_planes_at(
                    coarse, place / layer.path, index, np.ascontiguousarray(plane)[None]
                )


def _lay_down(
    place: Path, layers: Sequence[Layer], dtype: "np.dtype[Any]", attributes: dict[str, Any]
) -> None:
    """Arrays first: a group that lists them must find them."""
    shutil.rmtree(place, ignore_errors=True)
    for layer in layers:
        create_array(place / layer.path, layer.labels_shape, dtype, codec="zstd")
    write_json(place / "zarr.json", group(attributes))


def _fits(plane: NDArray[Any], dtype: "np.dtype[Any]") -> bool:
    if plane.dtype == dtype or plane.dtype.kind == "b" or not plane.size:
        return True
    limits = np.iinfo(dtype)
    return int(plane.min()) >= limits.min and int(plane.max()) <= limits.max
