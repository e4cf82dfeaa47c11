"""Start the worker of a batch as a process of its own that outlives the window, and be it."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread
from types import FrameType

from parfocal.convert._batch import Batch
from parfocal.convert._batch_work import work_on
from parfocal.convert._batches import is_worked_on
from parfocal.convert._errors import ConvertError

__all__ = ["run_batch_child", "start_batch"]

START_S = 60.0
LOOK_S = 0.05
NICENESS = 5  # an acquisition, and the window, come first
SESSION = Path("/proc/self/autogroup")


def start_batch(batch: Batch) -> None:
    """Have a batch done and return when somebody works on it, or when it is done already.

    Nothing happens when another process works on it: there is one worker at most.
    """
    frozen = getattr(sys, "frozen", False)
    own = [sys.executable] if frozen else [sys.executable, "-P", "-m", "parfocal"]
    try:
        with (batch.folder / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                [*own, "--child=convert", str(batch.folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # neither Ctrl-C nor the end of a terminal is for it
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
    except OSError as problem:
        raise ConvertError(f"the conversion could not be started: {problem}") from problem
    # a child that ends is to be waited for; when this program ends first, the system does that
    Thread(target=process.wait, name="conversion-worker", daemon=True).start()
    patience = time.monotonic() + START_S
    while not is_worked_on(batch) and process.poll() is None:
        if time.monotonic() > patience:
            raise ConvertError(f"the conversion did not begin within {START_S:.0f} s")
        time.sleep(LOOK_S)
    if process.returncode:
        raise ConvertError(
            f"the conversion could not be started; {batch.folder / 'worker.log'} says why"
        )


def run_batch_child(arguments: Sequence[str]) -> int:
    """Work on a batch until it is done; 0, also when another process has it."""
    if len(arguments) != 1:
        sys.stderr.write("parfocal: a worker of conversions takes one folder\n")
        return 2
    stop = Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _step_back()
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("parfocal").setLevel(logging.INFO)
    try:
        work_on(Path(arguments[0]), stop)
    except ConvertError as refusal:
        sys.stderr.write(f"parfocal: {refusal}\n")
        return 1
    return 0


def _step_back() -> None:
    """Let everything else have its turn first: also where Linux shares processors between sessions,
    and this one would have half of them however nice it is to itself."""
    if sys.platform != "win32":
        os.nice(NICENESS)
    if sys.platform == "linux" and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            SESSION.write_text(str(NICENESS))
