"""The table of states is the only way from one to another, and an end is an end."""

import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parfocal.run import RunState
from parfocal.run._state import TABLE, TERMINAL, Control

s = RunState
# run.md's table, written out again: a change there must be meant
DESIGN = {
    s.PENDING: {s.PREPARING, s.CANCELLED},
    s.PREPARING: {s.RUNNING, s.WAITING, s.HOLDING, s.FAILED, s.CANCELLING},
    s.RUNNING: {s.PAUSING, s.WAITING, s.HOLDING, s.FINISHING, s.CANCELLING, s.FAILED},
    s.PAUSING: {s.PAUSED, s.RUNNING, s.FINISHING, s.CANCELLING, s.FAILED},
    s.PAUSED: {s.RUNNING, s.WAITING, s.HOLDING, s.FINISHING, s.CANCELLING, s.FAILED},
    s.WAITING: {s.RUNNING, s.PAUSING, s.FINISHING, s.CANCELLING, s.FAILED},
    s.HOLDING: {s.RUNNING, s.PAUSING, s.FINISHING, s.CANCELLING, s.FAILED},
    s.CANCELLING: {s.CANCELLED, s.FAILED},
    s.FINISHING: {s.COMPLETED, s.CANCELLING, s.FAILED},
    s.COMPLETED: set(),
    s.CANCELLED: set(),
    s.FAILED: set(),
}


def test_the_table_is_the_designs():
    assert {state: set(after) for state, after in TABLE.items()} == DESIGN


calls = st.lists(st.sampled_from([*RunState, "pause", "resume", "cancel"]), min_size=1, max_size=40)


@given(calls)
def test_whatever_is_asked_only_the_table_is_walked(asked: list[RunState | str]):
    seen: list[RunState] = [RunState.PENDING]
    control = Control(lambda: seen.append(control.state))
    for call in asked:
        before = control.state
        if call == "pause":
            control.request_pause()
        elif call == "resume":
            control.request_resume()
        elif call == "cancel":
            control.request_cancel("enough")
        else:
            assert control.go(RunState(call)) == (call in TABLE[before])
        if before in TERMINAL:
            assert control.state is before
        if control.state is RunState.CANCELLING:
            assert control.reason in ("", "enough")
    for earlier, later in pairwise(seen):
        assert later in TABLE[earlier]


def test_a_second_cancel_does_not_end_what_the_first_one_began():
    control = Control(lambda: None)
    control.go(RunState.PREPARING)
    assert control.request_cancel("first")
    assert not control.request_cancel("second")
    assert control.snapshot() == (RunState.CANCELLING, "first")


@pytest.mark.parametrize("end", sorted(TERMINAL))
def test_a_terminal_state_absorbs_everything(end: RunState):
    control = Control(lambda: None)
    for state in (RunState.PREPARING, RunState.RUNNING, RunState.FINISHING, RunState.CANCELLING):
        control.go(state)
        if control.go(end, "the end"):
            break
    assert control.snapshot() == (end, "the end")
    control.request_pause()
    control.request_resume()
    assert not control.request_cancel("later")
    assert not any(control.go(state, "later") for state in RunState)
    assert control.snapshot() == (end, "the end")


def test_racing_threads_reach_one_end():
    for _ in range(50):
        ends: list[RunState] = []
        control = Control(lambda: None)
        control.go(RunState.PREPARING)
        control.go(RunState.RUNNING)
        control.go(RunState.FINISHING)

        def end(state: RunState, control: Control = control, ends: list[RunState] = ends) -> None:
            if control.go(state):
                ends.append(state)

        racing = [RunState.COMPLETED, RunState.FAILED, RunState.COMPLETED]
        threads = [threading.Thread(target=end, args=(state,)) for state in racing]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ends == [control.state]


def test_a_sleeper_wakes_for_a_cancel_and_for_a_pause():
    for wake in ("cancel", "pause"):
        control = Control(lambda: None)
        control.go(RunState.PREPARING)
        control.go(RunState.RUNNING)
        began = time.perf_counter()
        if wake == "cancel":
            timer = threading.Timer(0.05, control.request_cancel, args=("enough",))
        else:
            timer = threading.Timer(0.05, control.request_pause)
        timer.start()
        control.sleep(30)
        timer.join()
        assert time.perf_counter() - began < 1
