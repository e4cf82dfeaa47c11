"""What the closed loop says of itself: one frozen value, made anew whenever somebody asks."""

from dataclasses import dataclass

__all__ = ["LoopCounts"]


@dataclass(frozen=True, slots=True)
class LoopCounts:
    """`waiting` pictures are not analysed yet; of `frames` in flight at most `limit` are kept in
    memory, and those that are `deferred` are read from the store when their turn comes."""

    waiting: int = 0
    frames: int = 0
    limit: int = 0
    deferred: int = 0
    deferred_in_all: int = 0
    analysed: int = 0
    failed: int = 0
    dropped: int = 0
    fired: int = 0
    fallback: int = 0
    skipped: int = 0
