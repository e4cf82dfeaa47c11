"""A cancel that comes while a job ends for now is kept: the job does not begin again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parfocal.jobs import Database, Job, Leases, add_job, cancel_job, job_of


@pytest.mark.parametrize(
    "end",
    [
        lambda leases, job: leases.put_off(job, 0.0, {}, "it is still being written"),
        lambda leases, job: leases.give_back(job, "its worker was ended", ""),
        lambda leases, job: leases.retry_later(job, "the share is gone"),
    ],
    ids=["put off", "given back", "tried again later"],
)
def test_a_job_that_ends_for_now_does_not_forget_its_cancel(
    database: Database, end: Callable[[Leases, Job], None]
) -> None:
    leases = Leases(database)
    number = add_job(database, "export", {}, "one")
    job = leases.claim("w")
    assert job is not None
    cancel_job(database, number)
    end(leases, job)
    assert job_of(database, number).state == "cancelled"
    assert leases.claim("w") is None
