"""Decide what becomes of an event whose camera or stage failed or was late, as the plan says."""

from pymmcore_plus.core import SequencedEvent
from useq import MDAEvent

from parfocal.plan import OnTrouble
from parfocal.run._errors import ErrorLog
from parfocal.run._event_log import EventLog
from parfocal.scope import Decision, FrameTag, MicroscopeError, MicroscopeTimeout

__all__ = ["Trouble"]

NO_FRAME = "the camera delivered no frame"


class Trouble:
    """The engine asks here, and skipped frames get their reason from here."""

    def __init__(self, rule: OnTrouble, errors: ErrorLog, events: EventLog) -> None:
        self._rule = rule
        self._errors = errors
        self._events = events
        self.timed_out = False
        """Whether a device did not answer in time at least once."""
        self._reasons: dict[int, str] = {}
        self.told = ""
        """What became of frames that were skipped by the rule; empty when none was."""

    def decide(self, event: MDAEvent, error: MicroscopeError, attempt: int) -> Decision:
        """Skip it, try again, or end the run; `attempt` counts the failures of this event."""
        rule = self._rule
        self.timed_out = self.timed_out or isinstance(error, MicroscopeTimeout)
        if rule.action == "abort":
            return "abort"
        retries = rule.retries if rule.action == "retry" else 0
        decision: Decision = "retry" if attempt <= retries else "skip"
        self._errors.add("microscope", error)
        self._events.note("trouble", decision=decision, attempt=attempt, error=str(error))
        if decision == "skip":
            self.told = self.told or f"were skipped: {error}"
            self._keep_reason(event, str(error))
        return decision

    def reason_for(self, tag: FrameTag) -> str:
        """Why there is no frame for this tag."""
        return self._reasons.pop(tag.ordinal, NO_FRAME)

    def _keep_reason(self, event: MDAEvent, reason: str) -> None:
        self._reasons.clear()  # those of an earlier event whose frames came after all
        parts = event.events if isinstance(event, SequencedEvent) else (event,)
        for part in parts:
            tag = part.metadata.get("parfocal")
            if tag is not None:
                self._reasons[tag.ordinal] = reason
