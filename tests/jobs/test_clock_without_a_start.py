"""Where the system does not tell its starts apart (Windows, macOS), a restart holds nothing up."""

from __future__ import annotations

from pathlib import Path

from camera import Camera
from hand_clock import HandClock
from rig import Rig

from parfocal.jobs import Database, Leases, Moment, add_job

DAY_S = 86400.0


class NamelessClock(HandClock):
    """Up for a month, and then started anew."""

    def __init__(self) -> None:
        self.moment = Moment(1_800_000_000.0, 30 * DAY_S, "")

    def restart(self) -> None:
        self.moment = Moment(self.moment.utc + 60, 5.0, "")


def test_a_retry_is_due_at_its_time_after_a_restart(tmp_path: Path) -> None:
    clock = NamelessClock()
    database = Database(tmp_path / "queue.sqlite", clock)
    leases = Leases(database, lambda: 0.5)
    add_job(database, "export", {}, "one")
    job = leases.claim("w")
    assert job is not None
    leases.retry_later(job, "the share is gone")
    clock.jump(DAY_S)
    clock.jump(-DAY_S)
    assert leases.claim("w") is None
    clock.restart()
    assert leases.claim("w") is not None
    database.close()


def test_a_strip_that_settles_is_still_after_a_restart(tmp_path: Path) -> None:
    clock = NamelessClock()
    database = Database(tmp_path / "queue.sqlite", clock)
    rig = Rig(tmp_path, database, stable_seconds=15, output=None)
    rig.admit(Camera().write(rig.raw / "Run1"))
    rig.do_one()
    clock.restart()
    rig.do_one()
    clock.pass_by(16)
    rig.do_one()
    assert rig.states()["settle"] == "done"
    database.close()
