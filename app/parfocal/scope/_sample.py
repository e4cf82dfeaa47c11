"""The living sample: ask which cells lie in a region of an endless dish at a moment, and get them.

Everything is a closed form of the seed and the moment, so that any moment can be asked for in any
order, a paused run sees what an unpaused one sees, and the truth is there to compare tracking with.
Moments are counted in timepoints, never in seconds.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SHAPES", "Cells", "Kind", "Region", "Sample"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PLOT_UM = 44.0  # one founder for each plot of a jittered grid
BLOCK = 8  # plots along the side of a block, which is drawn at once
SHAPES = 14  # outlines a resting cell can have; the other kinds are turned to one of DIRECTIONS
DIRECTIONS = 8
APART_UM = (8.0, 26.0)  # daughters just after division and at the end of their cycle
WANDER_UM = (7.0, 4.0, 2.0)  # 1.4 µm a timepoint is the median
WANDER_PERIODS = (71.0, 31.0, 13.0)


class Kind(IntEnum):
    RESTING = 0
    DIVIDING = 1
    NEWBORN = 2
    DYING = 3


class Region(NamedTuple):
    """A rectangle of the dish in µm of the stage."""

    left: float
    top: float
    right: float
    bottom: float


MIDDLE = Region(-256.0, -256.0, 256.0, 256.0)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells at one moment, one row each, in µm. `parent` is 0 where the mother was never seen."""

    identity: Integers
    parent: Integers
    x: Floats
    y: Floats
    z: Floats
    kind: Integers
    shape: Integers
    size: Integers  # 0 small, 1, 2 large
    brightness: Floats

    def __len__(self) -> int:
        return len(self.identity)

    def where(self, chosen: NDArray[np.bool_]) -> "Cells":
        return Cells(*(getattr(self, field.name)[chosen] for field in fields(self)))


class Founders(NamedTuple):
    """What is fixed about the lineage that lives on each plot."""

    number: Integers
    x: Floats
    y: Floats
    z: Floats
    cycle: Floats  # timepoints from one division to the next
    head_start: Floats
    wander: Floats  # 6 phases: x and y of each of the three periods


