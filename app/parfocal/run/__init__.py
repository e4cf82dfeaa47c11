"""Run an experiment: states, status, the pull feed, preflight, and the fan-out to the sinks."""

from parfocal.run._preflight import Finding, RunRefused, preflight, refuse, schedule_for
from parfocal.run._run import Run
from parfocal.run._sink import CountingSink, Sink, SinkCounts
from parfocal.run._state import RunState
from parfocal.run._status import RunError, RunStatus

__all__ = [
    "CountingSink",
    "Finding",
    "Run",
    "RunError",
    "RunRefused",
    "RunState",
    "RunStatus",
    "Sink",
    "SinkCounts",
    "preflight",
    "refuse",
    "schedule_for",
]
