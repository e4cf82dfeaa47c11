"""Do work that outlives a click: a durable queue of jobs, and the chain of a light-sheet strip."""

from parfocal.jobs._admission import Decision, admit, begin_anew, reset_strip
from parfocal.jobs._cells import StripCell
from parfocal.jobs._cleanup_preview import CleanupPreview, preview_cleanup
from parfocal.jobs._clock import Clock, Moment, SystemClock
from parfocal.jobs._config import (
    Config,
    Fault,
    Thresholds,
    Way,
    faults_of,
    is_scan_file,
    read_config,
)
from parfocal.jobs._conflicts import Answer, Conflict, answer_conflict
from parfocal.jobs._database import Database
from parfocal.jobs._desk import (
    add_job,
    cancel_job,
    is_idle,
    job_of,
    list_jobs,
    places_needed,
    retry_job,
    state_of,
    story_of,
)
from parfocal.jobs._disks import DiskLook, full_in_s, look_at_disk
from parfocal.jobs._errors import JobError, LeaseLost
from parfocal.jobs._forced import cancel_jobs, force_from, retry_jobs, stages_to_force
from parfocal.jobs._gently import gently
from parfocal.jobs._holds import holds, pause, resume
from parfocal.jobs._identity import Naming, StripName, map_path
from parfocal.jobs._job import Artifact, Job, Lane, Notice, Outcome, State
from parfocal.jobs._leases import Leases
from parfocal.jobs._messenger import Messenger, ways_of_user
from parfocal.jobs._notices import Told, mark_told, told_since
from parfocal.jobs._overview import Overlook, Overview
from parfocal.jobs._scan_file import (
    Rewritten,
    ScanFile,
    read_scan_file,
    rewrite,
    write_scan_file,
)
from parfocal.jobs._scans import (
    ScanWatch,
    WatchedScan,
    configs_of_scans,
    cpus_of_scans,
    unwatch_scan,
    watch_scan,
)
from parfocal.jobs._serving import has_work, serve_alone, start_worker, worker_lives
from parfocal.jobs._standing import LETTERS, Standing
from parfocal.jobs._story import StageView, StripEvent, StripStory, story_of_strip
from parfocal.jobs._turns import QueueLine
from parfocal.jobs._watcher import Watcher
from parfocal.jobs._worker import Worker
from parfocal.jobs._yaml_edit import is_same

__all__ = [
    "LETTERS",
    "Answer",
    "Artifact",
    "CleanupPreview",
    "Clock",
    "Config",
    "Conflict",
    "Database",
    "Decision",
    "DiskLook",
    "Fault",
    "Job",
    "JobError",
    "Lane",
    "LeaseLost",
    "Leases",
    "Messenger",
    "Moment",
    "Naming",
    "Notice",
    "Outcome",
    "Overlook",
    "Overview",
    "QueueLine",
    "Rewritten",
    "ScanFile",
    "ScanWatch",
    "StageView",
    "Standing",
    "State",
    "StripCell",
    "StripEvent",
    "StripName",
    "StripStory",
    "SystemClock",
    "Thresholds",
    "Told",
    "WatchedScan",
    "Watcher",
    "Way",
    "Worker",
    "add_job",
    "admit",
    "answer_conflict",
    "begin_anew",
    "cancel_job",
    "cancel_jobs",
    "configs_of_scans",
    "cpus_of_scans",
    "faults_of",
    "force_from",
    "full_in_s",
    "gently",
    "has_work",
    "holds",
    "is_idle",
    "is_same",
    "is_scan_file",
    "job_of",
    "list_jobs",
    "look_at_disk",
    "map_path",
    "mark_told",
    "pause",
    "places_needed",
    "preview_cleanup",
    "read_config",
    "read_scan_file",
    "reset_strip",
    "resume",
    "retry_job",
    "retry_jobs",
    "rewrite",
    "serve_alone",
    "stages_to_force",
    "start_worker",
    "state_of",
    "story_of",
    "story_of_strip",
    "told_since",
    "unwatch_scan",
    "watch_scan",
    "ways_of_user",
    "worker_lives",
    "write_scan_file",
]