class Sample:
    """A dish of cells that crawl, divide and die; two samples of one seed are the same."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._founders = lru_cache(maxsize=64)(self._draw_founders)

    def cells(self, t: float, region: Region = MIDDLE) -> Cells:
        """Where every cell of `region` is at timepoint `t`; between timepoints they glide."""
        reach = sum(WANDER_UM) + APART_UM[1] / 2 + PLOT_UM / 2
        block_um = PLOT_UM * BLOCK
        blocks = (
            int(np.floor((region.left - reach) / block_um)),
            int(np.floor((region.top - reach) / block_um)),
            int(np.floor((region.right + reach) / block_um)),
            int(np.floor((region.bottom + reach) / block_um)),
        )
        cells = live(self._founders(*blocks), t, self.seed)
        inside_x = (cells.x >= region.left) & (cells.x < region.right)
        return cells.where(inside_x & (cells.y >= region.top) & (cells.y < region.bottom))

    def _draw_founders(self, left: int, top: int, right: int, bottom: int) -> Founders:
        blocks = [
            draw_block(self.seed, column, row)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]
        return Founders._make(np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True))


def draw_block(seed: int, column: int, row: int) -> Founders:
    random = np.random.default_rng((seed, column + 2**15, row + 2**15))
    plots = BLOCK * BLOCK
    rows, columns = np.divmod(np.arange(plots), BLOCK)
    x = (column * BLOCK + columns + 0.5 + random.uniform(-0.3, 0.3, plots)) * PLOT_UM
    y = (row * BLOCK + rows + 0.5 + random.uniform(-0.3, 0.3, plots)) * PLOT_UM
    cycle = random.uniform(26.0, 46.0, plots)
    founders = Founders(
        number=((column + 2**15) * 2**16 + row + 2**15) * plots + np.arange(plots),
        x=x,
        y=y,
        z=random.normal(0.0, 1.2, plots),
        cycle=cycle,
        head_start=random.uniform(0.0, 1.0, plots) * cycle,
        wander=random.uniform(0.0, 2 * np.pi, (6, plots)),
    )
    # colonies and clearings instead of an even lawn
    crowding = 0.72 + 0.3 * np.sin(x / 67.0 + 1.0) * np.cos(y / 83.0)
    lived_on = random.uniform(0.0, 1.0, plots) < crowding
    return Founders._make(part[..., lived_on] for part in founders)


def live(founders: Founders, t: float, seed: int) -> Cells:
    """The cells of every lineage at `t`: the mother in the first half of a cycle, two daughters in
    the second. One daughter is the next mother, the other lets go of the dish at the cycle's end,
    so that the dish never fills up."""
    age = (t + founders.head_start) / founders.cycle
    generation = np.floor(age).astype(np.int64)
    part = age - generation
    x, y = crawl(founders, t)

    mother = part < 0.5
    since = (part - 0.5) * 2  # of the daughters: 0 born, 1 end of the cycle
    apart = APART_UM[0] + (APART_UM[1] - APART_UM[0]) * (1 - (1 - since.clip(0, 1)) ** 2)
    turn = direction(founders.number, generation, seed)
    last_turn = direction(founders.number, generation - 1, seed)
    # the mother starts where she stood as a daughter and eases back to her plot
    ease = APART_UM[1] / 2 * (1 - smooth(part / 0.4))
    births = (since * founders.cycle / 2) < 2.0

    groups = []
    for chosen, sign, other in ((mother, 0, 0), (~mother, 1, 0), (~mother, -1, 1)):
        angle = last_turn if sign == 0 else turn
        shift = ease if sign == 0 else sign * apart / 2
        lineage = founders.number * 4096 + generation
        identity = (lineage + (1 if sign == 1 else 0)) * 2 + other
        parent = np.where(generation > 0, (lineage - 1) * 2, 0) if sign == 0 else lineage * 2
        about_to = (0.5 - part) * founders.cycle < 2.5
        leaving = smooth((since - 0.86) / 0.14) if other else np.zeros_like(part)
        kind = np.where(births, Kind.NEWBORN, np.where(leaving > 0, Kind.DYING, Kind.RESTING))
        if sign == 0:
            kind = np.where(about_to, Kind.DIVIDING, Kind.RESTING)
        shape = (scramble(identity, seed) * SHAPES).astype(np.int64)
        turned = (np.mod(turn, np.pi) / np.pi * DIRECTIONS).astype(np.int64)
        glow = np.exp(0.9 * (scramble(identity + 7, seed) - 0.5))
        cells = Cells(
            identity=identity,
            parent=parent,
            x=x + shift * np.cos(angle),
            y=y + shift * np.sin(angle),
            z=founders.z + 14.0 * leaving,
            kind=kind,
            shape=np.where(kind == Kind.RESTING, shape, turned % DIRECTIONS),
            size=np.where(mother, np.where(part > 0.2, 2, 1), np.where(since < 0.35, 0, 1)),
            brightness=glow * (1 - 0.9 * leaving),
        )
        groups.append(cells.where(chosen))
    return Cells(
        *(np.concatenate([getattr(g, field.name) for g in groups]) for field in fields(Cells))
    )


def crawl(founders: Founders, t: float) -> tuple[Floats, Floats]:
    x, y = founders.x.copy(), founders.y.copy()
    for n, (reach, period) in enumerate(zip(WANDER_UM, WANDER_PERIODS, strict=True)):
        x += reach * np.sin(2 * np.pi * t / period + founders.wander[2 * n])
        y += reach * np.sin(2 * np.pi * t / period * 1.13 + founders.wander[2 * n + 1])
    return x, y


def smooth(part: Floats) -> Floats:
    part = part.clip(0, 1)
    return part * part * (3 - 2 * part)


def direction(number: Integers, generation: Integers, seed: int) -> Floats:
    return scramble(number * 4096 + generation + 3, seed) * 2 * np.pi


def scramble(numbers: Integers, seed: int) -> Floats:
    """A random number from 0 to 1 that belongs to each integer (the finish of SplitMix64)."""
    stream = (seed + 1) * 0x9E3779B97F4A7C15 % 2**64
    mixed = numbers.astype(np.uint64) + np.uint64(stream)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))).astype(np.float64) / 2.0**64
