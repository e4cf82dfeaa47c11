"""Take one step after the other: each is timed, and a failure ends that step only."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from parfocal import ParfocalError

__all__ = ["Course", "SelfTestError", "StepResult"]

_log = logging.getLogger(__name__)


class SelfTestError(ParfocalError):
    """A step did not come to what it should."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step: whether it went well, and what it came to or why it failed."""

    name: str
    ok: bool
    seconds: float
    detail: str

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return asdict(self) | {"seconds": round(self.seconds, 2)}


class Course:
    """The steps that were taken, and the stores and files that they left for later ones."""

    def __init__(self, folder: Path, say: Callable[[str], object]) -> None:
        self.folder = folder
        self.results: list[StepResult] = []
        self._made: dict[str, Path] = {}
        self._say = say

    @property
    def ok(self) -> bool:
        """Whether every step went well."""
        return all(one.ok for one in self.results)

    def step(self, name: str, work: Callable[[], str]) -> None:
        """Do one piece of work; it returns a few words, or raises why it cannot."""
        began = time.monotonic()
        outcome = _Outcome()
        with outcome:
            outcome.detail = work()
        result = StepResult(name, outcome.ok, time.monotonic() - began, outcome.detail)
        self.results.append(result)
        mark = "ok" if result.ok else "FAILED"
        self._say(f"{name} {mark} ({result.seconds:.1f} s) {result.detail}")

    def keep(self, name: str, path: Path) -> None:
        """Leave something for the steps that follow."""
        self._made[name] = path

    def made(self, name: str) -> Path:
        """What an earlier step left."""
        if name not in self._made:
            raise SelfTestError(f"it needs what {name} would have made")
        return self._made[name]

    def has_made(self, name: str) -> Path | None:
        """The same, for who can do without."""
        return self._made.get(name)


class _Outcome:
    """Takes whatever a step raises: a library that is packed wrongly fails in its own words."""

    def __init__(self) -> None:
        self.ok = True
        self.detail = ""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is None:
            return True
        if not isinstance(error, Exception):  # Ctrl-C ends it all
            return False
        self.ok = False
        said = " ".join(str(error).split())
        ours = isinstance(error, ParfocalError)
        self.detail = said if ours else f"{type(error).__name__}: {said}"
        if not ours:
            _log.warning("a step failed", exc_info=error)
        return True
