"""Keep views of a store by key: K keeps one, Shift-K drops the last, [ and ] step through them."""

from collections.abc import Callable
from typing import Any

from parfocal.viewer._errors import ViewerError
from parfocal.viewer._keyframe_file import Frame, KeyFrameFile
from parfocal.viewer.child._keyframe_look import look_of, wear_look
from parfocal.viewer.child._notices import Notices

KEEP, DROP, BACK, ON = "K", "Shift-K", "[", "]"


class KeyFrames:
    """The key frames of the store in a window. Opening reads them; only keys change them."""

    def __init__(self, viewer: Any, file: KeyFrameFile, notices: Notices) -> None:
        self._viewer = viewer
        self._file = file
        self._notices = notices
        self.current = 0  # counted from 1; 0 while none is shown
        self._keys: dict[str, Callable[[Any], None]] = {
            KEEP: lambda _: self._answer(self.keep),
            DROP: lambda _: self._answer(self.drop),
            BACK: lambda _: self._answer(lambda: self.step(-1)),
            ON: lambda _: self._answer(lambda: self.step(1)),
        }
        for key, call in self._keys.items():
            viewer.bind_key(key, call, overwrite=True)
        try:
            count = len(file.frames())
        except ViewerError as problem:
            notices.say(str(problem), 10.0)
        else:
            if count:
                notices.say(
                    f"{count} key frame{'s' if count > 1 else ''}: {BACK} and {ON} show them"
                )

    def keep(self) -> str:
        """Keep the present view; says so."""
        self.current, said = self._file.keep(look_of(self._viewer))
        return f"key frame {self.current} kept" + (f"; {said}" if said else "")

    def drop(self) -> str:
        """Drop the last one; says so."""
        left = self._file.drop()
        if left < 0:
            return f"there is no key frame to drop; {KEEP} keeps one"
        self.current = min(self.current, left)
        return f"key frame {left + 1} dropped; {left or 'none'} left"

    def step(self, by: int) -> str:
        """Show the next or the one before, and stay at the ends."""
        frames = self._file.frames()
        before_first = 0 if by > 0 else len(frames) + 1
        return self._show((self.current or before_first) + by, frames)

    def show(self, number: int) -> str:
        """Show one, counted from 1."""
        frames = self._file.frames()
        if not 1 <= number <= len(frames):
            raise ViewerError(f"there is no key frame {number}; there are {len(frames)}")
        return self._show(number, frames)

    def as_json(self) -> dict[str, Any]:
        """Where they are kept, and how many there are."""
        return {
            "path": str(self._file.path),
            "count": len(self._file.frames()),
            "current": self.current,
        }

    def _show(self, number: int, frames: list[Frame]) -> str:
        if not frames:
            return f"there are no key frames; {KEEP} keeps one"
        self.current = min(max(number, 1), len(frames))
        absent = wear_look(self._viewer, frames[self.current - 1])
        said = f"key frame {self.current} of {len(frames)}"
        return f"{said}; {absent} of its layers are not here" if absent else said

    def _answer(self, action: Callable[[], str]) -> None:
        try:
            self._notices.say(action())
        except ViewerError as problem:
            self._notices.say(str(problem), 10.0)
