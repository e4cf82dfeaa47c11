"""Put one layer in the place of another in napari's list, as if nothing had happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# What a user may have chosen. The limits' range comes first: napari cuts the limits to it.
_CHOSEN = (
    "opacity",
    "blending",
    "colormap",
    "contrast_limits_range",
    "contrast_limits",
    "gamma",
    "interpolation2d",
    "interpolation3d",
    "rendering",
    "attenuation",
    "iso_threshold",
    "visible",
)


def wear_look(layer: Any, other: Any) -> None:
    """Have the layer look as the other one."""
    for name in _CHOSEN:
        setattr(layer, name, getattr(other, name))


def exchange(viewer: Any, old: Any, new: Any) -> None:
    """Put the new layer where the old one is: order, selection, sliders and view stay."""
    layers = viewer.layers
    name, active = new.name, layers.selection.active
    selected = set(layers.selection)
    with keeping_view(viewer):
        layers.insert(layers.index(old) + 1, new)
        layers.remove(old)
        new.name = name
    layers.selection = {new if one is old else one for one in selected}
    layers.selection.active = new if active is old else active


def put_back(viewer: Any, layer: Any, place: int) -> None:
    """Insert a layer without making it the selected one."""
    layers = viewer.layers
    active, selected = layers.selection.active, set(layers.selection)
    with keeping_view(viewer):
        layers.insert(min(place, len(layers)), layer)
    layers.selection = selected
    layers.selection.active = active


@contextmanager
def keeping_view(viewer: Any) -> Iterator[None]:
    """Camera and sliders are after the block where they were before it."""
    camera, dims = viewer.scene.camera, viewer.dims
    seen, point = (camera.center, camera.zoom, camera.angles), dims.point
    # An empty window's view was reset when its last layer went, and fits the next one.
    empty = not viewer.layers
    yield
    if not empty:
        camera.center, camera.zoom, camera.angles = seen
    if len(dims.point) == len(point) and dims.point != point:
        dims.point = point
