"""Keep key frames in a small JSON file: whole after every write, and never lost by another one.

What this version does not know of a file stays in it. A file that cannot be understood is moved
aside by the first key frame that is kept, and said to be so; one of a newer version is left alone.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from parfocal.viewer._errors import ViewerError
from parfocal.viewer._keyframe_place import KeyFramePlace, place_at, place_of

VERSION = 1
_MOST_BYTES = 32 * 2**20
_ASIDE = ".broken"

Frame = dict[str, Any]


class KeyFrameFile:
    """The key frames of one store. Each change reads the file first: two viewers may share it."""

    def __init__(self, place: KeyFramePlace, store_name: str) -> None:
        self._place = place
        self._store_name = store_name

    @property
    def path(self) -> Path:
        """The file as it is, or as the next key frame makes it."""
        return self._place.to_read() or self._place.to_write()[0]

    def frames(self) -> list[Frame]:
        """The key frames, oldest first; a ViewerError says in a sentence why they are unknown."""
        file = self._place.to_read()
        return [] if file is None else _frames(_read(file))

    def keep(self, frame: Frame) -> tuple[int, str]:
        """Add a key frame: its number, counted from 1, and what is to be said of the file."""
        document, said = self._to_change()
        frames = [*document.get("keyframes", []), frame]
        where = self._write({**document, "keyframes": frames})
        return len(frames), "; ".join(part for part in (said, where) if part)

    def drop(self) -> int:
        """Take the last key frame away: how many are left; -1 when there was none."""
        document, _ = self._to_change()
        frames = document.get("keyframes", [])
        if frames:
            self._write({**document, "keyframes": frames[:-1]})
        return len(frames) - 1

    def _to_change(self) -> tuple[Frame, str]:
        """The document as it is now; what cannot be read is set aside and begun anew."""
        file = self._place.to_read()
        fresh = {"version": VERSION, "store": self._store_name, "keyframes": []}
        if file is None:
            return fresh, ""
        try:
            return _read(file), ""
        except _NewerError:
            raise
        except ViewerError as problem:
            return fresh, f"{problem}; it was set aside as {_set_aside(file).name}"

    def _write(self, document: Mapping[str, Any]) -> str:
        """Write to the first place that takes it; says which one when it is not the usual."""
        first, *others = self._place.to_write()
        try:
            _replace(first, document)
            return ""
        except OSError as error:
            problem = error.strerror
        for file in others:
            with suppress(OSError):
                _replace(file, document)
                return f"they are kept in {file}"
        raise ViewerError(f"the key frame cannot be kept in {first}: {problem}")


def open_key_frames(named: Path | None, store: Path | None, name: str) -> KeyFrameFile:
    """The key frames in a file that somebody named, or the store's own."""
    if named is None:
        return KeyFrameFile(place_of(store, name), name)
    read_key_frames(named)
    return KeyFrameFile(place_at(named), name)


def read_key_frames(file: Path) -> list[Frame]:
    """The key frames in this very file; a ViewerError says why there are none."""
    return _frames(_read(file))


class _NewerError(ViewerError):
    """A file of a version that is not ours to change."""


def _frames(document: Frame) -> list[Frame]:
    return list(document.get("keyframes", []))


def _read(file: Path) -> Frame:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ViewerError(f"the key frames {file} are larger than {_MOST_BYTES >> 20} MiB")
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ViewerError(f"the key frames {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ViewerError(f"the key frames {file} are not JSON: {error}") from error
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise _NewerError(
            f"the key frames {file} are of version {version}, newer than this Parfocal;"
            " they are left as they are"
        )
    frames = document.get("keyframes") if isinstance(document, dict) else None
    sound = isinstance(frames, list) and all(isinstance(frame, dict) for frame in frames)
    if version != VERSION or not sound:
        raise ViewerError(f"{file} holds no key frames")
    return dict(document)


def _replace(file: Path, document: Mapping[str, Any]) -> None:
    """Write it beside and rename it, so that a crash leaves the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with fresh.open("w", encoding="utf-8") as stream:
            json.dump(document, stream, indent=1, ensure_ascii=False)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    except BaseException:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _set_aside(file: Path) -> Path:
    """Move a file that cannot be understood out of the way, over no other one."""
    number = 1
    while os.path.lexists(aside := file.with_name(f"{file.name}{_ASIDE}-{number}")):
        number += 1
    try:
        file.rename(aside)
    except OSError as error:
        raise ViewerError(f"{file} cannot be set aside: {error.strerror}") from error
    return aside
