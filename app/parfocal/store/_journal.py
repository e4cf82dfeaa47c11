"""Keep a journal beside a store while it records: one line per shard, never rewritten."""

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import time
from typing import Any

from parfocal._known_process import KnownProcess
from parfocal.store._errors import StoreError
from parfocal.store._file_lock import is_locked, lock_file
from parfocal.store._files import json_line, sync_to_disk
from parfocal.store._layout import journal_path
from parfocal.store._metadata import read_record, timestamp
from parfocal.store._spec import Index

FORMAT = 2
NAMES_ITS_RECORDING = 2  # from this format on
# Of a process on another computer nothing can be seen but that its journal still grows
QUIET_ELSEWHERE_S = 600.0


class Journal:
    """The open journal of a recording: a line is one call, so a kill tears only the last."""

    def __init__(self, store: Path, planned: int) -> None:
        self.path = journal_path(store)
        self.started = timestamp()  # the record says the same, which is how they know each other
        self._lock = Lock()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(self.path, flags, 0o644)
        process = KnownProcess.own()
        try:
            self._append(
                {
                    "journal": FORMAT,
                    "store": store.name,
                    "pid": process.pid,
                    "process_started": process.started,
                    "process_start": process.start,
                    "started": self.started,
                    "planned": planned,
                    "host": socket.gethostname(),
                    "locked": lock_file(self._descriptor),
                }
            )
        except (OSError, ValueError):  # a full disk, or a name that is no text
            self.close()
            raise

    def shard(self, key: str, file: Path, frames: Sequence[Mapping[str, Any]]) -> int:
        """Say that a shard is committed and which frames it holds; returns the size of its file.

        Its checksum is that of its index, which the file ends with: reading it costs nothing, and
        a file that was cut short or exchanged has another one.
        """
        with file.open("rb") as written:
            size = written.seek(-4, os.SEEK_END) + 4
            crc = written.read(4)[::-1].hex()
        entry = {"shard": key, "size": size, "index_crc32c": crc, "committed": True}
        self._append({**entry, "frames": list(frames)})
        return size

    def skip(self, index: Index, reason: str) -> None:
        """Say that a plane will not come, and why; without it a kill would lose the reason.

        It may fail: the disk's failure surfaces with the next shard, and not with a frame that
        there is none of.
        """
        with suppress(OSError):
            self._append({"skip": list(index), "reason": reason})

    def checkpoint(self, shards: int) -> None:
        """Say that this many shards survive a power cut, and make the journal itself survive it."""
        self._append({"checkpoint": shards, "at": timestamp()})
        os.fsync(self._descriptor)

    def finish(self, state: str, reason: str) -> None:
        """Say how the recording ended."""
        self._append({"state": state, "reason": reason, "at": timestamp()})

    def close(self) -> None:
        """Close the file; it stays where it is."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def remove(self) -> None:
        """Close and delete it: the store itself says everything now."""
        self.close()
        self.path.unlink(missing_ok=True)
        sync_to_disk(self.path.parent)

    def _append(self, entry: Mapping[str, Any]) -> None:
        line = json_line(entry)
        with self._lock:
            whole = os.fstat(self._descriptor).st_size
            try:
                written = os.write(self._descriptor, line)
                if written != len(line):  # a full disk takes a part of the line without an error
                    os.write(self._descriptor, line[written:])
            except OSError:
                # or the next line would continue this one, and neither could be read
                with suppress(OSError):
                    os.ftruncate(self._descriptor, whole)
                raise


@dataclass(slots=True)
class JournalStory:
    """What a journal that was left behind tells; `held` is whether a process still writes it."""

    alive: bool = False
    held: bool = False
    committed: set[Index] = field(default_factory=set)
    shards: dict[str, int] = field(default_factory=dict)


def read_entries(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a journal; a torn last line is left out."""
    with path.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                return
            try:
                entry = json.loads(line)
            except ValueError:
                return  # what follows a torn line was never acknowledged
            yield entry


def read_journal(store: Path) -> JournalStory | None:
    """What the journal beside `store` tells; None when there is none that belongs to it."""
    path = journal_path(store)
    if not path.is_file() or is_foreign(store):
        return None
    story, locked = JournalStory(), False
    for entry in read_entries(path):
        if "pid" in entry:
            story.held = story.alive = _is_held(path, entry)
            locked = bool(entry.get("locked"))
        elif "state" in entry:
            # a lock is let go once the end of the store is written, or cannot be; without one
            # nothing is seen but that the process goes on, which the recording does not
            story.alive = story.alive and locked
        elif "shard" in entry:
            story.shards[entry["shard"]] = entry["size"]
            story.committed.update(
                (frame["t"], frame["p"], frame["c"], frame["z"]) for frame in entry["frames"]
            )
    return story


def refuse_while_recorded(store: Path) -> None:
    """A StoreError while a process records into this very folder: nobody may take it away."""
    story = read_journal(store)
    if story is not None and story.alive:
        raise StoreError(f"{store} is being recorded right now; wait until that run has ended")


def is_foreign(store: Path) -> bool:
    """Whether the journal beside `store` is that of another recording, which nobody writes now.

    So it is when a store was put in the place of one that had been killed.
    """
    path = journal_path(store)
    head = next(read_entries(path), {}) if path.is_file() else {}
    if head.get("journal", 0) < NAMES_ITS_RECORDING:
        return False
    try:
        record = read_record(store)
    except StoreError:
        return False  # it lies beside a record that is damaged
    other = record is not None and head["started"] != record.get("started")
    return other and not _is_held(path, head)


def _is_held(path: Path, head: Mapping[str, Any]) -> bool:
    """Whether the process that began the journal still writes it.

    Its lock on the file says so, where the file system has locks. Else its number must do.
    """
    locked = is_locked(path) if head.get("locked") else None
    if locked:
        return True
    if head.get("host", socket.gethostname()) != socket.gethostname():
        return time() - path.stat().st_mtime < QUIET_ELSEWHERE_S
    if locked is not None:
        return False
    start = head.get("process_start", "")
    return KnownProcess(head["pid"], head["process_started"], start).lives
