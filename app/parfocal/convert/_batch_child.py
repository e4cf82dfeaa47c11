"""Start the worker of a batch as a process of its own that outlives the window, and be it."""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from types import FrameType

from parfocal._own_process import start_on_its_own
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
    account = batch.folder / "worker.log"
    try:
        process = start_on_its_own(
            "--child=convert", str(batch.folder), account=account, name="conversion-worker"
        )
    except OSError as problem:
        raise ConvertError(f"the conversion could not be started: {problem}") from problem
    patience = time.monotonic() + START_S
    while not is_worked_on(batch) and process.poll() is None:
        if time.monotonic() > patience:
            raise ConvertError(f"the conversion did not begin within {START_S:.0f} s")
        time.sleep(LOOK_S)
    if process.returncode:
        raise ConvertError(f"the conversion could not be started; {account} says why")


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
