"""Whatever crashes, retries, forces and clocks do: the invariants of the queue stand."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hand_clock import HandClock
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from parfocal.jobs import (
    Artifact,
    Config,
    Database,
    Job,
    LeaseLost,
    Leases,
    Notice,
    Outcome,
    State,
    admit,
    begin_anew,
    cancel_job,
    list_jobs,
    pause,
    resume,
    retry_job,
)
from parfocal.jobs._outbox import claim_letter, delivered, put_back

TAKEN = "SELECT key FROM outbox WHERE state = 'delivered' AND key LIKE '%/0'"

STRIPS = (1, 2)
NUMBER = st.integers(0, 5)


class QueueStates(RuleBasedStateMachine):
    """Two applications and some workers on one queue; leases are kept after crashes and used
    late."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="parfocal-queue-"))
        self.clock = HandClock()
        self.apps = [Database(self.folder / "q.sqlite", self.clock) for _ in range(2)]
        self.leases = [Leases(app, jitter=lambda: 0.5) for app in self.apps]
        self.held: list[Job] = []
        self.letters: list[Any] = []
        self.taken: set[str] = set()
        self.config = Config(
            project="p",
            output=Path("/out"),
            archive=Path("/arc"),
            cleanup="move",
            notify=({"webhook": "http://localhost:1/"},),
        )

    def teardown(self) -> None:
        for app in self.apps:
            app.close()
        shutil.rmtree(self.folder)

    @rule(app=st.integers(0, 1), strip=st.sampled_from(STRIPS), force=st.booleans())
    def offer(self, app: int, strip: int, force: bool) -> None:
        before = self._rows("SELECT id, state FROM job ORDER BY id")
        name = self.config.name_of(Path(f"/raw/Run{strip}"))
        decision = admit(self.apps[app], name, Path(f"/raw/Run{strip}"), self.config, force=force)
        if decision.action == "skip":
            assert self._rows("SELECT id, state FROM job ORDER BY id") == before
        assert decision.why

    @rule(app=st.integers(0, 1))
    def claim(self, app: int) -> None:
        job = self.leases[app].claim(f"w{app}", {"copy": 1, "work": 2, "light": 3})
        if job is not None:
            assert all(self._is_done(job, kind) for kind in job.needs)
            self.held.append(job)

    @precondition(lambda self: self.held)
    @rule(which=NUMBER, app=st.integers(0, 1), end=st.sampled_from(["ok", "ok", "later", "park"]))
    def commit(self, which: int, app: int, end: str) -> None:
        """Perhaps long after the lease, and perhaps a second time."""
        job = self.held[which % len(self.held)]
        may = self._holds(job)
        leases = self.leases[app]
        try:
            if end == "ok":
                notice = Notice(job.key, job.kind, "it is done")
                made = Artifact(job.kind, Path("/made"), 1, verified=True)
                leases.complete(job, Outcome("done", (made,), (notice,)))
            elif end == "later":
                leases.retry_later(job, "the share is gone")
            else:
                leases.park(job, "it is corrupt", "corrupt")
        except LeaseLost:
            assert not may
        else:
            assert may

    @precondition(lambda self: self.held)
    @rule(which=NUMBER)
    def renew(self, which: int) -> None:
        job = self.held[which % len(self.held)]
        if self._holds(job):
            if self.leases[0].renew(job):
                self.leases[1].cancelled(job)
        else:
            with pytest.raises(LeaseLost):
                self.leases[0].renew(job)

    @rule(seconds=st.sampled_from([1.0, 20.0, 31.0, 100.0, 4000.0, 9000.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_by(seconds)

    @rule(seconds=st.sampled_from([-86400.0, 86400.0, 3.0]))
    def wall_clock_jumps(self, seconds: float) -> None:
        self.clock.jump(seconds)

    @rule()
    def computer_restarts(self) -> None:
        self.clock.restart()

    @rule(app=st.integers(0, 1), which=NUMBER)
    def person(self, app: int, which: int) -> None:
        jobs = [job for job in list_jobs(self.apps[app]) if job.generation == self._newest(job)]
        broken = [job for job in jobs if job.state in {State.FAILED, State.PARKED}]
        if broken:
            retry_job(self.apps[app], broken[which % len(broken)].id)
        elif jobs and which == 0:
            cancel_job(self.apps[app], jobs[-1].id)

    @rule(strip=st.sampled_from(STRIPS))
    def raw_changes(self, strip: int) -> None:
        for (generation,) in self._rows("SELECT generation FROM strip WHERE strip = ?", (strip,)):
            name = f"p/slice-000/camera-01/strip-{strip:03}"
            assert begin_anew(self.apps[0], name, generation, "appended")
            assert not begin_anew(self.apps[1], name, generation, "appended")

    @rule(stop=st.booleans())
    def pauses(self, stop: bool) -> None:
        pause(self.apps[0]) if stop else resume(self.apps[1])

    @rule(app=st.integers(0, 1), end=st.sampled_from(["taken", "down", "crash", "said late"]))
    def deliver(self, app: int, end: str) -> None:
        letter = claim_letter(self.apps[app])
        if letter is None:
            return
        if end in {"taken", "crash"}:  # a crash: somebody took it, and we never said so
            self.taken.add(letter.key)
        if end == "taken":
            delivered(self.apps[app], letter)
        elif end == "down":
            put_back(self.apps[app], letter, "nobody answers")
        elif end == "said late":
            self.letters.append(letter)

    @precondition(lambda self: self.letters)
    @rule()
    def says_late(self) -> None:
        """That nobody took it; another one may have delivered it meanwhile."""
        before = self._rows(TAKEN)
        put_back(self.apps[0], self.letters.pop(), "nobody answers")
        assert self._rows(TAKEN) == before

    @invariant()
    def one_live_lease_a_strip_and_stage(self) -> None:
        now = self.clock.now()
        rows = self._rows(
            "SELECT strip, kind, count(*) FROM job WHERE state = 'running' AND lease_boot = ? "
            "AND lease_until > ? GROUP BY strip, kind",
            (now.boot, now.monotonic),
        )
        assert all(count == 1 for *_, count in rows)

    @invariant()
    def nothing_runs_without_a_live_lease(self) -> None:
        now = self.clock.now()
        for job in list_jobs(self.apps[1]):
            if job.state is State.RUNNING:
                row = self._rows("SELECT lease_boot, lease_until FROM job WHERE id = ?", (job.id,))
                assert row[0][0] == now.boot
                assert row[0][1] > now.monotonic

    @invariant()
    def a_stage_is_done_once_a_generation(self) -> None:
        rows = self._rows(
            "SELECT job, count(*) FROM event WHERE kind = 'done' GROUP BY job HAVING count(*) > 1"
        )
        assert rows == []

    @invariant()
    def a_notice_is_posted_once_and_never_lost(self) -> None:
        sent = self._rows(TAKEN)
        assert {key for (key,) in sent} <= self.taken
        done = self._rows("SELECT count(*) FROM event WHERE kind = 'done'")[0][0]
        told = self._rows("SELECT count(*) FROM outbox WHERE key LIKE '%/0' AND notice LIKE ?", (
            '%"it is done"%',))[0][0]  # fmt: skip
        assert told == done

    def _holds(self, job: Job) -> bool:
        """Told independently of the queue's own fence."""
        now = self.clock.now()
        (row,) = self._rows(
            "SELECT state, lease, lease_boot, lease_until, job.generation = strip.generation "
            "FROM job JOIN strip ON strip.id = job.strip WHERE job.id = ?",
            (job.id,),
        )
        state, lease, boot, until, newest = row
        live = state == "running" and boot == now.boot and until > now.monotonic
        return bool(live and lease == job.lease and newest)

    def _is_done(self, job: Job, kind: str) -> bool:
        rows = self._rows(
            "SELECT state FROM job WHERE strip = ? AND generation = ? AND kind = ?",
            (job.strip, job.generation, kind),
        )
        return rows == [("done",)]

    def _newest(self, job: Job) -> int:
        return int(self._rows("SELECT generation FROM strip WHERE id = ?", (job.strip,))[0][0])

    def _rows(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.apps[0].rows(sql, values)]


QueueStates.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestQueueStates = QueueStates.TestCase
