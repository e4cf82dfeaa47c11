"""Make a plane, or a few planes along z, coarser: by their mean, their maximum, or every other."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

Downsampling: TypeAlias = Literal["mean", "max", "stride"]
METHODS: tuple[str, ...] = get_args(Downsampling)

Pixels: TypeAlias = NDArray[Any]


def downsample(planes: Sequence[Pixels], factors: tuple[int, int], method: str) -> Pixels:
    """One coarser plane of neighbours along z, `factors` times smaller along y and x.

    What is left over at an edge makes a voxel of its own, of the pixels that are there.
    """
    if method == "stride":
        return np.ascontiguousarray(planes[0][:: factors[0], :: factors[1]])
    if method == "max":
        return _folded(planes, factors, planes[0].dtype, np.maximum)
    return _mean(planes, factors)


def coarser(length: int, factor: int) -> int:
    """How many voxels are left of `length`."""
    return -(-length // factor)


def shift(factor: float, method: str) -> float:
    """Where the middle of the first coarse voxel lies, in voxels of the finer level.

    A strided voxel stays where it was; one made of `factor` voxels lies in their middle.
    """
    return 0.0 if method == "stride" else (factor - 1) / 2


def _mean(planes: Sequence[Pixels], factors: tuple[int, int]) -> Pixels:
    dtype = planes[0].dtype
    count = _counts(planes[0].shape, factors) * len(planes)
    if dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # of inf and -inf the mean is no number, and no error
            return _mean_of_floats(planes, factors, count)
    if dtype.itemsize < 8:
        wide = np.dtype(f"{dtype.kind}{4 if dtype.itemsize < 4 else 8}")
        total = _folded(planes, factors, wide, np.add)
        # half goes up, for negative numbers too, so that no grey value is drawn towards zero
        total += (count // 2).astype(wide)
        total //= count.astype(wide)
        return total.astype(dtype)
    return _mean_of_the_widest(planes, factors, count)


def _mean_of_floats(
    planes: Sequence[Pixels], factors: tuple[int, int], count: NDArray[np.int64]
) -> Pixels:
    """In float64 the sum of four float32 does not overflow; float64 is divided before."""
    dtype = planes[0].dtype
    if dtype.itemsize < 8:
        return (_folded(planes, factors, np.dtype("f8"), np.add) / count).astype(dtype)
    most = len(planes) * factors[0] * factors[1]
    parts = [plane / most for plane in planes]
    return _folded(parts, factors, dtype, np.add) * (most / count)


def _mean_of_the_widest(
    planes: Sequence[Pixels], factors: tuple[int, int], count: NDArray[np.int64]
) -> Pixels:
    """64 bit integers have no wider type, so quotients and remainders are added up apart."""
    dtype = planes[0].dtype
    height, width = planes[0].shape
    each = count.astype(dtype)
    spread = np.repeat(np.repeat(each, factors[0], axis=0), factors[1], axis=1)[:height, :width]
    divisor = each if each.size == 1 else spread
    quotients = _folded([plane // divisor for plane in planes], factors, dtype, np.add)
    remainders = _folded([plane % divisor for plane in planes], factors, dtype, np.add)
    mean: Pixels = quotients + (remainders + each // 2) // each
    return mean


def _counts(shape: tuple[int, ...], factors: tuple[int, int]) -> NDArray[np.int64]:
    """How many pixels each coarse pixel is made of; a single number where all are the same."""
    along = []
    for length, factor in zip(shape, factors, strict=True):
        number = np.full(coarser(length, factor), factor, dtype=np.int64)
        if length % factor:
            number[-1] = length % factor
        along.append(number)
    counts = along[0][:, None] * along[1]
    # dividing by one number for all takes half the time
    return counts[:1, :1] if (counts == counts[0, 0]).all() else counts


def _folded(
    planes: Sequence[Pixels],
    factors: tuple[int, int],
    dtype: "np.dtype[Any]",
    combine: np.ufunc,
) -> Pixels:
    """All pixels of each coarse pixel, combined."""
    result: Pixels | None = None
    for plane in planes:
        rows = _along(plane, factors[0], dtype, combine, axis=0)
        folded = _along(rows, factors[1], dtype, combine, axis=1)
        if result is None:
            result = folded
        else:
            combine(result, folded, out=result)
    assert result is not None
    return result


def _along(
    pixels: Pixels, factor: int, dtype: "np.dtype[Any]", combine: np.ufunc, *, axis: int
) -> Pixels:
    first, *others = (
        pixels[start::factor] if axis == 0 else pixels[:, start::factor] for start in range(factor)
    )
    result = first.astype(dtype)
    for lane in others:
        part = result[: lane.shape[0], : lane.shape[1]]
        combine(part, lane, out=part)
    return result
