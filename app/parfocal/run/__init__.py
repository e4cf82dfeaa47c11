"""Run an experiment: states, status, the pull feed, preflight, and the fan-out to the sinks."""

from parfocal.run._breadcrumb import (
    Breadcrumb,
    interrupted_runs,
    new_breadcrumb_path,
    runs_going_on,
    silent_runs,
    state_folder,
    write_breadcrumb,
)
from parfocal.run._finding import Finding
from parfocal.run._guard import Guard
from parfocal.run._preflight import preflight, refuse
from parfocal.run._preflight_recording import recording_in_words
from parfocal.run._reaction import Decide, Reaction
from parfocal.run._recorded import recording_spec
from parfocal.run._refusal import RunRefused
from parfocal.run._run import Run
from parfocal.run._sink import CountingSink, Sink, SinkCounts
from parfocal.run._standpoint import schedule_for
from parfocal.run._state import RunState
from parfocal.run._status import RunError, RunStatus, Stimulations
from parfocal.run._watchdog import Alarm, Patience

__all__ = [
    "Alarm",
    "Breadcrumb",
    "CountingSink",
    "Decide",
    "Finding",
    "Guard",
    "Patience",
    "Reaction",
    "Run",
    "RunError",
    "RunRefused",
    "RunState",
    "RunStatus",
    "Sink",
    "SinkCounts",
    "Stimulations",
    "interrupted_runs",
    "new_breadcrumb_path",
    "preflight",
    "recording_in_words",
    "recording_spec",
    "refuse",
    "runs_going_on",
    "schedule_for",
    "silent_runs",
    "state_folder",
    "write_breadcrumb",
]
