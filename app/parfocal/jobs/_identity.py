"""Say which strip a folder is: its project, slice, camera and number, read off its name."""

import re
from dataclasses import dataclass
from pathlib import Path

from parfocal.jobs._errors import JobError

__all__ = ["Naming", "StripName", "map_path"]

WORD = re.compile(r"<(N|slice|strip|camera)>|\[([^\[\]]*)\]|([^<\[\]]+)")
MOST_DIGITS = 18
"""What SQLite's whole numbers hold; more is a time or a hash, and no number of a strip."""
CAMERA = re.compile(r"_?C(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StripName:
    """One strip, whatever folder it lies in."""

    project: str
    slice: int
    channel: str
    strip: int

    @property
    def key(self) -> str:
        """The same for the same strip, and for no other."""
        return f"{self.project}/slice-{self.slice:03}/{self.channel}/strip-{self.strip:03}"

    @property
    def place(self) -> Path:
        """Where its products lie below their folder."""
        return Path(self.key)

    @property
    def words(self) -> str:
        """As a report says it."""
        return f"Strip {self.strip} of slice {self.slice} ({self.channel})"


@dataclass(frozen=True, slots=True)
class Naming:
    """How folders are named: `<N>` counts strips through all slices, `<slice>`, `<strip>` and
    `<camera>` say so themselves; what stands in brackets may be missing, and a C2 in them means
    the second camera."""

    pattern: str
    slice_offset: int = 0
    strips_per_slice: int = 100

    def read(self, project: str, folder: str) -> StripName | None:
        """The strip that a folder of this name is; None for one that is none."""
        expression, cameras = _expression(self.pattern)
        match = re.fullmatch(expression, folder)
        if match is None:
            return None
        told = match.groupdict()
        camera = next(
            (number for group, number in cameras.items() if told.get(group) is not None), 1
        )
        camera = int(told.get("camera") or camera)
        slice_, strip = told.get("slice"), told.get("strip")
        if told.get("N") is not None:
            beyond, number = divmod(int(told["N"]), self.strips_per_slice)
            slice_, strip = slice_ or str(beyond), strip or str(number)
        return StripName(
            project,
            int(slice_ or 0) + self.slice_offset,
            f"camera-{camera:02}",
            int(strip or 0),
        )

    def refuse_senseless(self) -> None:
        """A pattern that cannot tell strips apart would make one of all."""
        _expression(self.pattern)
        if "<N>" not in self.pattern and "<strip>" not in self.pattern:
            raise JobError(
                f"the pattern {self.pattern!r} names no strip: it needs <N>, or <slice> and <strip>"
            )


def map_path(text: str, table: dict[str, str]) -> Path:
    """A path as this computer knows it: `D:\\scan\\Run3` with D:\\ → /mnt/d is /mnt/d/scan/Run3.

    The longest beginning counts, and Windows' paths are the same in either case.
    """
    for start in sorted(table, key=len, reverse=True):
        windows = "\\" in start or ":" in start
        given, wanted = (text.lower(), start.lower()) if windows else (text, start)
        bare = wanted.rstrip("\\/")
        if given == bare or given.startswith((bare + "\\", bare + "/")):
            rest = text[len(bare) :].replace("\\", "/") if windows else text[len(bare) :]
            return Path(table[start]) / rest.lstrip("/")
    return Path(text)


def _expression(pattern: str) -> tuple[str, dict[str, int]]:
    """A regular expression, and the camera that each of its optional groups means."""
    told, end, cameras = "", 0, {}
    for number, match in enumerate(WORD.finditer(pattern)):
        if match.start() != end:
            break
        end = match.end()
        name, optional, literal = match.groups()
        if name is not None:
            if f"(?P<{name}>" in told:
                raise JobError(f"the pattern {pattern!r} says <{name}> twice")
            told += rf"(?P<{name}>\d{{1,{MOST_DIGITS}}})"
        elif optional is not None:
            group = f"option{number}"
            told += f"(?P<{group}>{re.escape(optional)})?"
            if camera := CAMERA.fullmatch(optional):
                cameras[group] = int(camera[1])
        else:
            told += re.escape(literal)
    if end != len(pattern) or not pattern:
        raise JobError(
            f"the pattern {pattern!r} cannot be read at {pattern[end:]!r}; it is made of text, "
            "<N>, <slice>, <strip>, <camera> and [what may be missing]"
        )
    return told, cameras
