"""Decide for each planned stimulation whether light is given and through which mask, and count it.

Every one of them is fired, given by another rule since its mask was late (fallback), or skipped.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from parfocal.plan import Index, Phase, Step
from parfocal.react._dispenser import How
from parfocal.react._errors import Failing, ReactError
from parfocal.react._loop import Loop
from parfocal.react._results import Results, table_name

__all__ = ["Decision", "Lights"]

Outcome = Literal["fired", "fallback", "skipped", "cancelled"]
# how long a mask is waited for where the phase has no interval of its own
PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one planned stimulation; without a mask there is no snap."""

    outcome: Outcome
    mask: NDArray[np.bool_] | None = None
    mask_t: int | None = None
    """Of which timepoint the mask is; None where it is of none: dark, or made of no picture."""
    reason: str = ""
    waited_s: float = 0.0


class Lights:
    """Asked by the feed of a run, and told what became of it by the fan-out."""

    def __init__(self, loop: Loop, results: Results | None, shape: tuple[int, int]) -> None:
        self._loop = loop
        self._results = results
        self._shape = shape
        self._decided: dict[Index, tuple[Decision, Phase, Step]] = {}
        self._tables: dict[int, str] = {}
        self._outcomes: list[tuple[int, str]] = []
        self._told: tuple[tuple[int, str], ...] = ()

    @property
    def outcomes(self) -> tuple[tuple[int, str], ...]:
        """The event of each stimulation that came to an end, counted from 0, and how it ended."""
        if len(self._told) != len(self._outcomes):
            self._told = tuple(self._outcomes)
        return self._told

    def decide(
        self, step: Step, phase: Phase, due: float, interval_s: float, token: threading.Event
    ) -> Decision:
        """Wait for the mask until its deadline, which counts from `due` (`time.perf_counter()`).

        That is when the event was due, or when it began if the run is late. Raises where the
        phase says that the run ends without one.
        """
        assert step.index is not None  # light is snapped
        assert phase.stimulate is not None
        began = time.perf_counter()
        patience = phase.stimulate.deadline or interval_s or PATIENCE_S
        decision = self._mask(step, phase, due + patience, token)
        if decision.outcome == "cancelled":
            return decision
        if decision.outcome != "fired":
            decision = self._by_policy(step.index, phase, decision.reason)
        decision = Decision(
            decision.outcome,
            decision.mask,
            decision.mask_t,
            decision.reason,
            time.perf_counter() - began,
        )
        self._decided[step.index] = decision, phase, step
        return decision

    def left_out(self, index: Index) -> None:
        """It was decided that no light is given and no snap taken, and so it was done."""
        self.came(index, {})

    def forget(self, index: Index) -> None:
        """It is not planned any more."""
        self._decided.pop(index, None)

    def came(self, index: Index, metadata: Mapping[str, Any]) -> None:
        """The frame of a stimulation came: the light was given."""
        if (known := self._decided.pop(index, None)) is not None:
            self._tell(index, *known, metadata)

    def missed(self, index: Index, why: str) -> None:
        """Its frame did not come, and so perhaps the light neither."""
        if (known := self._decided.pop(index, None)) is not None:
            _, phase, step = known
            self._tell(index, Decision("skipped", reason=why), phase, step, {})

    def settle(self, steps: Iterable[tuple[Step, Phase]], why: str) -> None:
        """The run has ended: whatever was planned and did not come was skipped."""
        for index in list(self._decided):  # handed out, and then the run ended
            self.missed(index, why)
        lots: dict[str, list[dict[str, Any]]] = {}
        skipped, now = Decision("skipped", reason=why), _now()
        for step, phase in steps:  # a plan has 100,000 of them, and a cancel waits for this
            if step.index is None:
                continue
            if step.event is not None:
                self._outcomes.append((step.event, "skipped"))
            row = self._row(step.index, skipped, phase, step, {}, now)
            lots.setdefault(self._table(step.item, phase), []).append(row)
        self._loop.count_light("skipped", sum(map(len, lots.values())))
        if self._results is not None:
            for table, rows in lots.items():
                self._results.keep_lights(table, rows)

    # ------------------------------------------------------------------ parts

    def _mask(self, step: Step, phase: Phase, deadline: float, token: threading.Event) -> Decision:
        assert step.index is not None
        assert phase.stimulate is not None
        t, p, _, _ = step.index
        pipeline = self._loop.pipeline(step.item)
        if pipeline is None or not pipeline.looks:
            return self._blind(step)
        wanted: int | None = t
        if phase.stimulate.mode == "previous":
            wanted = self._loop.predecessor(t, p)
        while wanted is not None:
            given = self._loop.wait(wanted, p, deadline, token)
            if given.value is not None:
                return Decision("fired", given.value, wanted)
            if given.how is How.CANCELLED:
                return Decision("cancelled")
            if given.how is How.LATE:
                return Decision("skipped", reason=f"the mask of t {wanted} was not there in time")
            if phase.stimulate.mode == "current":
                return Decision("skipped", reason=f"the pipeline gave no mask of t {wanted}")
            wanted = self._loop.predecessor(wanted, p)
        return Decision("skipped", reason="there is no mask from before")

    def _blind(self, step: Step) -> Decision:
        assert step.index is not None
        failed: list[Exception] = []
        with Failing(failed.append):
            t, p, _, _ = step.index
            return Decision("fired", self._loop.blind_mask(step.item, t, p))
        self._loop.on_error("react", failed[0])
        return Decision("skipped", reason=str(failed[0]))

    def _by_policy(self, index: Index, phase: Phase, reason: str) -> Decision:
        assert phase.stimulate is not None
        t, p, _, _ = index
        dark = np.zeros(self._shape, bool)
        match phase.stimulate.on_late:
            case "skip":
                return Decision("skipped", reason=reason)
            case "stop":
                raise ReactError(
                    f"phase {phase.name!r} stops without a mask at t {t} of field {p}: {reason}"
                )
            case "previous":
                if (before := self._loop.newest(t, p)) is not None:
                    return Decision("fallback", before[1], before[0], reason)
                return Decision("fallback", dark, None, f"{reason}, nor is there one from before")
            case "dark":
                return Decision("fallback", dark, None, reason)

    def _tell(
        self,
        index: Index,
        decision: Decision,
        phase: Phase,
        step: Step,
        metadata: Mapping[str, Any],
    ) -> None:
        self._loop.count_light(decision.outcome)
        if step.event is not None:
            self._outcomes.append((step.event, decision.outcome))
        if self._results is None:
            return
        row = self._row(index, decision, phase, step, metadata, _now())
        kept = None if decision.mask is None else (index, decision.mask)
        self._results.keep_lights(self._table(step.item, phase), [row], kept)

    def _table(self, item: int, phase: Phase) -> str:
        if item not in self._tables:
            taken = tuple(self._tables.values())
            self._tables[item] = table_name("stimulations", phase.name, taken)
        return self._tables[item]

    def _row(
        self,
        index: Index,
        decision: Decision,
        phase: Phase,
        step: Step,
        metadata: Mapping[str, Any],
        now: str,
    ) -> dict[str, Any]:
        t, p, _, z = index
        pipeline = self._loop.pipeline(step.item)
        choice = None if pipeline is None else pipeline.pipeline.stimulate
        mask = decision.mask
        return {
            **{"t": t, "p": p, "z": z, "phase": phase.name, "outcome": decision.outcome},
            **{"reason": decision.reason, "stimulator": "" if choice is None else choice.name},
            "mask_t": decision.mask_t,
            "lit_pixels": 0 if mask is None else int(np.count_nonzero(mask)),
            "waited_s": decision.waited_s,
            "exposure_ms": _number(metadata.get("exposure_ms", step.request.exposure)),
            "power": step.power,
            "at": now,
        }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
