"""A coarser plane is what NumPy makes of the whole array, for every type, factor and odd size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parfocal.store._downsample import downsample

TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")


def blocks(planes: list[np.ndarray], factors: tuple[int, int]) -> list[list[np.ndarray]]:
    """The pixels of each coarse pixel, edges included."""
    height, width = planes[0].shape
    return [
        [
            np.stack([p[y : y + factors[0], x : x + factors[1]] for p in planes])
            for x in range(0, width, factors[1])
        ]
        for y in range(0, height, factors[0])
    ]


def rounded_mean(values: np.ndarray) -> int:
    whole = [int(value) for value in values.ravel()]
    return (2 * sum(whole) + len(whole)) // (2 * len(whole))  # half goes up


@st.composite
def stacks(draw: st.DrawFn, dtypes: tuple[str, ...]) -> list[np.ndarray]:
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = draw(st.integers(1, 2))
    if dtype.kind == "f":
        return [random.normal(0, 1e3, shape).astype(dtype) for _ in range(count)]
    limits = np.iinfo(dtype)
    extremes = draw(st.sampled_from([None, limits.min, limits.max]))
    if extremes is not None:  # a sum in the type itself would overflow
        return [np.full(shape, extremes, dtype) for _ in range(count)]
    low, high = int(limits.min), int(limits.max)
    return [random.integers(low, high, shape, dtype, endpoint=True) for _ in range(count)]


FACTORS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=80, deadline=None)
@given(planes=stacks(TYPES), factors=FACTORS)
def test_integers_are_rounded_and_never_overflow(
    planes: list[np.ndarray], factors: tuple[int, int]
) -> None:
    made = downsample(planes, factors, "mean")
    wanted = [[rounded_mean(block) for block in row] for row in blocks(planes, factors)]
    assert made.dtype == planes[0].dtype
    assert made.tolist() == wanted


@settings(max_examples=40, deadline=None)
@given(planes=stacks(("float32", "float64", "float16")), factors=FACTORS)
def test_floats_are_their_mean(planes: list[np.ndarray], factors: tuple[int, int]) -> None:
    made = downsample(planes, factors, "mean")
    wanted = [[block.astype("f8").mean() for block in row] for row in blocks(planes, factors)]
    assert made.dtype == planes[0].dtype
    tolerance = {"float16": 1e-2, "float32": 1e-6, "float64": 1e-12}[str(made.dtype)]
    scale = float(np.abs(planes[0]).max()) + 1.0
    np.testing.assert_allclose(made, np.array(wanted), rtol=tolerance, atol=tolerance * scale)


@settings(max_examples=40, deadline=None)
@given(planes=stacks((*TYPES, "float32")), factors=FACTORS)
def test_maximum_and_stride_take_pixels_that_are_there(
    planes: list[np.ndarray], factors: tuple[int, int]
) -> None:
    most = [[block.max() for block in row] for row in blocks(planes, factors)]
    assert downsample(planes, factors, "max").tolist() == np.array(most).tolist()
    strided = planes[0][:: factors[0], :: factors[1]]
    np.testing.assert_array_equal(downsample(planes, factors, "stride"), strided)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_largest_floats_do_not_become_infinite(dtype: str) -> None:
    largest = np.full((4, 4), np.finfo(dtype).max, dtype)
    np.testing.assert_array_equal(downsample([largest], (2, 2), "mean"), largest[:2, :2])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_that_are_no_number_are_no_error(dtype: str) -> None:
    plane = np.array([[np.inf, np.nan], [-np.inf, 1.0]], dtype)
    assert np.isnan(downsample([plane, plane], (2, 2), "mean")).all()
