"""Do things to stores in processes that are killed -9, at a marker or at a moment.

Started as a program it imports the store once and forks a victim for each request, so that a kill
costs 0.1 s and not the 0.5 s of a new Python. Nothing of TensorStore runs before a fork.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parent))

SHAPE = (40, 48)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Victims:
    """The program that forks victims, seen from a test."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors.open("w+")
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def run(self, scenario: str, path: Path, **options: Any) -> str:
        """Let a victim do something; says "killed" or "ended". Options: see `_victim`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"scenario": scenario, "path": str(path), **options}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if answer not in ("killed", "ended"):
            self._errors.seek(0)
            raise AssertionError(f"{request}: {answer!r}\n{self._errors.read()[-4000:]}")
        return answer

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()
        self._errors.close()


def said_path(path: Path) -> Path:
    """What a victim said, line by line; it lies apart, and not beside the store."""
    return path.parent.parent / f"{path.parent.name}.said"


def said(path: Path, word: str) -> list[list[int]]:
    """The numbers after each whole line that begins with the word."""
    lines = said_path(path).read_text().split("\n")[:-1] if said_path(path).exists() else []
    return [list(map(int, line.split()[1:])) for line in lines if line.split()[0] == word]


# -- in the victim


def _say(path: Path) -> Any:
    descriptor = os.open(said_path(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return lambda *words: os.write(descriptor, (" ".join(map(str, words)) + "\n").encode())


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("alive after SIGKILL")


def _die_at(path: Path, marker: str, count: int, trace: bool) -> None:
    """Be killed right before the file operation that the marker matches for the count-th time."""
    folder, pattern, seen = f"{path.parent}/", re.compile(marker or "$^"), [0]
    tell = _say(path) if trace else None

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        verb = {"os.rename": "rename", "os.remove": "remove", "os.mkdir": "mkdir"}.get(event)
        if event == "open":
            verb = "write" if arguments[2] & WRITING else "read"
        if event == "os.rmdir":
            verb = "rmdir"
        if verb is None or not isinstance(arguments[0], str | bytes | os.PathLike):
            return
        file = os.fsdecode(arguments[0])
        if not file.startswith(folder):
            return
        label = f"{verb} {file.removeprefix(folder)}"
        if tell is not None:
            tell("step", label)
        if pattern.search(label):
            seen[0] += 1
            if seen[0] == count:
                _die()

    sys.addaudithook(hook)


def record(path: Path, options: Mapping[str, Any]) -> None:
    """Record a grid; `die_at` is the number of the put before which it is killed, once so many
    planes are `committed`."""
    from store_recordings import grid, plane_of, spec_of

    from parfocal.store import FieldInfo, Recording

    tell = _say(path)
    planned = grid(**options["grid"])
    due = [n * options.get("interval", 0.0) for n in range(len(planned))]
    shape = tuple(options.get("shape", SHAPE))
    spec = spec_of(planned, shape=shape, due=due, **options.get("spec", {}))
    if spec.unbounded:  # what is planned repeats itself
        length = max(t for t, *_ in planned) + 1
        repeats = range(options["repeats"])
        planned = [(n * length + t, *rest) for n in repeats for t, *rest in planned]
    create = {"checkpoint_s": 0.02, "budget_bytes": 16 * 2**20, **options.get("create", {})}
    recording = Recording.create(path, spec, **create)
    for index, reason in options.get("skip", []):
        recording.skip(tuple(index), reason)
    for number, index in enumerate(_order(planned, options)):
        if number == options.get("die_at"):
            while len(recording.committed()) < options.get("committed", 0):
                time.sleep(0.01)
            for done in sorted(recording.committed()):
                tell("committed", *done)
            _die()
        if number == options.get("extend_at"):
            more = [tuple(one) for one in options["extension"]]
            joining = [FieldInfo(f"joined {n}") for n in range(options.get("joining", 0))]
            recording.extend(more, [0.0] * len(more), fields=joining)
            planned += more
            tell("extended")
        recording.put(index, plane_of(index, shape), {"exposure_ms": 5.0})
        tell("put", *index)
        if number % 8 == 7:
            for done in sorted(recording.committed()):
                tell("committed", *done)
        time.sleep(options.get("pause", 0.0))
    tell("closing")
    recording.close(options.get("state", "completed"))
    tell("closed")


def _order(planned: list[Any], options: Mapping[str, Any]) -> Iterator[Any]:
    if "shuffle" in options:
        import random

        random.Random(options["shuffle"]).shuffle(planned)
    number = 0
    while number < len(planned):  # it may grow meanwhile
        yield planned[number]
        number += 1


def recover(path: Path, options: Mapping[str, Any]) -> None:
    """Recover a store."""
    from parfocal.store import recover

    recover(path)


def pyramid(path: Path, options: Mapping[str, Any]) -> None:
    """Make the coarser levels of a store."""
    from parfocal.store import write_pyramid

    write_pyramid(path)


SCENARIOS = {"record": record, "recover": recover, "pyramid": pyramid}


def _victim(request: Mapping[str, Any]) -> None:
    """Options: `marker` and `count`, or nothing; `trace` tells every step of the file system."""
    path = Path(request["path"])
    _die_at(path, request.get("marker", ""), request.get("count", 1), request.get("trace", False))
    SCENARIOS[request["scenario"]](path, request)


def _serve() -> None:
    import pyarrow.parquet  # noqa: F401 - before the forks

    import parfocal.store  # noqa: F401

    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            code = 1
            with contextlib.suppress(BaseException):
                try:
                    _victim(request)
                    code = 0
                except BaseException:  # noqa: BLE001 - a fork must never run on into its parent
                    sys.excepthook(*sys.exc_info())
                    sys.stderr.flush()
            os._exit(code)
        if "after_s" in request:
            time.sleep(request["after_s"])
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if killed else "ended" if not status else "failed", flush=True)  # noqa: T201


if __name__ == "__main__":
    _serve()
