"""Work a queue off: claim, do, keep the leases, deliver letters; and give way to a microscope."""

import logging
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from parfocal.jobs._dask_executor import Executors
from parfocal.jobs._database import Database
from parfocal.jobs._deliver import deliver_all
from parfocal.jobs._errors import LeaseLost, queue_is_busy
from parfocal.jobs._holds import holds, let_go_of_room
from parfocal.jobs._job import Job, Lane
from parfocal.jobs._leases import LEASE_S, LIMITS, Leases
from parfocal.jobs._pace import Pace
from parfocal.jobs._perform import perform

__all__ = ["Worker"]

LOOK_S = 0.1
BUSY_S = 0.1
"""Between two looks for an acquisition: what it loses in its first moments is lost."""
BEAT_S = 0.25
RENEW_S = LEASE_S / 3
TELL_S = 2.0
"""How often the others learn how far a job is, who looks at it on a screen."""
TELL_PART = 0.01
ROOM_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Running:
    """A job in this worker's hands."""

    job: Job
    pace: Pace
    thread: threading.Thread
    renewed: float
    told: float = 0.0


class Worker:
    """One process's share of the work. `busy` says whether an acquisition goes on, which comes
    first; `only` keeps to the jobs of one strip."""

    def __init__(
        self,
        database: Database,
        *,
        workers: int = LIMITS[Lane.WORK],
        busy: Callable[[], bool] = lambda: False,
        only: str | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{id(self):x}"
        self._database = database
        self._leases = Leases(database)
        self._executors = Executors()
        self._limits: Mapping[str, int] = {**LIMITS, Lane.WORK: workers}
        self._busy = busy
        self._only = only
        self._acquires = self._paused = self._is_blind = False
        self._lock = threading.Lock()
        # by job and lease: one that was lost may be taken again while its old thread still ends
        self._running: dict[tuple[int, int], Running] = {}

    @property
    def is_idle(self) -> bool:
        """Whether it has nothing in its hands."""
        with self._lock:
            return not self._running

    @property
    def _yields(self) -> bool:
        return self._acquires or self._paused

    def run(self, stop: threading.Event, finished: Callable[[], bool] = lambda: False) -> None:
        """Work until it is told to stop, or until `finished`; then give everything back."""
        ended = threading.Event()
        others = [
            threading.Thread(
                target=self._look_out, args=(ended,), name="parfocal acquisitions first"
            ),
            threading.Thread(target=self._beat, args=(ended,), name="parfocal job beat"),
            threading.Thread(
                target=deliver_all, args=(self._database, ended), name="parfocal letters"
            ),
        ]
        self._look_for_acquisitions()
        for thread in others:
            thread.start()
        try:
            while not stop.is_set():
                if self._claim_one():
                    continue
                if self.is_idle and finished():
                    break
                stop.wait(LOOK_S)
        finally:
            self._give_everything_back()
            self._executors.close()
            ended.set()
            for thread in others:
                thread.join()

    def _claim_one(self) -> bool:
        """True when there was a job, and there may be another one."""
        if self._yields or len(self._running) >= sum(self._limits.values()):
            return False
        try:
            job = self._leases.claim(self.name, self._limits, self._only)
        except sqlite3.OperationalError as problem:
            if not queue_is_busy(problem):
                raise
            _log.warning("the queue cannot be written: %s", problem)
            time.sleep(LOOK_S)
            return False
        if job is None:
            return False
        pace = Pace(lambda: self._yields)
        thread = threading.Thread(
            target=self._do, args=(job, pace), name=f"parfocal {job.kind} {job.id}"
        )
        with self._lock:
            self._running[job.id, job.lease] = Running(job, pace, thread, time.monotonic())
        thread.start()
        return True

    def _do(self, job: Job, pace: Pace) -> None:
        try:
            perform(self._database, self._leases, job, pace, self._executors)
        finally:  # also of a fault in the program: without its beat its lease ends, and that counts
            with self._lock:
                self._running.pop((job.id, job.lease), None)

    def _look_out(self, ended: threading.Event) -> None:
        """Give way at once: this waits for no disk, and a queue that is written waits for one."""
        while not ended.wait(BUSY_S):
            self._look_for_acquisitions()

    def _look_for_acquisitions(self) -> None:
        """What was known stays where the folder of runs cannot be read."""
        try:
            self._acquires, self._is_blind = self._busy(), False
        except OSError as problem:
            if not self._is_blind:  # ten times a second nobody reads
                _log.warning("whether an acquisition goes on cannot be told: %s", problem)
            self._is_blind = True

    def _beat(self, ended: threading.Event) -> None:
        """Renew what is held, look for a pause by hand, and whether full disks have room."""
        looked = 0.0
        while not ended.wait(BEAT_S):
            try:
                self._paused = "user" in holds(self._database)
                self._renew()
                if time.monotonic() - looked >= ROOM_S:
                    looked = time.monotonic()
                    let_go_of_room(self._database)
            except sqlite3.DatabaseError as problem:
                _log.warning("the queue cannot be written: %s", problem)
                if not queue_is_busy(problem):
                    return  # who claims says so, and ends the worker

    def _renew(self) -> None:
        with self._lock:
            held = list(self._running.values())
        now = time.monotonic()
        for one in held:
            if now - one.renewed > LEASE_S:
                _lose(one)
            if one.pace.lost.is_set() or not self._has_news(one, now):
                continue
            try:
                if self._leases.renew(one.job, one.pace.fraction):
                    one.pace.cancelled.set()
                one.renewed, one.told = now, one.pace.fraction
            except LeaseLost:
                _lose(one)

    def _has_news(self, one: Running, now: float) -> bool:
        """Whether its lease wants renewing, it got on, or somebody asked for it to be cancelled."""
        kept = now - one.renewed
        got_on = one.pace.fraction - one.told >= TELL_PART
        return kept >= RENEW_S or (kept >= TELL_S and got_on) or self._asked(one)

    def _asked(self, one: Running) -> bool:
        """Whether somebody asked for it to be cancelled."""
        row = self._database.row("SELECT cancel FROM job WHERE id = ?", (one.job.id,))
        return row is not None and bool(row["cancel"])

    def _give_everything_back(self) -> None:
        with self._lock:
            held = list(self._running.values())
        for one in held:
            one.pace.stopping.set()
            one.pace.cancelled.set()  # the engines below look at this one
        for one in held:
            one.thread.join()


def _lose(one: Running) -> None:
    one.pace.lost.set()
    one.pace.cancelled.set()
