"""Find the size of a voxel, and say where the number is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parfocal.store._ngff import Image

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class VoxelSize:
    """z, y, x in µm, the source of the numbers, and the sources that disagree with it."""

    z: float
    y: float
    x: float
    source: str
    conflicts: tuple[str, ...] = ()


def resolve_voxel_size(images: list[Image], record: Mapping[str, Any] | None) -> VoxelSize:
    """The first source that is finite and above zero; 1, 1, 1 is `default` and never silent."""
    found: list[VoxelSize] = []
    for image in images:
        size = _from_image(image)
        if size is not None:
            found.append(size)
    recorded = (record or {}).get("voxel_size_um")
    if isinstance(recorded, dict) and all(_usable(recorded.get(axis)) for axis in "zyx"):
        found.append(VoxelSize(recorded["z"], recorded["y"], recorded["x"], "store_metadata"))
    if not found:
        return VoxelSize(1.0, 1.0, 1.0, DEFAULT)
    first, *others = found
    conflicts = tuple(_name(other) for other in others if not _agree(first, other))
    return VoxelSize(first.z, first.y, first.x, first.source, conflicts)


def _from_image(image: Image) -> VoxelSize | None:
    y, x = image.axis_scale_um("y"), image.axis_scale_um("x")
    if y is None or x is None:
        return None
    has_depth = any(axis.name == "z" for axis in image.axes)
    z = image.axis_scale_um("z") if has_depth else 1.0
    component = image.path or image.levels[0].path
    return None if z is None else VoxelSize(z, y, x, f"component:{component}")


def _usable(value: Any) -> bool:
    return isinstance(value, int | float) and 0 < value < float("inf")


def _agree(one: VoxelSize, other: VoxelSize) -> bool:
    pairs = ((one.z, other.z), (one.y, other.y), (one.x, other.x))
    return all(abs(mine - theirs) <= 1e-6 * max(mine, theirs) for mine, theirs in pairs)


def _name(size: VoxelSize) -> str:
    return f"{size.source}: {size.z:g}, {size.y:g}, {size.x:g}"
