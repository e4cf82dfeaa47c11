"""The error of this room, and how whatever the parts of others raise is kept from going further."""

from collections.abc import Callable
from types import TracebackType

from parfocal import ParfocalError

__all__ = ["Failing", "ReactError"]


class ReactError(ParfocalError):
    """A pipeline that cannot be run, or a part of one that failed; the sentence names the part."""


class Failing:
    """Around code of others: an error is handed to `keep`, and goes no further.

    A context manager and not an except clause, since a plug-in may raise any class at all.
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
        self._keep(error)
        return True
