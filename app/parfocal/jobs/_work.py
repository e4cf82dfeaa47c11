"""What a stage is given: its job, its strip, and the ways to stop, to publish and to wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.jobs._database import Database
from parfocal.jobs._errors import JobError, NeedsPerson, RawChanged, Transient
from parfocal.jobs._executor import Executor
from parfocal.jobs._job import Artifact, Job
from parfocal.jobs._leases import Leases
from parfocal.jobs._pace import Pace
from parfocal.jobs._raw import fingerprint
from parfocal.jobs._records import artifacts_of
from parfocal.jobs._strip import Strip

__all__ = ["PutOff", "Work", "is_offline", "refuse_gone"]


class PutOff(JobError):  # noqa: N818 - what becomes of it
    """What it waits for is not there yet; that is no failure."""

    def __init__(self, seconds: float, note: Mapping[str, Any], why: str) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.note = note


@dataclass(frozen=True, slots=True)
class Work:
    """One stage of one strip, in the hands of a worker."""

    job: Job
    strip: Strip
    database: Database
    leases: Leases
    pace: Pace
    executor: Executor
    """Whoever does what is to be done with its files."""

    @property
    def artifacts(self) -> Mapping[str, Artifact]:
        """What earlier stages of this generation left."""
        return artifacts_of(self.database, self.job.strip or "", self.job.generation)

    def require_raw(self) -> None:
        """The raw data are there, and those that were inspected."""
        refuse_gone(self.strip.raw)
        if fingerprint(self.strip.raw) != self.strip.raw_identity:
            raise RawChanged(f"{self.strip.raw} changed after it was inspected")


def is_offline(raw: Path) -> bool:
    """Whether all that raw data lie among is gone: also what an unmounted share leaves is empty."""
    return not raw.parent.is_dir() or next(raw.parent.iterdir(), None) is None


def refuse_gone(raw: Path) -> None:
    """Tell a share that is offline from a folder that somebody took away."""
    if raw.is_dir():
        return
    if is_offline(raw):
        raise Transient(f"{raw.parent} is offline")
    raise NeedsPerson(f"{raw} is not there any more; put it back, or cancel this job")
