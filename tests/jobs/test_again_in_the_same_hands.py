"""A worker that lost a job and takes it again keeps the new lease, whatever becomes of the old."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hand_clock import LaterClock

from parfocal.jobs import Database, Worker, add_job, job_of
from parfocal.jobs import _perform as perform_module
from parfocal.jobs._errors import LeaseLost
from parfocal.jobs._job import Job, Outcome
from parfocal.jobs._pace import Pace
from parfocal.jobs._worker import LEASE_S

PATIENCE_S = 30.0


def test_the_end_of_a_lost_attempt_takes_nothing_from_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = LaterClock()
    database = Database(tmp_path / "queue.sqlite", clock)
    begun = [threading.Event(), threading.Event()]
    let_go = [threading.Event(), threading.Event()]

    def hangs(job: Job, pace: Pace) -> Outcome:
        begun[job.lease - 1].set()
        assert let_go[job.lease - 1].wait(PATIENCE_S)
        if job.lease == 1:
            raise LeaseLost("too late")
        return Outcome("done")

    monkeypatch.setattr(perform_module, "do_generic", hangs)
    number = add_job(database, "export", {}, "one")
    worker = Worker(database)
    stop, ended = threading.Event(), threading.Event()

    def work() -> None:
        worker.run(stop)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert begun[0].wait(PATIENCE_S)
        clock.ahead += 2 * LEASE_S  # as after a laptop slept
        assert begun[1].wait(PATIENCE_S)
        let_go[0].set()
        for one in threading.enumerate():
            if one.name == f"parfocal export {number}" and one is not thread:
                one.join(0.5)
        assert not worker.is_idle
        stop.set()
        assert not ended.wait(0.5), "it left a job behind that it still did"
    finally:
        let_go[0].set()
        let_go[1].set()
        stop.set()
        thread.join()
    assert job_of(database, number).state == "done"
    database.close()
