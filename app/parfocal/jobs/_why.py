"""Say in a sentence why a job does not go on, what a stage waits for, or why it was left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from parfocal.jobs._clock import Moment
from parfocal.jobs._config import CLEANING, Config
from parfocal.jobs._job import Job, Lane, State

__all__ = ["Standpoint", "left_out", "why"]

SOON_S = 5.0


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What else is known of the queue when a job is asked about."""

    now: Moment
    held: Mapping[str, str]
    """Why the queue stands: `user`, or a folder whose disk is full."""
    worker: bool
    """Whether somebody works."""
    busy: bool = False
    """Whether an acquisition goes on, to which the work gives way."""


def why(job: Job, others: Iterable[Job], at: Standpoint) -> str:
    """Why it stands where it stands; `others` are the jobs of its strip and generation."""
    if job.state is State.RUNNING:
        doing = "an acquisition comes first; it pauses" if at.busy else "goes on"
        return f"it is being cancelled by {job.worker}" if job.cancel else f"{doing} ({job.worker})"
    if job.state is State.WAITING:
        return _waits_for(job, others)
    if job.state is State.READY:
        return _is_ready(job, at)
    if job.state is State.DONE:
        return ""
    return job.error or str(job.state)


def left_out(config: Config) -> Mapping[str, str]:
    """Why stages are not part of a strip's chain: the file says so, and where."""
    told = {}
    if config.archive is None:
        told["archive"] = told["verify_archive"] = "the file names no archive"
    elif config.external_archiver:
        told["archive"] = "another program copies (external_archiver)"
    if config.output is None:
        told["compress"] = told["verify_store"] = told["preview"] = "the file names no output"
    elif not config.mip:
        told["preview"] = "mip: false, so there is nothing to look at"
    if config.cleanup not in CLEANING:
        told["cleanup"] = "cleanup: keep, so the raw data stay where they are"
    return told


def _waits_for(job: Job, others: Iterable[Job]) -> str:
    states = {one.kind: one for one in others}
    open_ = [states[need] for need in job.needs if need in states]
    open_ = [one for one in open_ if one.state is not State.DONE]
    if not open_:
        return "its turn comes at once"
    names = _listed([one.kind.replace("_", " ") for one in open_])
    stuck = next(
        (one for one in open_ if one.state in {State.PARKED, State.FAILED, State.CANCELLED}), None
    )
    return f"waits for {names}" + (f", which is {stuck.state}" if stuck is not None else "")


def _listed(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _is_ready(job: Job, at: Standpoint) -> str:
    if "user" in at.held:
        return f"the queue stands: {at.held['user']}"
    if _is_later(job, at.now):
        when = f"{datetime.fromtimestamp(job.due_utc).astimezone():%d %b %H:%M:%S}"
        if job.kind == "purge":
            return f"the trash is emptied at {when}"
        if job.attempt:
            return f"tried again at {when}: {job.error}"
        return f"{job.error or 'it is put off'}; looked at again at {when}"
    full = [words for key, words in at.held.items() if key != "user"]
    if full and job.lane != Lane.LIGHT:
        return full[0]
    if not at.worker:
        return "nobody works; a worker is needed"
    if at.busy:
        return "an acquisition comes first"
    if job.error and not job.attempt and job.trouble == "":
        return job.error
    return "waits for its turn: as many run as may at once"


def _is_later(job: Job, now: Moment) -> bool:
    return job.due_utc > now.utc
