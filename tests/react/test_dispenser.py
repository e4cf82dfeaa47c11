"""One dispenser a field: what was put is given, what was skipped is walked past, nobody hangs."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from parfocal.react._dispenser import Dispenser, How

NEVER = threading.Event()
TIMES = st.integers(0, 20)


class DispenserMachine(RuleBasedStateMachine):
    """A dispenser beside a model of it that is as simple as can be."""

    def __init__(self) -> None:
        super().__init__()
        self.dispenser: Dispenser[str] = Dispenser()
        self.announced: set[int] = set()
        self.values: dict[int, str] = {}
        self.skipped: set[int] = set()
        self.gone = -1
        self.cancelled = False

    def _settled(self, t: int) -> bool:
        return t in self.values or t in self.skipped or t <= self.gone

    @rule(t=TIMES)
    def announce(self, t: int) -> None:
        self.dispenser.announce(t)
        if t > self.gone and t not in self.skipped:
            self.announced.add(t)

    @rule(t=TIMES)
    def put(self, t: int) -> None:
        settled = self._settled(t)
        assert self.dispenser.put(t, f"of {t}") is not settled
        if not settled:
            self.announced.add(t)
            self.values[t] = f"of {t}"

    @rule(t=TIMES)
    def skip(self, t: int) -> None:
        settled = self._settled(t)
        assert self.dispenser.skip(t) is not settled
        if not settled:
            self.announced.discard(t)
            self.skipped.add(t)

    @rule(t=TIMES)
    def predecessor(self, t: int) -> None:
        older = {one for one in self.announced if one < t}
        assert self.dispenser.predecessor(t) == max(older, default=None)

    @rule(t=TIMES)
    def newest(self, t: int) -> None:
        came = {one for one in self.values if one < t}
        wanted = (max(came), f"of {max(came)}") if came else None
        assert self.dispenser.newest(t) == wanted

    @rule(t=TIMES)
    def wait(self, t: int) -> None:
        given = self.dispenser.wait(t, time.perf_counter(), NEVER)
        if t in self.values:
            assert given == (How.HERE, f"of {t}")
        elif t in self.skipped or t <= self.gone:
            assert given.how is How.SKIPPED
        else:
            assert given.how is (How.CANCELLED if self.cancelled else How.LATE)

    @rule(t=TIMES)
    def prune(self, t: int) -> None:
        self.dispenser.prune(t)
        older = sorted(one for one in self.announced if one < t)
        under_way = [one for one in older if one not in self.values]
        came = [
            one for one in older if one in self.values and (not under_way or one < under_way[0])
        ]
        if came:
            self.gone = max(self.gone, came[-1] - 1)
            self.values = {one: value for one, value in self.values.items() if one > self.gone}
            self.announced = {one for one in self.announced if one > self.gone}
            self.skipped = {one for one in self.skipped if one > self.gone}

    @precondition(lambda self: not self.cancelled)
    @rule()
    def cancel(self) -> None:
        self.dispenser.cancel()
        self.cancelled = True

    @invariant()
    def what_is_under_way_is_never_forgotten(self) -> None:
        for t in self.announced - set(self.values):
            assert self.dispenser.predecessor(t + 1) == t
        assert len(self.dispenser) == len(self.values)


TestDispenser = DispenserMachine.TestCase
TestDispenser.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("how", ["cancel", "token"])
def test_a_cancel_wakes_all_who_wait_within_a_moment(how: str) -> None:
    dispenser: Dispenser[int] = Dispenser()
    token = threading.Event()
    given: list[How] = []
    waiting = [
        threading.Thread(
            target=lambda t=t: given.append(dispenser.wait(t, time.perf_counter() + 80, token).how)
        )
        for t in range(5)
    ]
    for thread in waiting:
        thread.start()
    time.sleep(0.05)
    began = time.perf_counter()
    dispenser.cancel() if how == "cancel" else token.set()
    for thread in waiting:
        thread.join(2)
    assert time.perf_counter() - began < 1.0
    assert given == [How.CANCELLED] * 5


def test_who_waits_gets_it_as_soon_as_it_is_there_and_goes_on_when_it_is_skipped() -> None:
    dispenser: Dispenser[str] = Dispenser()
    given: list[object] = []

    def wait(t: int) -> None:
        given.append(dispenser.wait(t, time.perf_counter() + 30, NEVER))

    threads = [threading.Thread(target=wait, args=(t,)) for t in (1, 2)]
    for thread in threads:
        thread.start()
    dispenser.put(1, "mask")
    dispenser.skip(2)
    for thread in threads:
        thread.join(5)
    assert set(given) == {(How.HERE, "mask"), (How.SKIPPED, None)}


def test_a_late_result_of_what_was_given_up_changes_nothing() -> None:
    dispenser: Dispenser[str] = Dispenser()
    dispenser.announce(3)
    assert dispenser.skip(3)
    assert not dispenser.put(3, "too late")
    assert dispenser.wait(3, time.perf_counter(), NEVER).how is How.SKIPPED


def test_what_is_kept_does_not_grow_with_the_run() -> None:
    dispenser: Dispenser[int] = Dispenser()
    for t in range(2000):
        dispenser.put(t, t) if t % 7 else dispenser.skip(t)
        dispenser.prune(t - 1)
    assert len(dispenser) <= 3
