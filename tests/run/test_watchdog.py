"""Frames that stop, a disk that stalls or fills: told once, told when over, never in a wait."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from disks import freezing_disk, frozen
from faulty_devices import Blocking, OddCamera, load
from hypothesis import given
from hypothesis import strategies as st
from receiver import Receiver
from run_sessions import items, plan, series, until

from parfocal.jobs import Messenger, told_since, ways_of_user
from parfocal.plan import OnTrouble
from parfocal.run import Alarm, Guard, Patience, RunState
from parfocal.run._state import TERMINAL
from parfocal.run._watchdog import Memory, Sight, look
from parfocal.scope import Microscope, open_microscope
from parfocal.wiring import Alarms, Session, notice_of, prepare_run

s = RunState
PATIENT = Patience()
LIVE = sorted(set(RunState) - TERMINAL)


@st.composite
def runs(draw: st.DrawFn) -> list[Sight]:
    """A run seen again and again, whatever it does, until it ends."""
    now = Sight(0.0, s.PENDING, expected=1000, gap_s=draw(st.floats(0, 10)))
    seen = [now]
    for _ in range(draw(st.integers(1, 60))):
        acquired = now.acquired + draw(st.sampled_from([0, 0, 0, 1, 40]))
        stored = draw(st.integers(now.stored, acquired))
        now = replace(
            now,
            at_s=now.at_s + draw(st.sampled_from([0.5, 1.0, 4.0, 3600.0])),
            state=draw(st.sampled_from(LIVE)),
            acquired=acquired,
            stored=stored,
            sleeps=draw(st.booleans()),
            blocked_s=now.blocked_s + draw(st.sampled_from([0.0, 0.0, 0.7])),
            disk_bytes=stored * 10_000,
            free_bytes=draw(st.sampled_from([None, 0, 5_000_000, 10**12])),
        )
        seen.append(now)
    end = draw(st.sampled_from(sorted(TERMINAL)))
    seen.append(replace(now, at_s=now.at_s + 1, state=end, reason="why"))
    return seen


def told(seen: list[Sight], patience: Patience = PATIENT) -> list[tuple[Sight, Alarm]]:
    memory, all_ = Memory(), []
    for sight in seen:
        memory, alarms = look(memory, sight, patience)
        all_ += [(sight, alarm) for alarm in alarms]
    return all_


@given(runs())
def test_each_trouble_is_told_once_and_once_when_it_is_over(seen: list[Sight]) -> None:
    for trouble in ("silent", "stalled", "little room", "failed"):
        mine = [alarm.over for _, alarm in told(seen) if alarm.trouble == trouble]
        assert mine == [bool(n % 2) for n in range(len(mine))]  # began, over, began, …
        if trouble == "failed":
            assert mine == ([False] if seen[-1].state is s.FAILED else [])
        else:
            assert len(mine) % 2 == 0  # the end of the run is the end of it
    assert all(alarm.words for _, alarm in told(seen))


@given(runs())
def test_where_the_plan_waits_nobody_is_alarmed(seen: list[Sight]) -> None:
    resting = (s.PENDING, s.PREPARING, s.PAUSED, s.WAITING, s.HOLDING)
    patient = [
        one if one.state in resting or one.state in TERMINAL else replace(one, sleeps=True)
        for one in seen
    ]
    assert not [alarm for _, alarm in told(patient) if alarm.trouble == "silent"]


@given(runs(), st.integers(0, 5))
def test_silence_takes_its_time_and_a_frame_ends_it(seen: list[Sight], factor: int) -> None:
    patience = replace(PATIENT, frames=float(factor))
    for sight, alarm in told(seen, patience):
        if alarm.trouble != "silent" or alarm.over:
            continue
        least = max(patience.least_s, factor * sight.gap_s)
        before = seen[: seen.index(sight) + 1]
        silent = [one for one in before if one.acquired == sight.acquired]
        assert sight.at_s - silent[0].at_s + patience.look_s >= least
        looks = (len(silent)) * patience.look_s
        assert looks >= least  # a computer that slept for an hour is no silence of an hour


def test_the_expected_course_is_silent_and_a_dead_camera_is_not() -> None:
    fine = [
        Sight(float(n), s.RUNNING, n // 10, n // 10, 900, sleeps=n % 10 < 8, free_bytes=10**12)
        for n in range(600)
    ]
    assert told(fine) == []
    dead = [replace(fine[-1], at_s=600.0 + n, sleeps=False) for n in range(60)]
    back = replace(dead[-1], at_s=661.0, acquired=60)
    ((first, began), (_, over)) = told([*fine, *dead, back])
    assert (began.trouble, began.over, over.over) == ("silent", False, True)
    assert 10 <= first.at_s - 600 <= 17
    assert "59 of 900 came" in began.words


class Ear:
    """Hears alarms; `heard` is what began and what is over."""

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []

    def __call__(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)
        assert threading.current_thread().name == "parfocal-guard"  # apart from the run's own

    def hear(self, _store: Path, alarm: Alarm) -> None:
        self(alarm)

    def close(self) -> None:
        """Nobody waits."""

    @property
    def heard(self) -> list[tuple[str, bool]]:
        return [(alarm.trouble, alarm.over) for alarm in self.alarms]


@pytest.fixture
def freezing(tmp_path: Path) -> Iterator[Path]:
    with freezing_disk(tmp_path / "disk.img", 64 * 2**20) as folder:
        yield folder


def test_a_disk_that_stalls_under_a_run_is_told_and_the_run_knows_nothing_of_it(
    freezing: Path, demo_camera: Microscope
) -> None:
    experiment = plan(time_plan={"interval": 0.01, "loops": 300})
    store = freezing / "cells.ome.zarr"
    session = prepare_run(experiment, demo_camera, store, live=False, budget_bytes=4 * 2**20)
    ear = Ear()
    patience = Patience(stall_s=0.5, unwritten_s=30)
    recorded = session.recording.status
    guard = Guard(session.run, lambda: recorded().disk_bytes, ear, patience=patience, every_s=0.1)
    guard.start()
    session.run.start()
    until(lambda: session.run.status().frames_stored > 0)
    with frozen(freezing):
        until(lambda: ("stalled", False) in ear.heard, 20)
    assert session.run.wait(20)
    guard.close()
    session.close()
    assert session.run.status().state is s.COMPLETED
    assert ear.heard == [("stalled", False), ("stalled", True)]
    notice = notice_of(ear.alarms[0], store)
    assert notice.needs_me
    assert notice.subject.startswith("cells.ome.zarr: the disk stalls: nothing was written for")
    assert not notice_of(ear.alarms[1], store).needs_me


@pytest.fixture
def microscope() -> Iterator[Microscope]:
    opened = open_microscope("demo", camera_size=(32, 32))
    yield opened
    opened.close()


def test_a_drive_that_hangs_is_told_before_its_deadline_and_when_it_is_back(
    microscope: Microscope, prepare: Callable[..., Session]
) -> None:
    focus = Blocking()
    focus.release.set()
    load(microscope, "Drive", focus)
    session = prepare(
        items(series(loops=3, interval=0.05, stage_positions=[(0, 0, 1)])), microscope
    )
    focus.release.clear()
    ear = Ear()
    guard = Guard(
        session.run, lambda: 0, ear, patience=Patience(frames=0.1, least_s=0.4), every_s=0.05
    )
    guard.start()
    session.run.start()
    until(lambda: ear.heard == [("silent", False)], 10)
    focus.release.set()
    until(lambda: ear.heard == [("silent", False), ("silent", True)], 10)
    assert session.run.wait(10)
    guard.close()
    assert session.run.status().state is s.COMPLETED


def test_a_run_that_fails_is_told_through_the_wiring(
    microscope: Microscope, prepare: Callable[..., Session]
) -> None:
    camera = OddCamera()
    load(microscope, "Odd", camera)
    ear = Ear()
    camera.odd[1] = (4, 5)
    rule = OnTrouble.model_validate({"action": "abort", "deadline": 0.3})
    session = prepare(items(series(loops=3, interval=0), on_trouble=rule), microscope, alarms=ear)
    session.run.execute()
    session.close()
    assert ear.heard == [("failed", False)]
    assert "5 × 4 pixels" in ear.alarms[0].words


def test_people_are_told_on_their_ways_and_in_the_window_and_nobody_waits(tmp_path: Path) -> None:
    settings, queue = tmp_path / "settings.json", tmp_path / "queue.sqlite"
    with Receiver().listening() as receiver:
        ways = [{"webhook": receiver.url, "only": "needs me"}, {"webhook": "no address"}]
        settings.write_text(json.dumps({"version": 1, "notify": ways}))
        messenger = Messenger(lambda: ways_of_user(settings), queue)
        store = tmp_path / "cells.ome.zarr"
        messenger.tell(notice_of(Alarm("silent", False, "no frame has come for 16 s"), store))
        over = notice_of(Alarm("silent", True, "frames come again"), store)
        messenger.tell(over)
        messenger.tell(notice_of(Alarm("silent", True, "it is over"), store), everybody=True)
        messenger.close()
        assert [one["subject"] for one in receiver.taken] == [
            "cells.ome.zarr: frames stopped: no frame has come for 16 s",
            "cells.ome.zarr: frames stopped — over: it is over",
        ]
        assert [one.notice.needs_me for one in told_since(queue)] == [True, False, False]
        lost = tmp_path / "settings.json" / "queue.sqlite"  # a queue that nobody can write
        messenger = Messenger(lambda: ways_of_user(settings), lost)
        messenger.tell(notice_of(Alarm("little room", False, "the disk will be full"), store))
        messenger.close()
        Alarms(settings, queue).close()  # of a run without trouble, at no cost
        assert len(receiver.taken) == 3
