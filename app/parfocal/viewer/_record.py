"""Write down a viewer that nobody holds, so that a later start of the program finds it.

One small file a viewer, in a folder of the state that only its owner can read: it holds the token
that opens the viewer's door. A viewer removes its own file when it ends; what a killed one left
is swept by whoever looks next.
"""

import contextlib
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from parfocal.viewer._control import PROTOCOL
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._identity import ProcessIdentity

SUFFIX = ".viewer.json"
PREFIX = "parfocal-viewer-"  # of the folder that a viewer's door and log lie in
DOOR, LOG = "door", "log"


@dataclass(frozen=True, slots=True)
class ViewerRecord:
    """What is known of a viewer from outside.

    `kept` is a viewer that somebody wanted to keep; any other was left by a program that died.
    `held_by` is the process that has met it, or 0; `says` what its window says of that.
    """

    pid: int
    started: float
    token: str = field(repr=False)
    folder: Path
    title: str
    store: Path
    protocol: int = PROTOCOL
    host: str = ""
    kept: bool = False
    held_by: int = 0
    says: str = ""

    @property
    def identity(self) -> ProcessIdentity:
        """The viewer's process."""
        return ProcessIdentity(self.pid, self.started)

    @property
    def is_held(self) -> bool:
        """Whether a program that lives has met it."""
        return bool(self.held_by) and ProcessIdentity.of(self.held_by) is not None

    @property
    def door(self) -> Path:
        """The socket that it listens at."""
        return self.folder / DOOR

    @property
    def log(self) -> Path:
        """Where it writes what went wrong."""
        return self.folder / LOG

    @property
    def path(self) -> Path:
        """The record's own file."""
        return records_folder() / f"{self.host}-{self.pid}-{self.started}{SUFFIX}"

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {**asdict(self), "folder": str(self.folder), "store": str(self.store)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ViewerRecord":
        """Read what `as_json` made, also of a later version, trusting nothing."""
        try:
            known = {one.name for one in fields(cls)}
            record = cls(**{key: given for key, given in value.items() if key in known})
            identity = ProcessIdentity.from_json({"pid": record.pid, "started": record.started})
            texts = (record.token, record.title, record.host, record.says)
            if not all(isinstance(text, str) for text in texts):
                raise TypeError("a name is no text")
            if not Path(record.folder).name.startswith(PREFIX):
                raise ValueError(f"{record.folder} is no folder of a viewer")
            folder, store = Path(record.folder), Path(record.store)
        except (AttributeError, TypeError, ValueError, ViewerError) as error:
            raise ViewerError(f"this is no record of a viewer: {error}") from error
        return replace(record, started=identity.started, folder=folder, store=store)

    def write(self) -> None:
        """Write it whole or not at all, for its owner alone."""
        folder, path = records_folder(), self.path
        fresh = path.with_suffix(f".{os.getpid()}.new")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(fresh, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump(self.as_json(), file)
            fresh.replace(path)
        except OSError as error:
            raise ViewerError(
                f"a viewer cannot be kept open: {path} cannot be written: {error.strerror}"
            ) from error

    def forget(self) -> None:
        """Remove what a viewer leaves outside itself: record, socket, log."""
        for path in (self.path, self.door, self.log):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def records_folder() -> Path:
    """Where the records lie."""
    return Path(platformdirs.user_state_dir("parfocal", appauthor=False)) / "viewers"


def read_record(path: Path) -> ViewerRecord | None:
    """Read a record file; None for one that is torn, of a later version, or not ours."""
    try:
        if sys.platform != "win32" and path.stat().st_uid != os.getuid():
            return None
        return ViewerRecord.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError, ViewerError):
        return None


def detached_viewers() -> tuple[ViewerRecord, ...]:
    """The viewers of this computer that live and that no program holds; dead ones are swept."""
    found = []
    for path in sorted(records_folder().glob(f"*{SUFFIX}")):
        record = read_record(path)
        # a home folder may be shared by computers: of their processes nothing can be said here
        if record is None or record.host != socket.gethostname() or record.path != path:
            continue
        if not record.identity.lives:
            record.forget()
        elif not record.is_held:
            found.append(record)
    return tuple(found)
