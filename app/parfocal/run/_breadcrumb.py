"""Leave a breadcrumb of a run in the state folder, and find those of runs that never ended.

One small file a run, written anew once a second. A process that is killed leaves it behind, and
that is how the next launch knows which store to offer for recovery; a process that only hangs
leaves it unchanged, and that is how another one can tell.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import platformdirs

from parfocal._known_process import KnownProcess, boot
from parfocal.run._state import TERMINAL
from parfocal.store import StoreError, info

__all__ = [
    "Breadcrumb",
    "interrupted_runs",
    "new_breadcrumb_path",
    "runs_going_on",
    "silent_runs",
    "state_folder",
    "write_breadcrumb",
]

SILENT_S = 15.0
SUFFIX = ".run.json"
# after these there is nothing to repair any more
WHOLE = frozenset({"completed", "recovered"})


@dataclass(frozen=True, slots=True)
class Breadcrumb:
    """What is known of a run from outside: its store, and when it last said that it lives.

    `heartbeat` and `started` are seconds since 1970.
    """

    store: Path
    name: str
    state: str
    reason: str
    started: float
    heartbeat: float
    frames_expected: int = 0
    frames_acquired: int = 0
    frames_stored: int = 0
    pid: int = 0
    process_started: float = 0.0
    process_start: str = ""
    beat: float = 0.0
    """The heartbeat by the monotonic clock, which counts from this `boot`."""
    boot: str = ""
    host: str = ""
    live: Mapping[str, Any] | None = None
    """Where a viewer of the same user finds the newest frames, if they are published."""
    path: Path = Path()
    """The breadcrumb's own file."""

    @property
    def silent_s(self) -> float:
        """How long it has said nothing; on the same computer by the clock that nobody sets."""
        if self.boot and self.boot == boot() and self.is_ours:
            return time.monotonic() - self.beat
        return max(0.0, time.time() - self.heartbeat)

    @property
    def is_ours(self) -> bool:
        """Whether this computer wrote it; of a process on another one nothing else can be seen."""
        return self.host == socket.gethostname()

    @property
    def process_lives(self) -> bool:
        """Whether the very process that wrote it still runs; a number alone may be reused."""
        if not self.is_ours:
            return self.silent_s < 4 * SILENT_S
        return KnownProcess(self.pid, self.process_started, self.process_start).lives

    def forget(self) -> None:
        """Never speak of this run again."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def state_folder() -> Path:
    """Where breadcrumbs lie."""
    return Path(platformdirs.user_state_dir("parfocal", appauthor=False)) / "runs"


def new_breadcrumb_path(folder: Path, generation: int) -> Path:
    """A name that no other run has."""
    return folder / f"{socket.gethostname()}-{os.getpid()}-{generation}{SUFFIX}"


def write_breadcrumb(breadcrumb: Breadcrumb) -> None:
    """Write it whole or not at all, for the own user alone: it says where the live frames are.

    A state folder that cannot be written costs no run.
    """
    values = {**asdict(breadcrumb), "store": str(breadcrumb.store)}
    del values["path"]
    path = breadcrumb.path
    fresh = path.with_suffix(".new")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with open(fresh, "x", encoding="utf-8", opener=_for_the_owner) as file:
            file.write(json.dumps(values, ensure_ascii=False))
        fresh.replace(path)


def interrupted_runs(folder: Path | None = None) -> tuple[Breadcrumb, ...]:
    """The runs whose process ended before they did and whose store can be repaired, newest first:
    what the next launch offers. Breadcrumbs that lead to nothing are removed.
    """
    found = []
    for breadcrumb in _breadcrumbs(folder):
        if breadcrumb.process_lives:
            continue
        if _can_be_repaired(breadcrumb.store):
            found.append(breadcrumb)
        else:
            breadcrumb.forget()
    return tuple(sorted(found, key=lambda one: one.heartbeat, reverse=True))


def silent_runs(after_s: float = SILENT_S, folder: Path | None = None) -> tuple[Breadcrumb, ...]:
    """The runs that should go on and have said nothing for so long: their process was killed, or
    hangs. For another process, which tells somebody.
    """
    return tuple(
        breadcrumb
        for breadcrumb in _breadcrumbs(folder)
        if breadcrumb.state not in TERMINAL and breadcrumb.silent_s > after_s
    )


def runs_going_on(folder: Path | None = None) -> tuple[Breadcrumb, ...]:
    """The runs of this computer that go on now, the one that began last first."""
    going_on = [
        breadcrumb
        for breadcrumb in _breadcrumbs(folder)
        if breadcrumb.state not in TERMINAL and breadcrumb.is_ours and breadcrumb.process_lives
    ]
    return tuple(sorted(going_on, key=lambda one: one.started, reverse=True))


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _breadcrumbs(folder: Path | None) -> list[Breadcrumb]:
    folder = state_folder() if folder is None else folder
    read = (_read(path) for path in sorted(folder.glob(f"*{SUFFIX}")))
    return [breadcrumb for breadcrumb in read if breadcrumb is not None]


def _read(path: Path) -> Breadcrumb | None:
    """None for a file that is no breadcrumb: torn by a power cut, or of a later version."""
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        known = {field.name for field in fields(Breadcrumb)}
        kept = {key: value for key, value in values.items() if key in known}
        return Breadcrumb(**{**kept, "store": Path(values["store"]), "path": path})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _can_be_repaired(store: Path) -> bool:
    try:
        return info(store).state not in WHOLE
    except StoreError:
        return store.is_dir()  # too broken to say what it is: recovery says more
