"""Know one process among all that had, have or will have its number."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from parfocal._known_process import seconds_of_start
from parfocal.viewer._errors import ViewerError

_SAME_S = 0.5 / 100  # the kernel counts starts in hundredths of a second


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process by its number and the moment of its start.

    On Linux the moment counts from the boot: a clock that is set meanwhile makes no stranger of it.
    """

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """The process that has this number now; None when there is none, or only its corpse."""
        started = seconds_of_start(pid)
        return None if started is None else cls(pid, started)

    @classmethod
    def own(cls) -> "ProcessIdentity":
        """This process."""
        own = cls.of(os.getpid())
        assert own is not None
        return own

    @classmethod
    def from_json(cls, value: object) -> "ProcessIdentity":
        """Read what `as_json` made."""
        fields: Mapping[str, Any] = value if isinstance(value, dict) else {}
        pid, started = fields.get("pid"), fields.get("started")
        if type(pid) is not int or not 0 < pid < 2**31 or not isinstance(started, int | float):
            raise ViewerError(f"{value!r} does not say which process it is")
        return cls(pid, float(started))

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"pid": self.pid, "started": self.started}

    @property
    def lives(self) -> bool:
        """Whether this very process still runs."""
        started = seconds_of_start(self.pid)
        return started is not None and abs(started - self.started) < _SAME_S

    def signal(self, number: int) -> bool:
        """Send it a signal, and none to another process; False when it is gone."""
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            process = psutil.Process(self.pid)
            if self.lives:
                process.send_signal(number)  # which compares the start once more
                return True
        return False
