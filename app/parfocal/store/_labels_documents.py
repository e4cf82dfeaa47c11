"""Say in NGFF's words what labels are: their levels, their place, and the list that names them."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._files import read_json, write_json
from parfocal.store._layout import EXTRAS, is_store
from parfocal.store._metadata import PALETTE, group
from parfocal.store._ngff import read_image, read_ome
from parfocal.store._voxel_size import RESTATED, TRANSFORMATIONS, resolve_voxel_size

FOLDER = "labels"
NGFF_VERSION = "0.5"
AXES = ("t", "c", "z", "y", "x")
METHOD = "every n-th voxel, the first one included"
Rgba = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Layer:
    """A level of an image as its labels need it."""

    path: str
    shape: tuple[int, ...]
    step: tuple[int, int, int]  # z, y, x: how much coarser than the first level
    dataset: dict[str, Any]

    @property
    def labels_shape(self) -> tuple[int, ...]:
        """One channel serves all."""
        return (self.shape[0], 1, *self.shape[2:])


def layers_of(root: Path, image: str) -> list[Layer]:
    """The levels of an image; a strided level begins where the first one does."""
    found = read_image(root, image)
    if found is None or not found.levels or found.levels[0].shape is None:
        raise StoreError(f"{root} holds no image '{image}' to label")
    if tuple(axis.name for axis in found.axes) != AXES or found.levels[0].scale is None:
        raise StoreError(f"{root / image} has not the axes {', '.join(AXES)} with a scale")
    first, layers = found.levels[0], []
    translation = list(first.translation or (0.0,) * 5)
    for number, level in enumerate(found.levels):
        if level.shape is None or level.scale is None:
            raise StoreError(f"{root / image / level.path} is listed, but there is no such level")
        z, y, x = (round(level.scale[n] / first.scale[n]) for n in (2, 3, 4))  # type: ignore[index]  # it has one, see above
        transformations = [
            {"type": "scale", "scale": list(level.scale)},
            {"type": "translation", "translation": translation},
        ]
        dataset = {"path": str(number), TRANSFORMATIONS: transformations}
        layers.append(Layer(str(number), level.shape, (z, y, x), dataset))
    return layers


def label_attributes(
    root: Path,
    image: str,
    name: str,
    layers: Sequence[Layer],
    colors: Mapping[int, Rgba] | None,
    properties: Sequence[Mapping[str, Any]],
    run: str | None,
) -> dict[str, Any]:
    """What the group of a label image says."""
    voxel = resolve_voxel_size(root, image)
    axes = deepcopy(read_ome(root / image)["multiscales"][0]["axes"])
    multiscale = {"name": name, "axes": axes, "datasets": [layer.dataset for layer in layers]}
    if len(layers) > 1:
        multiscale |= levels_told()
    label: dict[str, Any] = {"version": NGFF_VERSION, "source": {"image": "../../"}}
    label |= _values(root / image, colors or {}, properties)
    ours: dict[str, Any] = {
        "voxel_size_um_zyx": [voxel.z, voxel.y, voxel.x],
        RESTATED: voxel.source,
    }
    if run is not None:
        ours["run"] = run
    ome = {"version": NGFF_VERSION, "multiscales": [multiscale], "image-label": label}
    return {"ome": ome, EXTRAS: ours}


def levels_told() -> dict[str, Any]:
    """How the levels of labels are made."""
    return {"type": "stride", "metadata": {"method": "parfocal.store", "description": METHOD}}


def listed_labels(folder: Path) -> tuple[str, ...]:
    """The labels that a `labels` group lists."""
    if not is_store(folder):
        return ()
    names = read_ome(folder).get("labels")
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def list_label(folder: Path, name: str) -> None:
    """Add one to the list; the caller holds the store's lock, so that none is lost."""
    names = listed_labels(folder)
    if name in names:
        return
    document = read_json(folder / "zarr.json") if names else group({})
    attributes = {
        **document.get("attributes", {}),
        "ome": {"version": NGFF_VERSION, "labels": [*names, name]},
    }
    write_json(folder / "zarr.json", {**document, "attributes": attributes})


def unlist_label(folder: Path, name: str) -> None:
    """Take one off the list; the caller holds the store's lock."""
    names = [other for other in listed_labels(folder) if other != name]
    document = read_json(folder / "zarr.json")
    ome = {"version": NGFF_VERSION, "labels": names}
    attributes = {**document.get("attributes", {}), "ome": ome}
    write_json(folder / "zarr.json", {**document, "attributes": attributes})


def _values(
    image: Path, colors: Mapping[int, Rgba], properties: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Colours and properties, each of every value: ome-zarr-models refuses what has only one."""
    known = {int(each["label-value"]): dict(each) for each in properties}
    shown = {0: (0, 0, 0, 0), **{value: _palette(value) for value in known if value}, **colors}
    told: dict[str, Any] = {
        "colors": [_color(image, value, rgba) for value, rgba in sorted(shown.items())]
    }
    if known:
        told["properties"] = [
            known.get(value, {"label-value": int(value)}) for value in sorted(shown)
        ]
    return told


def _palette(value: int) -> Rgba:
    red, green, blue = bytes.fromhex(PALETTE[value % len(PALETTE)])
    return red, green, blue, 255


def _color(image: Path, value: int, rgba: Sequence[int]) -> dict[str, Any]:
    if len(rgba) != 4 or not all(0 <= part <= 255 for part in rgba):
        raise StoreError(f"the colour {tuple(rgba)} of label {value} of {image} is no RGBA")
    return {"label-value": int(value), "rgba": [int(part) for part in rgba]}
