"""`parfocal serve-viewer`: let a workstation with the right key watch this rig."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.run import Breadcrumb, runs_going_on
from parfocal.store import info
from parfocal.viewer import RingAddress, ViewerError
from parfocal.viewer.remote import Endpoint, Found, RigServer, read_key

_NICENESS = 10
# Where the kernel is told whom to end first.
_OUT_OF_MEMORY = Path("/proc/self/oom_score_adj")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--listen",
        metavar="ADDR:PORT",
        required=True,
        help="an address of this computer, such as 192.168.1.20:5571 (port 0: any free one)",
    )
    parser.add_argument(
        "--key", metavar="FILE", type=Path, help="NAME.rig.key, which `parfocal keygen` makes"
    )
    parser.add_argument(
        "--store",
        metavar="STORE",
        type=Path,
        help="show this store (default: that of the run that goes on)",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Serve until Ctrl-C."""
    if arguments.key is None:
        raise ViewerError(
            "nobody may watch without a key, so nothing is served;"
            " make a pair with `parfocal keygen` and give its *.rig.key with --key"
        )
    key, endpoint = read_key(arguments.key, "rig"), Endpoint.read(arguments.listen)
    store = arguments.store
    if store is not None:
        info(store)  # says in a sentence when this is no store, before anything listens
        store = store.absolute()
    with long_work() as work:
        server = RigServer(key, endpoint.to_listen(), _finder(store), _say)
        _step_back()
        _say(f"listening at {server.endpoint}; Ctrl-C ends it")
        if store is None and not runs_going_on():
            _say("no run goes on now; the next one will be on show")
        served = server.run(work.cancelled)
    value = {
        "listened": str(server.endpoint),
        "viewers": served.viewers,
        "frames_sent": served.frames_sent,
        "frames_dropped": served.frames_dropped,
        "refused": served.refused,
    }
    return Outcome(value, _sentence(value))


def _step_back() -> None:
    """Leave processors and memory to the run: when either is short, this process goes without."""
    if sys.platform != "win32":
        os.nice(_NICENESS)
    with contextlib.suppress(OSError):  # only Linux has it
        _OUT_OF_MEMORY.write_text("1000")


def _finder(store: Path | None) -> Callable[[], Found | None]:
    """Find the run that goes on, or what is known of the one store that is to be shown."""

    def find() -> Found | None:
        for breadcrumb in runs_going_on():
            if store is None or breadcrumb.store == store:
                return Found(breadcrumb.store, _live(breadcrumb), running=True)
        return None if store is None else Found(store)

    return find


def _live(breadcrumb: Breadcrumb) -> RingAddress | None:
    return None if breadcrumb.live is None else RingAddress.from_json(breadcrumb.live)


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"serve-viewer: {sentence}\n")
        sys.stderr.flush()


def _sentence(value: dict[str, object]) -> str:
    return (
        f"{value['listened']} is closed; viewers: {value['viewers']}, live frames sent:"
        f" {value['frames_sent']}, dropped: {value['frames_dropped']},"
        f" unknown keys refused: {value['refused']}"
    )
