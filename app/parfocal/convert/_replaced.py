"""Say a found image anew with another voxel size, or at another place."""

from collections.abc import Callable
from dataclasses import replace

from parfocal.convert._description import FoundArray, FoundImage, Zyx

__all__ = ["moved", "resized"]


def resized(image: FoundImage, size: Zyx, source: str, unknown: tuple[str, ...]) -> FoundImage:
    """With another voxel size; coarser levels are as much coarser as they were."""

    def scaled(level: FoundArray) -> FoundArray:
        factors = [mine / whole for mine, whole in zip(level.scale, image.voxel_um, strict=True)]
        z, y, x = (one * by for one, by in zip(size, factors, strict=True))
        start = level.origin
        if start is not None:
            where = [
                at * one / former
                for at, one, former in zip(start, size, image.voxel_um, strict=True)
            ]
            start = where[0], where[1], where[2]
        return replace(level, scale=(z, y, x), origin=start)

    return replace(
        _each_level(image, scaled), voxel_um=size, voxel_source=source, guessed_axes=unknown
    )


def moved(image: FoundImage, origin: Zyx) -> FoundImage:
    """With its first voxel elsewhere; levels that say where they lie go along."""
    way = [to - at for to, at in zip(origin, image.origin_um, strict=True)]

    def shifted(level: FoundArray) -> FoundArray:
        if level.origin is None:
            return level
        z, y, x = (at + by for at, by in zip(level.origin, way, strict=True))
        return replace(level, origin=(z, y, x))

    return replace(_each_level(image, shifted), origin_um=origin)


def _each_level(image: FoundImage, change: Callable[[FoundArray], FoundArray]) -> FoundImage:
    """The levels of the image and of its labels, each changed."""
    labels = tuple(
        replace(one, levels=tuple(change(level) for level in one.levels)) for one in image.labels
    )
    return replace(image, levels=tuple(change(level) for level in image.levels), labels=labels)
