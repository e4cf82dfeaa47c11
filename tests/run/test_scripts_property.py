"""Whatever is asked of a run, and when: its counters, its states and its store stay true."""

from __future__ import annotations

import tempfile
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from run_sessions import items, phase, series

from parfocal.plan import Hold, Item, Wait
from parfocal.run import RunRefused, RunState, RunStatus
from parfocal.run._state import TABLE
from parfocal.scope import Microscope
from parfocal.store import check, info
from parfocal.wiring import Session, prepare_run

s = RunState

TWO_FIELDS = {"stage_positions": [(0, 0, 0), (40, 0, 0)]}
PARTS: dict[str, list[Item]] = {
    "barriers": [Hold(message="?"), Wait(seconds=0.02)],
    "series": [series(loops=4, interval=0.01, **TWO_FIELDS)],
    "stack": [phase("b", **TWO_FIELDS)],
    "wait": [Wait(seconds=0.03), series("c", loops=2, interval=0)],
    "hold": [Hold(message="?"), phase("d")],
    "nothing": [],
}
SCRIPTS = 50
STEPS = 8
ENDS_S = 10.0


class Scripts(RuleBasedStateMachine):
    """Random calls on a run that goes on in a thread of its own, on the real demo microscope."""

    microscope: Microscope
    ended: list[RunState]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="parfocal-scripts-")
        self.states: list[RunState] = [s.PENDING]
        self.last = RunStatus()
        self.calls = 0
        self.refused = False
        self.session: Session

    @initialize(
        parts=st.lists(st.sampled_from(["series", "stack", "wait", "hold"]), max_size=2),
        policy=st.sampled_from(["catch-up", "shift"]),
        keep_open=st.booleans(),
        starts=st.booleans(),
    )
    def prepare(self, parts: list[str], policy: str, keep_open: bool, starts: bool) -> None:
        first = series("a", loops=3, interval=0.02, **TWO_FIELDS)
        before = PARTS["barriers"] if policy == "shift" else []
        plan = items(
            *before, first, *(item for part in parts for item in PARTS[part]), policy=policy
        )
        self.session = prepare_run(
            plan,
            self.microscope,
            Path(self.folder.name) / "run.ome.zarr",
            live=False,
            keep_open=keep_open,
        )
        control = self.run._control
        change = control._change

        def note(state: RunState, reason: str | None = None) -> bool:
            changed = change(state, reason)
            if changed:
                self.states.append(state)
            return changed

        # with the lock held: a callback is called after it, and two threads may overtake each other
        control._change = note  # type: ignore[method-assign]
        if starts:
            self.run.start()
        self.started = starts

    @property
    def run(self):
        return self.session.run

    @precondition(lambda self: not self.started)
    @rule()
    def start(self) -> None:
        self.started = True
        self.run.start()

    @rule()
    def pause(self) -> None:
        self.run.pause()

    @rule()
    def resume(self) -> None:
        self.run.resume()

    @rule()
    def release(self) -> None:
        self.run.release()

    @rule(milliseconds=st.integers(0, 40))
    def let_it_run(self, milliseconds: int) -> None:
        time.sleep(milliseconds / 1000)

    @rule(
        part=st.sampled_from(sorted(PARTS)),
        kind=st.sampled_from(["replace_remaining", "extend", "continue_with"]),
    )
    def change(self, part: str, kind: str) -> None:
        before = self.run.status()
        try:
            getattr(self.run, kind)(PARTS[part])
        except RunRefused:
            self.refused = True
            return
        assert not self.refused  # once it takes nothing more, it never does again
        after = self.run.status()
        assert after.revision > before.revision
        if kind != "replace_remaining":
            assert after.frames_expected >= before.frames_expected

    @precondition(lambda self: self.calls > 5)
    @rule()
    def cancel(self) -> None:
        self.run.cancel("enough")
        assert self.run.status().state in (s.CANCELLING, s.FINISHING, *END)

    @rule()
    def see_that_nothing_is_snapped_while_it_is_paused(self) -> None:
        if self.run.status().state is not s.PAUSED:
            return
        before = self.run.status().frames_acquired
        time.sleep(0.03)
        if self.run.status().state is s.PAUSED:
            assert self.run.status().frames_acquired == before

    @invariant()
    def counters_are_in_order_and_never_go_back(self) -> None:
        if not hasattr(self, "session"):
            return
        self.calls += 1
        now, last = self.run.status(), self.last
        assert now.frames_stored <= now.frames_acquired <= now.frames_fed <= now.frames_expected, (
            now
        )
        assert now.event <= now.events
        for name in (
            "event", "frames_fed", "frames_acquired", "frames_stored", "frames_skipped", "revision",
        ):  # fmt: skip
            assert getattr(now, name) >= getattr(last, name), name
        if last.state.is_terminal:
            assert now == last, self.states  # it absorbs
        self.last = now

    def teardown(self) -> None:
        try:
            self._end()
        finally:
            self.session.close()
            self.folder.cleanup()

    def _end(self) -> None:
        """Let it come to its end, however it was left, and compare it with its store."""
        run = self.run
        if not self.started:
            run.start()
        deadline = time.monotonic() + ENDS_S
        while not run.wait(0.002):
            assert time.monotonic() < deadline, run.status()
            run.resume()
            run.release()
        status = run.status()
        assert status.state in (s.COMPLETED, s.CANCELLED), status
        for earlier, later in pairwise(self.states):
            assert later in TABLE[earlier], self.states
        self.ended.append(status.state)
        if s.PREPARING not in self.states:  # it never began: its session takes the store away
            return
        stored = info(status.store)
        assert stored.acquired == status.frames_stored == status.frames_acquired, (status, stored)
        assert stored.planned == status.frames_expected, (status, stored)
        assert stored.acquired + stored.missing == status.frames_expected
        if status.state is s.COMPLETED:
            assert status.frames_stored + status.frames_skipped == status.frames_expected
            assert status.frames_skipped == 0  # on healthy hardware
            assert (status.event, stored.state) == (status.events, "completed")
            assert stored.shape[0] == max(1, run.schedule.sizes.t)  # all may be replaced by nothing
        else:
            assert stored.state == "interrupted", (self.states, status, stored)
        if len(self.ended) % 5 == 0:  # it takes as long as all the rest
            assert check(status.store).ok


END = (s.COMPLETED, s.CANCELLED, s.FAILED)


@pytest.mark.timeout(120)
def test_fifty_random_scripts_keep_every_promise(demo: Microscope):
    Scripts.microscope = demo
    Scripts.ended = []
    Scripts.TestCase.settings = settings(
        max_examples=SCRIPTS,
        stateful_step_count=STEPS,
        deadline=None,
        phases=(Phase.generate,),  # a script in real time shrinks to nothing that means anything
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    case = Scripts.TestCase("runTest")
    case.runTest()
    assert len(Scripts.ended) >= SCRIPTS
    assert s.COMPLETED in Scripts.ended
