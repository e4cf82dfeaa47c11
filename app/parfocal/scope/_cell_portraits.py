"""What one cell looks like through each channel: draw it sharp here, then let focus blur it."""

from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal.scope._sample import DIRECTIONS, Kind

__all__ = ["Dye", "blur_um", "portrait"]

Picture = NDArray[np.float32]
Field: TypeAlias = Any  # an array of float64; mypy makes Any of numpy's scalar products

SIZES = (0.8, 0.93, 1.06)
REACH_UM, NUCLEUS_REACH_UM = 25.0, 11.0  # half the side of a portrait
SHARP_UM = 0.35  # what is left of a point in perfect focus
SPREAD = 0.32  # µm of blur for each µm out of focus, about NA 0.5


class Dye(StrEnum):
    """What is stained, named after the channel that shows it."""

    NUCLEUS = "DAPI"
    CYTOPLASM = "FITC"
    ACTIN = "Rhodamine"
    MITOCHONDRIA = "Cy5"


# a blurred portrait of a side as it came took 0.8 ms, of a fast side 0.3 ms
FAST_SIDES: list[int] = sorted(
    2**a * 3**b * 5**c for a in range(1, 10) for b in range(4) for c in range(3)
)


def fast_side(side: int) -> int:
    """The next larger even side that has small factors only; even, so that middles coincide."""
    return next(fast for fast in FAST_SIDES if fast >= side)


def blur_um(distance_um: float) -> float:
    """How wide a point becomes at a distance from the focal plane."""
    return float(np.hypot(SHARP_UM, SPREAD * distance_um))


