"""Say how much memory a conversion takes, and keep it within what is allowed."""

from math import prod

import numpy as np

from parfocal.convert._carried import CarriedPlan
from parfocal.convert._errors import ConvertError
from parfocal.convert._plan import ConversionPlan, Planned

__all__ = ["BUDGET_BYTES", "at_once", "need_of", "over_budget", "refuse_over_budget"]

BUDGET_BYTES = 2**30
COPIES = 4
"""Of an array that TensorStore writes: read, ordered, encoded, read back."""
TILES = 4
"""Of a chunk of the target: its pixels, those of the last one, decoded again, encoded."""
BANDS = 4 * 2**20
MB = 1e6


def need_of(array: Planned) -> int:
    """The memory that one shard of an array takes at most while it is converted."""
    itemsize = np.dtype(array.layout.dtype).itemsize
    if isinstance(array, CarriedPlan):
        return COPIES * array.shard_bytes
    unit = prod(array.unit) * itemsize
    if array.action == "repack":
        return unit + BANDS
    block = prod(array.read) * itemsize
    # compressed chunks of a block, or one of them with what it becomes
    reading = block + max(block, 2 * unit)
    return reading + TILES * prod(array.layout.chunk) * itemsize + BANDS


def at_once(plan: ConversionPlan, budget_bytes: int) -> int:
    """How many shards a process may have in its memory."""
    return max(1, budget_bytes // max(map(need_of, plan.arrays)))


def over_budget(plan: ConversionPlan, budget_bytes: int) -> str:
    """Why one shard alone needs more than that, in a sentence; nothing when none does."""
    largest = max(plan.arrays, key=need_of)
    need = need_of(largest)
    if need <= budget_bytes:
        return ""
    return (
        f"{largest.source.key or 'the array'} comes in pieces so large that {need / MB:.0f} MB of "
        f"memory are needed to convert one, and {budget_bytes / MB:.0f} MB are allowed; "
        "allow more (--budget-mb)"
    )


def refuse_over_budget(plan: ConversionPlan, budget_bytes: int) -> None:
    """Refuse what cannot be done in so much memory, before anything is made."""
    if why := over_budget(plan, budget_bytes):
        raise ConvertError(why)
