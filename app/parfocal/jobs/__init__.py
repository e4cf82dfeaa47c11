"""Do work that outlives a click: a durable queue of jobs, and the chain of a light-sheet strip."""

from parfocal.jobs._admission import Decision, admit, begin_anew, reset_strip
from parfocal.jobs._clock import Clock, Moment, SystemClock
from parfocal.jobs._config import Config, Thresholds, read_config
from parfocal.jobs._database import Database
from parfocal.jobs._desk import (
    add_job,
    cancel_job,
    is_idle,
    job_of,
    list_jobs,
    retry_job,
    state_of,
    story_of,
)
from parfocal.jobs._errors import JobError, LeaseLost
from parfocal.jobs._gently import gently
from parfocal.jobs._holds import holds, pause, resume
from parfocal.jobs._identity import Naming, StripName, map_path
from parfocal.jobs._job import Artifact, Job, Lane, Notice, Outcome, State
from parfocal.jobs._leases import Leases
from parfocal.jobs._watcher import Watcher
from parfocal.jobs._worker import Worker

__all__ = [
    "Artifact",
    "Clock",
    "Config",
    "Database",
    "Decision",
    "Job",
    "JobError",
    "Lane",
    "LeaseLost",
    "Leases",
    "Moment",
    "Naming",
    "Notice",
    "Outcome",
    "State",
    "StripName",
    "SystemClock",
    "Thresholds",
    "Watcher",
    "Worker",
    "add_job",
    "admit",
    "begin_anew",
    "cancel_job",
    "gently",
    "holds",
    "is_idle",
    "job_of",
    "list_jobs",
    "map_path",
    "pause",
    "read_config",
    "reset_strip",
    "resume",
    "retry_job",
    "state_of",
    "story_of",
]
