"""Take down how a napari window looks, and make it look so again.

What a key frame does not say stays as it is, and what it says of layers that are not here, or
that napari does not take, is passed over: key frames are also used on other stores.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, TypeGuard

from napari.layers import Labels
from napari.utils.colormaps import AVAILABLE_COLORMAPS, Colormap

KEY = "parfocal_key"
_OF = "parfocal"  # where the layers of images say what they are of
_COMPONENTS = ("well", "field", "channel", "z", "time")
_CAMERA = {"zoom": (1e-9, 1e9), "perspective": (0.0, 180.0)}
_PLAIN = ("visible", "opacity", "blending", "gamma")
# napari takes any gamma, and draws nothing with one of 0
_RANGES = {"opacity": (0.0, 1.0), "gamma": (0.01, 100.0)}


def look_of(viewer: Any) -> dict[str, Any]:
    """The view, the camera and the layers as JSON values."""
    dims, camera = viewer.dims, viewer.scene.camera
    steps = zip(dims.axis_labels, dims.current_step, strict=True)
    return {
        "view": {
            "step": {label: int(step) for label, step in steps},
            "displayed": [dims.axis_labels[axis] for axis in dims.displayed],
        },
        "camera": {
            "center": [float(number) for number in camera.center],
            "angles": [float(number) for number in camera.angles],
            **{name: float(getattr(camera, name)) for name in _CAMERA},
        },
        "layers": {layer_key(layer): _layer(layer) for layer in viewer.layers},
    }


def wear_look(viewer: Any, frame: Mapping[str, Any]) -> int:
    """Make the window look like this key frame; returns how many of its layers are not here."""
    view, camera = _part(frame, "view"), _part(frame, "camera")
    _show_axes(viewer.dims, view.get("displayed"))
    labels = list(viewer.dims.axis_labels)
    steps = {labels.index(k): v for k, v in _part(view, "step").items() if k in labels}
    wanted = {axis: step for axis, step in steps.items() if _is_number(step)}
    viewer.dims.set_current_step(list(wanted), [int(step) for step in wanted.values()])
    for name, count in (("center", 3), ("angles", 3)):
        value = camera.get(name)
        if isinstance(value, list) and len(value) == count and all(map(_is_number, value)):
            setattr(viewer.scene.camera, name, tuple(value))
    for name, (least, most) in _CAMERA.items():
        if _is_number(camera.get(name)) and least <= camera[name] <= most:
            _try(viewer.scene.camera, name, camera[name])
    there = {layer_key(layer): layer for layer in viewer.layers}
    told = _part(frame, "layers")
    for key in told.keys() & there.keys():
        _wear(there[key], _part(told, key))
    return len(told.keys() - there.keys())


def layer_key(layer: Any) -> str:
    """What stays when a user gives the layer another name; its name where it is none of ours."""
    of = layer.metadata.get(_OF)
    if isinstance(of, Mapping) and "step" in of:
        parts = [f"{name} {of[name]}" for name in _COMPONENTS if of.get(name) is not None]
        return " · ".join([str(of["step"]), *parts])
    return str(layer.metadata.get(KEY, layer.name))


def _layer(layer: Any) -> dict[str, Any]:
    look = {name: getattr(layer, name) for name in _PLAIN if hasattr(layer, name)}
    look = {k: v if isinstance(v, bool | float | int) else str(v) for k, v in look.items()}
    if limits := getattr(layer, "contrast_limits", None):
        look["contrast_limits"] = [float(limit) for limit in limits]
    if (colormap := _colormap(layer)) is not None:
        look["colormap"] = colormap
    return look


def _colormap(layer: Any) -> Any | None:
    colormap = None if isinstance(layer, Labels) else getattr(layer, "colormap", None)
    if not isinstance(colormap, Colormap):
        return colormap if isinstance(colormap, str) else None
    if colormap.name in AVAILABLE_COLORMAPS or colormap.name.startswith("#"):
        return colormap.name
    return {
        "name": colormap.name,
        "colors": [[float(part) for part in color] for color in colormap.colors],
        "controls": [float(control) for control in colormap.controls],
    }


def _wear(layer: Any, look: Mapping[str, Any]) -> None:
    limits = look.get("contrast_limits")
    if hasattr(layer, "contrast_limits") and _is_range(limits):
        low, high = layer.contrast_limits_range
        layer.contrast_limits_range = min(low, limits[0]), max(high, limits[1])
        layer.contrast_limits = limits
    for name in _PLAIN:
        if hasattr(layer, name) and _is_sound(name, look.get(name)):
            _try(layer, name, look[name])
    colormap = look.get("colormap")
    if hasattr(layer, "colormap") and not isinstance(layer, Labels):
        if isinstance(colormap, str):
            _try(layer, "colormap", colormap)
        elif isinstance(colormap, Mapping):
            _attempt(lambda: setattr(layer, "colormap", Colormap(**colormap)))


def _show_axes(dims: Any, displayed: Any) -> None:
    labels = list(dims.axis_labels)
    if not isinstance(displayed, list) or len(displayed) not in (2, 3):
        return
    if len(set(map(str, displayed))) < len(displayed) or not set(displayed) <= set(labels):
        return
    axes = [labels.index(label) for label in displayed]
    dims.ndisplay = len(axes)
    dims.order = (*(axis for axis in range(len(labels)) if axis not in axes), *axes)


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = told.get(name)
    return part if isinstance(part, Mapping) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_sound(name: str, value: Any) -> bool:
    if name in _RANGES:
        least, most = _RANGES[name]
        return _is_number(value) and least <= value <= most
    return isinstance(value, bool if name == "visible" else str)


def _is_range(value: Any) -> TypeGuard[list[float]]:
    pair = isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))
    return pair and bool(value[0] < value[1])


def _try(target: Any, name: str, value: Any) -> None:
    _attempt(lambda: setattr(target, name, value))


def _attempt(change: Callable[[], None]) -> None:
    """Do what napari may refuse: pydantic's errors are ValueErrors."""
    try:
        change()
    except (ValueError, TypeError, KeyError, AttributeError):
        return
