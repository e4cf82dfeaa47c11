"""Open the real viewer window in a process of its own, and do things in it step by step.

A test names a generator `steps(viewer, say)` of its module. In the child it is gone on with
between two polls of the window; it yields what to wait for, and says what the test will judge.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from parfocal.viewer._link import Standing

Wait = float | Callable[[], Any]
Steps = Callable[[Any, Callable[[Any], None]], Iterator[Wait]]
_PATIENCE_S = 40.0
_SAID = "["
_CLOSE = {"op": "close", "id": 0, "values": {}}


def said_in_window(steps: Steps, store: Path, **opening: Any) -> tuple[list[Any], str]:
    """What the steps said in the order in which they did, and the child's stderr."""
    command = [sys.executable, "-m", "viewer.window", steps.__module__, steps.__name__]
    told = json.dumps({"store": str(store), "title": "test", **opening})
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [*command, told],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "QT_API": "pyqt6"},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(_SAID)]
    # napari prints warnings and errors, and shows them over the picture
    others = [line for line in done.stdout.splitlines() if not line.startswith(_SAID)]
    return [value for (value,) in said], "".join([done.stderr, *others])


class _Script:
    """In place of a parent: goes on with the steps at each poll, and closes the window then."""

    standing = Standing.HELD
    publisher_gone = failed = False

    def __init__(self, steps: Steps) -> None:
        self._steps: Iterator[Wait] | None = None
        self._make = steps
        self._wait: Wait = 0.0
        self._ended = False
        self._since = time.monotonic()

    def messages(self) -> list[dict[str, Any]]:
        import napari

        if self._steps is None:
            self._steps = self._make(napari.current_viewer(), self._say)
        if self._ended:
            return []
        if self._is_over():
            self._go_on()
        return [_CLOSE] if self._ended else []

    def _go_on(self) -> None:
        assert self._steps is not None
        try:
            self._wait, self._since = next(self._steps), time.monotonic()
        except StopIteration:
            self._ended = True
        except Exception:  # noqa: BLE001  # napari would show it in the window that is about to close
            traceback.print_exc()
            self.failed = self._ended = True

    def shows(self, standing: Standing) -> None:
        pass

    def send(self, message: dict[str, Any]) -> None:
        pass

    def _is_over(self) -> bool:
        waited = time.monotonic() - self._since
        if not callable(self._wait):
            return waited >= self._wait
        if self._wait():
            return True
        if waited > _PATIENCE_S:
            sys.stderr.write(f"waited in vain at line {_line(self._steps)}\n")
            self.failed = self._ended = True
        return False

    def _say(self, value: Any) -> None:
        sys.stdout.write(json.dumps([value]) + "\n")


def _main(module: str, name: str, opening: str) -> int:
    from parfocal.viewer.child import run_window

    script = _Script(getattr(importlib.import_module(module), name))
    run_window(json.loads(opening), script)
    return 1 if script.failed else 0


def _line(steps: Any) -> int:
    while steps.gi_yieldfrom is not None:
        steps = steps.gi_yieldfrom
    return int(steps.gi_frame.f_lineno)


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
