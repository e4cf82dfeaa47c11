"""Keep what went wrong as values that the status can carry to another thread."""

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType

from parfocal import ParfocalError
from parfocal.run._status import RunError

__all__ = ["ErrorLog", "Keeping", "describe"]

_log = logging.getLogger(__name__)

MOST_DISTINCT_ERRORS = 100


class ErrorLog:
    """The errors that did not end the run; the same one again only counts up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._errors: dict[tuple[str, str, str], RunError] = {}

    def add(self, source: str, error: BaseException) -> None:
        key = (source, type(error).__name__, str(error))
        with self._lock:
            known = self._errors.get(key)
            if known is not None:
                self._errors[key] = replace(known, count=known.count + 1)
            elif len(self._errors) < MOST_DISTINCT_ERRORS:
                self._errors[key] = describe(source, error)

    def all(self) -> tuple[RunError, ...]:
        with self._lock:
            return tuple(self._errors.values())


class Keeping:
    """Around code of others: whatever error it raises is handed to `keep`, and goes no further.

    The one place where a run catches everything. A broken viewer must not cost the experiment,
    and a broken experiment must still close its store; `keep` puts the error into the status.
    """

    def __init__(self, keep: Callable[[Exception], None]) -> None:
        self._keep = keep

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        _log.debug("kept in the status of the run", exc_info=error)
        self._keep(error)
        return True


def describe(source: str, error: BaseException) -> RunError:
    """An exception as a value that the status can carry to another thread."""
    return RunError(
        source=source,
        type=type(error).__name__,
        message=str(error) or type(error).__name__,
        traceback="".join(traceback.format_exception(error)),
        told=isinstance(error, ParfocalError),
    )
