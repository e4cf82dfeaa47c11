"""A job is done once, by whoever holds its lease, whatever the clocks and the workers do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hand_clock import HandClock

from parfocal.jobs import (
    Database,
    JobError,
    LeaseLost,
    Leases,
    Outcome,
    State,
    add_job,
    cancel_job,
    job_of,
    list_jobs,
    pause,
    resume,
    retry_job,
    story_of,
)

CLAIMER = """
import sys
from pathlib import Path
from parfocal.jobs import Database, Leases, Outcome
database = Database(Path(sys.argv[1]))
leases = Leases(database)
name, mine = sys.argv[2], []
while (job := leases.claim(name, {})) is not None:
    leases.complete(job, Outcome())
    mine.append(job.id)
database.close()
print(*mine)
"""


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def queue(tmp_path: Path, clock: HandClock) -> Iterator[Database]:
    opened = Database(tmp_path / "queue.sqlite", clock)
    yield opened
    opened.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.soak)])
def test_six_processes_claim_every_job_once(tmp_path: Path, count: int) -> None:
    path = tmp_path / "queue.sqlite"
    database = Database(path)
    with database.change() as sql:
        sql.executemany(
            "INSERT INTO job (key, kind, lane, state, created, changed) "
            "VALUES (?, 'none', 'light', 'ready', 0, 0)",
            [(f"job {n}",) for n in range(count)],
        )
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, str(path), f"w{n}"], stdout=subprocess.PIPE, text=True
        )
        for n in range(6)
    ]
    claimed = [worker.communicate(timeout=500)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 6
    everything = [number for mine in claimed for number in mine]
    assert len(everything) == len(set(everything)) == count
    assert {job.lease for job in list_jobs(database)} == {1}
    database.close()


def test_a_worker_that_wakes_after_its_lease_is_refused(queue: Database, clock: HandClock) -> None:
    number = add_job(queue, "none", {}, "one")
    late, other = Leases(queue), Leases(queue)
    held = late.claim("late")
    assert held is not None
    clock.pass_by(29)
    assert late.renew(held) is False
    clock.pass_by(31)
    for call in (
        lambda: late.renew(held),
        lambda: late.complete(held, Outcome("done")),
        lambda: late.retry_later(held, "no"),
        lambda: late.park(held, "no", "corrupt"),
        lambda: late.cancelled(held),
    ):
        with pytest.raises(LeaseLost, match="held too long"):
            call()
    taken = other.claim("other")
    assert taken is not None
    assert taken.id == number
    with pytest.raises(LeaseLost), late.decisive(held):
        pytest.fail("it must not get here")
    other.complete(taken, Outcome("done"))
    with pytest.raises(LeaseLost):
        late.complete(held, Outcome("done"))
    assert [one["kind"] for one in story_of(queue, taken)] == ["reaped", "done"]


def test_only_what_has_passed_counts_and_no_jump_of_the_wall_clock(
    queue: Database, clock: HandClock
) -> None:
    add_job(queue, "none", {}, "one")
    leases = Leases(queue, jitter=lambda: 0.5)
    held = leases.claim("w")
    assert held is not None
    clock.jump(7 * 86400)
    leases.renew(held)
    leases.retry_later(held, "the share is gone")
    for jump in (-30 * 86400, 60 * 86400):
        clock.jump(jump)
        assert leases.claim("w") is None
    clock.pass_by(60)
    again = leases.claim("w")
    assert again is not None
    clock.restart()
    with pytest.raises(LeaseLost):
        leases.renew(again)
    assert leases.claim("w") is not None


def test_transient_trouble_is_tried_four_times_more_and_then_asks_a_person(
    queue: Database, clock: HandClock
) -> None:
    number = add_job(queue, "none", {}, "one")
    leases = Leases(queue, jitter=lambda: 1.0)
    for seconds in (60, 300, 1800, 7200):
        leases.retry_later(leases.claim("w"), "the share is gone")
        clock.pass_by(seconds * 1.2 - 1)
        assert leases.claim("w") is None
        clock.pass_by(2)
    leases.retry_later(leases.claim("w"), "the share is gone")
    job = job_of(queue, number)
    assert (job.state, job.error, job.trouble) == (State.FAILED, "the share is gone", "transient")
    assert retry_job(queue, number).state is State.READY
    assert leases.claim("w").attempt == 0


def test_a_job_whose_worker_dies_again_and_again_is_parked(
    queue: Database, clock: HandClock
) -> None:
    number = add_job(queue, "none", {}, "one")
    leases = Leases(queue)
    for _ in range(5):
        assert leases.claim("w") is not None
        clock.pass_by(31)
    assert leases.claim("w") is None
    assert job_of(queue, number).state is State.PARKED


def test_lanes_limit_what_runs_at_once_and_a_pause_what_starts(queue: Database) -> None:
    leases = Leases(queue)
    for number in range(3):
        add_job(queue, "none", {}, f"copy {number}", lane="copy")
    first = leases.claim("a")
    assert first is not None
    assert leases.claim("b") is None
    leases.complete(first, Outcome())
    pause(queue, "by hand")
    assert leases.claim("b") is None
    resume(queue)
    assert leases.claim("b") is not None


def test_cancelling_ends_what_waits_and_asks_what_runs(queue: Database) -> None:
    leases = Leases(queue)
    running, waiting = (add_job(queue, "none", {}, name) for name in "ab")
    held = leases.claim("w")
    assert held.id == running
    assert cancel_job(queue, waiting).state is State.CANCELLED
    assert cancel_job(queue, running).state is State.RUNNING
    assert leases.renew(held) is True
    leases.cancelled(held)
    assert job_of(queue, running).state is State.CANCELLED
    with pytest.raises(JobError, match="there is no job 99"):
        cancel_job(queue, 99)


def test_events_are_only_added(queue: Database) -> None:
    add_job(queue, "none", {}, "one")
    leases = Leases(queue)
    leases.complete(leases.claim("w"), Outcome("it is done"))
    for change in ("UPDATE event SET words = ''", "DELETE FROM event"):
        with pytest.raises(Exception, match="only added"), queue.change() as sql:
            sql.execute(change)


def test_jobs_loads_no_qt_and_no_microscope() -> None:
    words = "import sys, parfocal.jobs; print([m for m in sys.modules if 'Qt' in m or 'pymm' in m])"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
