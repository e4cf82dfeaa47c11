"""Work out a voxel size from what the Navigate microscope software writes down (`experiment.yml`).

Laterally the field of view over its pixels; else the camera's pixel size through the zoom, times
the binning; else the camera's pixel size as it is. Along z the absolute step size: a stage that
runs backwards has a negative one.
"""

import re
from collections.abc import Mapping
from typing import Any

from parfocal.store._spacing import Spacing, length, spacing

NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+")


def navigate_spacing(experiment: Any) -> Spacing | None:
    """The voxel size of an experiment, whole as Navigate writes it or as ClearEx condenses it."""
    if not isinstance(experiment, Mapping):
        return None
    state, cameras = experiment.get("MicroscopeState"), experiment.get("CameraParameters")
    if not isinstance(state, Mapping) or not isinstance(cameras, Mapping):
        lateral = experiment.get("xy_pixel_size_um")
        return spacing(_step(experiment, "z_step_um"), lateral, lateral)
    camera = cameras.get(str(state.get("microscope_name")))
    both = {**cameras, **camera} if isinstance(camera, Mapping) else cameras
    y, x = _lateral(both, state)
    single = state.get("number_z_steps") == 1 and not state.get("step_size")
    return spacing(None if single else _step(state, "step_size"), y, x)


def _lateral(camera: Mapping[str, Any], state: Mapping[str, Any]) -> tuple[Any, Any]:
    seen = [_field_of_view(camera, axis) for axis in "yx"]
    if any(size is not None for size in seen):
        # both are written; one alone stands for a square pixel
        return seen[0] or seen[1], seen[1] or seen[0]
    pixel, zoom = length(camera.get("pixel_size")), _leading_number(state.get("zoom"))
    if pixel is None or zoom is None:
        return pixel, pixel
    across, down = _binning(camera.get("binning"))
    return pixel / zoom * down, pixel / zoom * across


def _field_of_view(camera: Mapping[str, Any], axis: str) -> float | None:
    width = length(camera.get(f"fov_{axis}"))
    pixels = length(camera.get(f"img_{axis}_pixels")) or length(camera.get(f"{axis}_pixels"))
    return None if width is None or pixels is None else width / pixels


def _binning(value: Any) -> tuple[float, float]:
    """x and y of `2x2`, [2, 2], "2" or 2; none is 1."""
    if isinstance(value, str):
        numbers = [length(float(text)) for text in NUMBER.findall(value)]
    else:
        numbers = [length(one) for one in (value if isinstance(value, list) else [value])]
    across = numbers[0] if numbers else None
    down = numbers[1] if len(numbers) > 1 else across
    return across or 1.0, down or 1.0


def _leading_number(value: Any) -> float | None:
    """A zoom is written as a number or as `0.63x`."""
    if not isinstance(value, str):
        return length(value)
    found = NUMBER.match(value.strip())
    return None if found is None else length(float(found.group()))


def _step(holder: Mapping[str, Any], key: str) -> float:
    """The distance between two planes; 0, which no voxel size accepts, when there is none."""
    value = holder.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return length(abs(value)) or 0.0
