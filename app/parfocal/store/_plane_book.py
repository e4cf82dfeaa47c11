"""Keep book of every plane of a recording while it grows: what is planned, came, or will not."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.store._errors import StoreError
from parfocal.store._planes import PlaneState, States, name_frame, planned_states
from parfocal.store._spec import Index

Block = tuple[slice, int, int, slice]

# Of an unbounded recording: a frame further ahead than this is a mistake and not a gap
FURTHEST_AHEAD = 65_536
AHEAD = 64  # the largest shard along time, so that a shard's block always is in the book


class PlaneBook:
    """What is known of every plane. It has no lock: the recording's condition is held."""

    def __init__(
        self,
        store: Path,
        extent: tuple[int, int, int, int],
        planned: Sequence[Index],
        *,
        unbounded: bool,
    ) -> None:
        self._store = store
        self._states = planned_states(extent, np.asarray(planned, dtype=np.int64))
        self._pattern = self._states.copy() if unbounded else None
        self._length = 0 if unbounded else extent[0]
        self.reasons: dict[Index, str] = {}
        if unbounded:
            self._reach(0)

    def copy(self) -> "PlaneBook":
        """A book of its own that says the same now."""
        other = copy(self)
        other._states = self._states.copy()
        other._pattern = None if self._pattern is None else self._pattern.copy()
        other.reasons = self.reasons.copy()
        return other

    @property
    def fields(self) -> int:
        """How many fields there are."""
        return int(self._states.shape[1])

    @property
    def length(self) -> int:
        """How many timepoints there are; of an unbounded recording, those that have begun."""
        return self._length

    @property
    def published(self) -> States:
        """What the store says while it records: of an unbounded recording, what repeats itself."""
        return self.states if self._pattern is None else self._pattern

    @property
    def states(self) -> States:
        """The state of every plane, shaped t, p, c, z; a timepoint that never began is left out."""
        if not self._length:
            return np.zeros_like(self._states[:1])  # an array has at least one timepoint
        return self._states[: self._length]

    def state(self, index: Index) -> PlaneState:
        """What is known of a plane; raises when nothing ever planned it."""
        t, p, c, z = index  # spelled out: every frame comes by, and this is 3 µs less
        _, fields, channels, layers = self._states.shape
        inside = t >= 0 and 0 <= p < fields and 0 <= c < channels and 0 <= z < layers
        if inside and self._pattern is not None:
            self._reach(t)
        state = PlaneState.UNPLANNED
        if inside and t < len(self._states):
            state = PlaneState(self._states[index])
        if state == PlaneState.UNPLANNED:
            raise StoreError(f"{name_frame(index)} is not in the plan of {self._store}")
        return state

    def mark(self, index: Index, state: PlaneState) -> None:
        """A planned plane has another state now."""
        self._states[index] = state
        self._length = max(self._length, index[0] + 1)

    def awaits(self, block: Block) -> bool:
        """Whether a plane of the block may still come."""
        return bool(np.any(self._states[block] == PlaneState.PLANNED))

    def plan(self, planned: Sequence[Index], fields: int) -> None:
        """Plan more planes, of `fields` fields in all; what came already is never planned again."""
        wanted = np.asarray(planned, dtype=np.int64).reshape(-1, 4)
        timepoints = int(wanted[:, 0].max(initial=-1)) + 1
        self._grow(timepoints, fields)
        here = tuple(wanted.T)
        # a skipped frame may have come since it was asked for again: then it is not planned anew
        now = self._states[here]
        self._states[here] = np.where(_came(now), now, PlaneState.PLANNED)
        self._forget_reasons(planned)
        if self._pattern is None:
            self._length = len(self._states)
            return
        times = wanted[:, 0] % len(self._pattern)
        self._pattern[(times, *here[1:])] = PlaneState.PLANNED
        later = tiled(self._pattern, len(self._states))[timepoints:]
        np.maximum(self._states[timepoints:], later, out=self._states[timepoints:])

    def drop(self, planes: Sequence[Index]) -> None:
        """Plan these no more. What came already stays; the end goes with what was planned there."""
        here = tuple(self._inside(planes).T)
        now = self._states[here]
        self._states[here] = np.where(_came(now), now, PlaneState.UNPLANNED)
        self._forget_reasons(planes)
        if planes and self._pattern is None:
            kept = np.flatnonzero((self._states != PlaneState.UNPLANNED).any(axis=(1, 2, 3)))
            self._length = 1 + int(kept.max(initial=0))
            self._states = self._states[: self._length]

    def require_new(self, planned: Sequence[Index]) -> None:
        """Refuse to plan what came already."""
        inside = self._inside(planned)
        came = _came(self._states[tuple(inside.T)])
        if came.any():
            t, p, c, z = inside[came][0].tolist()
            raise StoreError(f"{name_frame((t, p, c, z))} came already and cannot be planned again")

    def _inside(self, planes: Sequence[Index]) -> "np.ndarray[Any, np.dtype[np.int64]]":
        """Those of them that the book has, one a row."""
        wanted = np.asarray(planes, dtype=np.int64).reshape(-1, 4)
        return wanted[((wanted >= 0) & (wanted < self._states.shape)).all(axis=1)]

    def _forget_reasons(self, planes: Iterable[Index]) -> None:
        if self.reasons:  # else 100,000 planes are gone through for nothing
            for index in self.reasons.keys() & set(planes):
                del self.reasons[index]

    def _reach(self, timepoint: int) -> None:
        """Have the timepoint in the book, and those of any shard that it is in."""
        if timepoint >= self._length + FURTHEST_AHEAD:
            raise StoreError(
                f"timepoint {timepoint} of {self._store} cannot be: the last one that began is "
                f"{self._length - 1}"
            )
        if timepoint + AHEAD > len(self._states):
            self._grow(max(timepoint + AHEAD, len(self._states) * 3 // 2), self.fields)

    def _grow(self, timepoints: int, fields: int) -> None:
        old = self._states
        fields = max(fields, self.fields)
        if self._pattern is not None:
            self._pattern = _padded(self._pattern, len(self._pattern), fields)
        self._states = _padded(old, max(timepoints, len(old)), fields)
        if self._pattern is not None:
            added = slice(len(old), None)
            self._states[added] = tiled(self._pattern, len(self._states))[added]


def _came(states: States) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    came: np.ndarray[Any, np.dtype[np.bool_]] = (states == PlaneState.STORED) | (
        states == PlaneState.BUFFERED
    )
    return came


def tiled(pattern: States, timepoints: int) -> States:
    """The planned planes of an unbounded recording of this length: the pattern again and again."""
    return pattern[np.arange(timepoints) % len(pattern)]


def is_told(states: States) -> bool:
    """Whether states say what came. While it records, an unbounded recording publishes what repeats
    itself; a kill at its close, or in recover, may leave what came in a store that is not closed.
    """
    return bool((states > PlaneState.PLANNED).any())


def count_states(states: States) -> dict[str, Any]:
    """How many planes were planned and came, in all and of each field, as a record says it."""
    planned, acquired = states != PlaneState.UNPLANNED, states == PlaneState.STORED
    return {
        "planned": int(planned.sum()),
        "acquired": int(acquired.sum()),
        "missing": int((planned & ~acquired).sum()),
        "planned_per_field": planned.sum(axis=(0, 2, 3)).tolist(),
        "acquired_per_field": acquired.sum(axis=(0, 2, 3)).tolist(),
    }


def missing_planes(
    states: States, reasons: Mapping[Index, str], otherwise: str
) -> list[tuple[Index, str]]:
    """Every planned plane that is not stored, and why."""
    absent = (states != PlaneState.UNPLANNED) & (states != PlaneState.STORED)
    return [
        ((t, p, c, z), reasons.get((t, p, c, z), otherwise))
        for t, p, c, z in np.argwhere(absent).tolist()
    ]


def _padded(states: States, timepoints: int, fields: int) -> States:
    t, p, c, z = states.shape
    larger = np.full((timepoints, fields, c, z), PlaneState.UNPLANNED, dtype=np.uint8)
    larger[:t, :p] = states
    return larger
