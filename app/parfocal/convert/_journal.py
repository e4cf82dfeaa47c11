"""Remember which shards are done, so that a conversion that was killed goes on where it was."""

import json
import os
from pathlib import Path
from threading import Lock

from parfocal.convert._errors import ConversionInUse, ConvertError
from parfocal.convert._shard_done import ShardDone
from parfocal.store import is_locked, lock_file

__all__ = ["Journal"]

FORMAT = 1
PUBLISHES = "publishes"


class Journal:
    """A file beside the unfinished store, a line a shard; locked while somebody writes it."""

    def __init__(self, path: Path, plan: str) -> None:
        """Open the journal of this plan; one of another plan is begun anew."""
        self.path = path
        self._lock = Lock()
        self.published: tuple[str, str] | None = None
        """Under which name a finished store was to take the place of another, and which it is."""
        if is_locked(path):
            raise ConversionInUse(
                f"{path} is in use: this conversion is going on in another process"
            )
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o644)
        lock_file(self._descriptor)
        known = self._read(plan)
        self.resumed = known is not None
        self.done = {} if known is None else known
        if known is None:
            os.ftruncate(self._descriptor, 0)
            try:
                self._append({"conversion": FORMAT, "plan": plan})
            except ConvertError:
                self.remove()
                raise

    def add(self, one: ShardDone) -> None:
        """This shard is on the disk and proven."""
        self._append(one.as_json())
        self.done[one.array, one.shard] = one

    def publishes(self, name: str, store: str) -> None:
        """The finished store, which is this one, goes by that name and then to its place."""
        self._append({PUBLISHES: name, "store": store})
        os.fsync(self._descriptor)
        self.published = name, store

    def close(self) -> None:
        """Let go of the file; it stays for whoever goes on."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """Nothing is to be gone on with."""
        self.path.unlink(missing_ok=True)
        self.close()

    def _append(self, value: dict[str, object]) -> None:
        line = json.dumps(value, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            os.lseek(self._descriptor, 0, os.SEEK_END)
            try:
                written = os.write(self._descriptor, line)
            except OSError as problem:
                raise ConvertError(
                    f"{self.path} cannot be written: {problem.strerror}"
                ) from problem
            if written != len(line):
                raise ConvertError(f"{self.path} cannot be written: No space left on device")

    def _read(self, plan: str) -> dict[tuple[int, tuple[int, ...]], ShardDone] | None:
        """What was done of this plan; None when the file is not of it. A torn line ends it."""
        raw = self.path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        lines = whole.splitlines()
        try:
            head = json.loads(lines[0])
            if (head.get("conversion"), head.get("plan")) != (FORMAT, plan):
                return None
            told = [json.loads(line) for line in lines[1:]]
            done = [ShardDone.from_json(one) for one in told if PUBLISHES not in one]
            for one in told:
                if PUBLISHES in one:
                    self.published = str(one[PUBLISHES]), str(one["store"])
        except (IndexError, ValueError, KeyError, TypeError, AttributeError):
            return None
        os.ftruncate(self._descriptor, len(whole))
        return {(one.array, one.shard): one for one in done}
