"""The error of this room, and how whatever the parts of others raise is kept from going further."""

from collections.abc import Callable
from types import TracebackType

from parfocal import ParfocalError

__all__ = ["OURS", "Failing", "ReactError"]

OURS = (KeyboardInterrupt, GeneratorExit)
"""What is raised into code of others, and goes on through it."""


class ReactError(ParfocalError):
    """A pipeline that cannot be run, or a part of one that failed; the sentence names the part."""


class Failing:
    """Around code of others: an error is handed to `keep`, and goes no further.

    A context manager and not an except clause, since a plug-in may raise any class at all: a script
    leaves by `SystemExit`, and libraries written in Rust panic with what is no `Exception`.
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
        if error is None or isinstance(error, OURS):
            return False
        if not isinstance(error, Exception):
            said = ReactError(f"{type(error).__name__}: {error}")
            said.__cause__ = error
            error = said
        self._keep(error)
        return True