def portrait(
    kind: Kind, shape: int, size: int, dye: Dye, pixel_um: float, distance_um: float
) -> Picture:
    """A square picture, centred on the cell, 1 at a bright spot in focus; light is never lost."""
    width = blur_um(distance_um)
    sharp = sharp_portrait(kind, shape, size, dye, pixel_um)
    side = fast_side(sharp.shape[0] + 2 * int(np.ceil(3 * width / pixel_um)))
    margin = (side - sharp.shape[0]) // 2
    padded = np.pad(sharp, (margin, side - sharp.shape[0] - margin))
    frequency = np.fft.fftfreq(side, pixel_um)
    pass_rows = np.exp(-2 * (np.pi * width * frequency) ** 2)
    pass_columns = pass_rows[: side // 2 + 1]
    spectrum = np.fft.rfft2(padded) * pass_rows[:, None] * pass_columns[None, :]
    blurred: Picture = np.fft.irfft2(spectrum, s=(side, side)).clip(0).astype(np.float32)
    return blurred


@lru_cache(maxsize=1024)
def sharp_portrait(kind: Kind, shape: int, size: int, dye: Dye, pixel_um: float) -> Picture:
    reach = NUCLEUS_REACH_UM if dye is Dye.NUCLEUS else REACH_UM
    side = fast_side(2 * int(np.ceil(reach / pixel_um)))
    axis = (np.arange(side) - side // 2) * pixel_um
    y, x = np.meshgrid(axis, axis, indexing="ij")
    random = np.random.default_rng((int(kind), shape, 20261120))
    if kind == Kind.RESTING:
        drawn = resting(x, y, SIZES[size], dye, random)
    else:
        angle = shape * np.pi / DIRECTIONS
        along, across = turned(x, y, angle)
        drawn = {Kind.DIVIDING: dividing, Kind.NEWBORN: newborn, Kind.DYING: dying}[kind](
            along, across, dye, random
        )
    sharp: Picture = drawn.clip(0).astype(np.float32)
    return sharp


# -------------------------------------------------------------------------- the four kinds


def resting(x: Field, y: Field, scale: float, dye: Dye, random: np.random.Generator) -> Field:
    x, y = turned(x, y, random.uniform(0, np.pi))
    angle = np.arctan2(y, x)
    outline = 0.88 + random.uniform(0.12, 0.38) * np.cos(2 * angle)
    for wave in range(3, 6):
        outline += random.normal(0, 0.2 / wave) * np.cos(wave * angle + random.uniform(0, 6.3))
    for _ in range(random.integers(2, 6)):  # arms that it crawls with
        off = np.angle(np.exp(1j * (angle - random.uniform(0, 6.3))))
        outline += random.uniform(0.1, 0.5) * np.exp(-((off / random.uniform(0.12, 0.4)) ** 2))
    outline = 15 * scale * outline.clip(0.42, 1.55)
    depth = np.hypot(x, y) / outline  # 0 in the middle, 1 at the edge
    # a thick middle on a thin, sharply ending skirt
    skirt = edge(1 - depth, 0.045)
    height = skirt * (0.22 + 0.78 * np.exp(-((depth / 0.6) ** 2)))

    centre_x, centre_y = random.uniform(-1.5, 1.5, 2)
    long, broad = scale * random.uniform(6.2, 7.2), scale * random.uniform(4.6, 5.6)
    nx, ny = turned(x - centre_x, y - centre_y, random.uniform(-0.5, 0.5))
    in_nucleus = edge(1 - np.hypot(nx / long, ny / broad), 0.09)

    match dye:
        case Dye.NUCLEUS:
            chromatin = 0.68 + 0.16 * texture(x.shape, x, 1.3, random)
            for _ in range(random.integers(5, 10)):  # bright chromocentres
                chromatin += 0.3 * spot(nx, ny, 0.75 * long, 0.7 * broad, 0.7, random)
            for _ in range(random.integers(1, 4)):  # dark nucleoli
                chromatin -= 0.45 * spot(nx, ny, 0.5 * long, 0.5 * broad, 1.1, random)
            return in_nucleus * chromatin
        case Dye.CYTOPLASM:
            grain = 0.72 + 0.12 * texture(x.shape, x, 1.0, random)
            grain += 0.1 * texture(x.shape, x, 4.0, random)
            return 1.15 * height * grain.clip(0.2) * (1 - 0.35 * in_nucleus)
        case Dye.ACTIN:
            sway = 1.3 * texture(x.shape, x, 9.0, random)
            fibres = (0.5 + 0.5 * np.cos(2 * np.pi * (y + sway) / 2.3)) ** 4
            patchy = (0.5 + 0.5 * texture(x.shape, x, 6.0, random)).clip(0)
            cortex = np.exp(-(((depth - 0.93) * outline / 0.8) ** 2))
            return skirt * (0.16 + 0.55 * fibres * patchy) + 0.55 * cortex
        case Dye.MITOCHONDRIA:
            threads = np.exp(-((texture(x.shape, x, 2.2, random) / 0.3) ** 2))
            around = np.exp(-((depth / 0.62) ** 2)) * skirt
            return around * (1 - 0.95 * in_nucleus) * (0.08 + 0.95 * threads)


def dividing(along: Field, across: Field, dye: Dye, random: np.random.Generator) -> Field:
    """A rounded cell with its chromosomes in a plate across the axis of division."""
    plate = edge(1 - np.hypot(along / 1.9, across / 5.8), 0.2)
    if dye is Dye.NUCLEUS:
        return plate * (1.5 + 0.15 * texture(along.shape, along, 1.0, random))
    return ball(along / 10.0, across / 9.5, dye, random) * (1 - 0.6 * plate)


def newborn(along: Field, across: Field, dye: Dye, random: np.random.Generator) -> Field:
    condensed = edge(1 - np.hypot(along / 2.7, across / 4.4), 0.15)
    if dye is Dye.NUCLEUS:
        return condensed * (1.2 + 0.12 * texture(along.shape, along, 1.0, random))
    return ball(along / 7.2, across / 8.4, dye, random) * (1 - 0.5 * condensed)


def dying(along: Field, across: Field, dye: Dye, random: np.random.Generator) -> Field:
    """Shrunken, with its nucleus in pieces."""
    pieces = np.zeros_like(along)
    for _ in range(6):
        pieces += spot(along, across, 3.5, 3.5, random.uniform(0.7, 1.3), random)
    if dye is Dye.NUCLEUS:
        return 1.1 * pieces.clip(0, 1.2)
    return ball(along / 6.0, across / 6.0, dye, random) + 0.25 * pieces


def ball(x: Field, y: Field, dye: Dye, random: np.random.Generator) -> Field:
    """A rounded cell; 1 is its edge."""
    depth = np.hypot(x, y)
    height = (1 - depth**2).clip(0) ** 0.5
    grain = texture(x.shape, x * 9, 1.2, random)
    match dye:
        case Dye.ACTIN:
            return edge(1 - depth, 0.05) * (0.2 + 0.75 * np.exp(-(((depth - 0.9) / 0.1) ** 2)))
        case Dye.MITOCHONDRIA:
            return height * (0.2 + 0.45 * np.exp(-((grain / 0.5) ** 2)))
        case _:
            return height * (0.85 + 0.12 * grain)


# -------------------------------------------------------------------------- strokes


def turned(x: Field, y: Field, angle: float) -> tuple[Field, Field]:
    cosine, sine = np.cos(angle), np.sin(angle)
    return x * cosine + y * sine, y * cosine - x * sine


def edge(inside: Field, softness: float) -> Field:
    return 1 / (1 + np.exp(np.clip(-inside / softness * 2, -40, 40)))


def spot(
    x: Field, y: Field, reach_x: float, reach_y: float, width: float, random: np.random.Generator
) -> Field:
    angle, distance = random.uniform(0, 2 * np.pi), np.sqrt(random.uniform(0, 1))
    dx = x - reach_x * distance * np.cos(angle)
    dy = y - reach_y * distance * np.sin(angle)
    return np.exp(-(dx**2 + dy**2) / (2 * width**2))


def texture(
    shape: tuple[int, ...], axis: Field, grain_um: float, random: np.random.Generator
) -> Field:
    """Smooth noise of unit spread whose features are about `grain_um` wide."""
    # the step between neighbours, whichever way the axes were turned
    step = float(np.hypot(axis[0, 1] - axis[0, 0], axis[1, 0] - axis[0, 0]))
    frequency = np.fft.fftfreq(shape[0], step)
    keep = np.exp(-((frequency * grain_um) ** 2))
    spectrum = np.fft.rfft2(random.standard_normal(shape))
    spectrum *= keep[:, None] * keep[None, : shape[1] // 2 + 1]
    noise = np.fft.irfft2(spectrum, s=shape)
    return noise / noise.std()
