"""Know one process among all that had, have or will have its number."""

import contextlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

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
        started = _started(pid)
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
        started = _started(self.pid)
        return started is not None and abs(started - self.started) < _SAME_S

    def signal(self, number: int) -> bool:
        """Send it a signal, and none to another process; False when it is gone."""
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            process = psutil.Process(self.pid)
            if self.lives:
                process.send_signal(number)  # which compares the start once more
                return True
        return False


if sys.platform == "linux":
    _TICKS = os.sysconf("SC_CLK_TCK")

    def _started(pid: int) -> float | None:
        try:
            # the name of the program may hold anything, a parenthesis too
            fields = (
                Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            )
        except OSError:
            return None
        return None if fields[0] in "ZX" else int(fields[19]) / _TICKS

else:

    def _started(pid: int) -> float | None:
        try:
            process = psutil.Process(pid)
            ended = process.status() == psutil.STATUS_ZOMBIE
            return None if ended else process.create_time()
        except psutil.Error:
            return None
