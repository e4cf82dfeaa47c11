"""Who looks at a job sees it get on, between two renewals of its lease."""

from __future__ import annotations

import threading
import time

import pytest

from parfocal.jobs import Database, Worker, add_job, is_idle, list_jobs
from parfocal.jobs import _perform as perform_module
from parfocal.jobs import _worker as worker_module
from parfocal.jobs._job import Job, Outcome
from parfocal.jobs._pace import Pace

PATIENCE_S = 30.0


def test_how_far_a_job_is_can_be_seen_long_before_its_lease_is_renewed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "RENEW_S", 1e9)
    monkeypatch.setattr(worker_module, "TELL_S", 0.1)
    seen = threading.Event()

    def half(_job: Job, pace: Pace) -> Outcome:
        pace.breathe(0.5)
        seen.wait(PATIENCE_S)
        return Outcome("done")

    monkeypatch.setattr(perform_module, "do_generic", half)
    add_job(database, "export", {}, "one")
    work = threading.Thread(
        target=Worker(database).run, args=(threading.Event(), lambda: is_idle(database))
    )
    work.start()
    end = time.monotonic() + PATIENCE_S
    while (told := list_jobs(database)[0].fraction) != 0.5 and time.monotonic() < end:
        time.sleep(0.05)
    seen.set()
    work.join()
    assert told == 0.5
