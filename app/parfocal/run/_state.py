"""The states of a run and the one table that says which may follow which."""

from enum import StrEnum

__all__ = ["TERMINAL", "RunState"]


class RunState(StrEnum):
    """The words of a run; the window and the verbs show these very words."""

    PENDING = "pending"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    WAITING = "waiting"
    HOLDING = "holding"
    CANCELLING = "cancelling"
    FINISHING = "finishing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing can follow."""
        return self in TERMINAL


TERMINAL = frozenset({RunState.COMPLETED, RunState.CANCELLED, RunState.FAILED})
