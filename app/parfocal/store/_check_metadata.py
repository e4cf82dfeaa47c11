"""Check what all validators let pass: scales, levels and channels that contradict the arrays."""

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite, prod

from parfocal import counted
from parfocal.store._findings import Finding
from parfocal.store._ngff import Image, Level


def check_images(images: list[Image]) -> Iterator[Finding]:
    """Scales, levels and channels that contradict each other or the arrays."""
    for image in images:
        path = image.path or "."
        if not image.levels:
            yield _finding(path, "levels", "it lists no resolution level")
            continue
        for level in image.levels:
            yield from _check_level(image, level)
        for level in image.levels[1:]:
            yield from _compare(image, image.levels[0], level)
        yield from _check_order(image)
        yield from _check_channels(image)


def _check_level(image: Image, level: Level) -> Iterator[Finding]:
    path = _join(image.path, level.path)
    if level.shape is None:
        yield _finding(path, "level-missing", "it is listed, but there is no array")
        return
    if len(level.shape) != len(image.axes):
        message = f"its array has {len(level.shape)} dimensions for {len(image.axes)} axes"
        yield _finding(path, "axes", message)
    if level.scale is None:
        if image.version not in ("0.1", "0.2", "0.3"):
            yield _finding(path, "scale", "it has no scale")
        return
    if len(level.scale) != len(level.shape):
        message = f"its scale has {len(level.scale)} numbers for {len(level.shape)} dimensions"
        yield _finding(path, "scale", message)
    if not all(isfinite(number) and number > 0 for number in level.scale):
        message = f"its scale {list(level.scale)} is not above zero everywhere"
        yield _finding(path, "scale", message)
    if level.translation is not None and not all(map(isfinite, level.translation)):
        message = f"its translation {list(level.translation)} is no place"
        yield _finding(path, "translation", message)
    if level.translation is not None and len(level.translation) != len(level.shape):
        message = f"its translation has {len(level.translation)} numbers"
        yield _finding(path, "translation", f"{message} for {len(level.shape)} dimensions")


def _compare(image: Image, base: Level, level: Level) -> Iterator[Finding]:
    """A lower level covers the same space: its shape × scale is that of the first."""
    path = _join(image.path, level.path)
    if base.dtype != level.dtype and None not in (base.dtype, level.dtype):
        message = f"its pixels are {level.dtype}, those of the first level {base.dtype}"
        yield _finding(path, "level-dtype", message)
    if not (base.shape and level.shape and base.scale and level.scale):
        return
    lengths = (len(base.shape), len(level.shape), len(base.scale), len(level.scale))
    if len(set(lengths)) != 1:
        return
    for axis, number, size, other_number, other_size in zip(
        image.axes, base.shape, base.scale, level.shape, level.scale, strict=False
    ):
        # one pixel of the coarse level is what rounding up or down may differ by
        if abs(number * size - other_number * other_size) > max(size, other_size) * 1.0001:
            message = (
                f"along {axis.name} it spans {other_number * other_size:g}, "
                f"the first level {number * size:g}"
            )
            yield _finding(path, "level-scale", message)


def _check_order(image: Image) -> Iterator[Finding]:
    """The finest level comes first."""
    for finer, coarser in pairwise(image.levels):
        if prod(coarser.shape or ()) > prod(finer.shape or ()) and finer.shape:
            message = f"it is larger than level {finer.path}, which is listed before it"
            yield _finding(_join(image.path, coarser.path), "level-order", message)


def _check_channels(image: Image) -> Iterator[Finding]:
    shape = image.levels[0].shape
    names = [axis.name for axis in image.axes]
    if not image.has_omero or shape is None or len(shape) != len(names):
        return
    count = shape[names.index("c")] if "c" in names else 1
    if count != len(image.channels):
        message = f"omero names {counted(len(image.channels), 'channel')}, the array has {count}"
        yield _finding(image.path or ".", "omero-channels", message)


def _finding(path: str, rule: str, message: str, severity: str = "error") -> Finding:
    fix = "correct the metadata, or write the store again"
    return Finding(path, rule, "warning" if severity == "warning" else "error", message, fix)


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)
