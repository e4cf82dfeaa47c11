"""What the parts of one run have in common; each run has its own."""

from dataclasses import dataclass, field

from parfocal.run._clock import Clock
from parfocal.run._errors import ErrorLog
from parfocal.run._event_log import EventLog
from parfocal.run._meters import LagMeter, Progress
from parfocal.run._program import Program
from parfocal.run._reaction import Reaction
from parfocal.run._state import Control
from parfocal.store import Recording

__all__ = ["Shared"]


@dataclass(frozen=True)
class Shared:
    """Plan, recording, states, what reacts to what is seen, clock and counters."""

    program: Program
    recording: Recording
    control: Control
    reaction: Reaction | None = None
    clock: Clock = field(default_factory=Clock)
    progress: Progress = field(default_factory=Progress)
    lag: LagMeter = field(default_factory=LagMeter)
    errors: ErrorLog = field(default_factory=ErrorLog)
    events: EventLog = field(default_factory=EventLog)
