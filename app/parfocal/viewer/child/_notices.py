"""Hold what is to be said over the picture for a moment."""

import textwrap
import time

_MOMENT_S = 5.0
_MOST = 3
_WIDTH = 90  # the overlay breaks no line, and a path is long


class Notices:
    """The newest sentences; each goes by itself, and saying one again begins its time anew."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def say(self, sentence: str, seconds: float = _MOMENT_S) -> None:
        """Show a sentence now."""
        self._until.pop(sentence, None)
        self._until[sentence] = time.monotonic() + seconds

    def current(self) -> list[str]:
        """What is to be read now, the oldest first."""
        now = time.monotonic()
        self._until = {each: until for each, until in self._until.items() if until > now}
        return [_broken(each) for each in list(self._until)[-_MOST:]]


def _broken(sentence: str) -> str:
    return textwrap.fill(sentence, _WIDTH, break_long_words=False, break_on_hyphens=False)
