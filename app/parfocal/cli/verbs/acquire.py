"""`parfocal acquire`: run a plan without a window."""

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

from parfocal import ParfocalError, counted
from parfocal.cli._dispatch import Outcome, print_error
from parfocal.cli._long_work import asked_to_stop, is_terminal, progress_bar, write_to_terminal
from parfocal.cli._operator import Operator, refuse_holds_without_operator
from parfocal.plan import Experiment, read_plan
from parfocal.run import RunState, RunStatus
from parfocal.scope import Microscope, open_microscope, open_replay
from parfocal.store import StoreError, write_pyramid
from parfocal.wiring import Alarms, prepare_run

BAR_WIDTH = 30
STOPPED = {signal.SIGINT: "stopped by Ctrl-C", signal.SIGTERM: "stopped by SIGTERM"}
POLL_S = 0.05
TELLING_S = 12.0
"""So long a mail server may take at the end."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "plan", type=Path, metavar="PLAN", help=".parfocal.yaml, .json or useq file"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="STORE", help="NAME.ome.zarr"
    )
    parser.add_argument(
        "--profile", metavar="NAME", help="microscope: demo (default), demo-camera, or a .cfg file"
    )
    parser.add_argument(
        "--replay",
        type=Path,
        metavar="STORE",
        help="have the camera give what this store holds, instead of a microscope",
    )
    parser.add_argument(
        "--calibrate-projector",
        action="store_true",
        help="before the run, which a plan that gives light wants once for each region and binning",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace STORE once the new one is complete"
    )
    parser.add_argument(
        "--budget-mb",
        type=_positive,
        default=1024,
        metavar="N",
        help="memory for frames on their way to the disk (default: %(default)s)",
    )
    parser.add_argument(
        "--pass-holds",
        action="store_true",
        help="go on at once where the plan holds for the operator",
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="publish the newest frames, for `parfocal serve-viewer`",
    )
    parser.add_argument(
        "--no-pyramid",
        action="store_true",
        help="leave out the coarser levels, which are made after a completed run",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    experiment = read_plan(arguments.plan)
    refuse_holds_without_operator(experiment, passes_holds=arguments.pass_holds)
    interrupts = _Interrupts()
    with asked_to_stop(interrupts.ask):
        status = _acquire(arguments, experiment, interrupts)
        completed = status.state is RunState.COMPLETED
        if completed and experiment.storage.pyramid and not arguments.no_pyramid:
            _make_pyramid(status.store, interrupts)
    if not completed:
        happened = "failed" if status.state is RunState.FAILED else f"was {status.state}"
        print_error(f"the run {happened}: {status.reason}; {_kept(status)}")
    return Outcome(_value(status), _text(status), ok=completed)


def _acquire(
    arguments: argparse.Namespace, experiment: Experiment, interrupts: "_Interrupts"
) -> RunStatus:
    with contextlib.ExitStack() as undo:
        microscope = _microscope(arguments)
        undo.callback(microscope.close)
        if arguments.calibrate_projector:
            _calibrate(microscope)
        session = prepare_run(
            experiment,
            microscope,
            arguments.output,
            overwrite=arguments.overwrite,
            budget_bytes=arguments.budget_mb * 2**20,
            live=arguments.live,
            alarms=Alarms(closing_s=TELLING_S),
        )
        undo.callback(session.close)
        if reason := interrupts.reason():
            raise ParfocalError(f"{reason} before the run began: nothing was recorded")
        session.run.start()
        operator = Operator(session.run, passes_holds=arguments.pass_holds)
        with _progress_bar() as show:
            while not session.run.wait(POLL_S):
                if reason := interrupts.reason():
                    session.run.cancel(reason)
                status = session.run.status()
                operator.look(status)
                if not operator.waits:
                    show(status)
        return session.run.status()


def _microscope(arguments: argparse.Namespace) -> Microscope:
    if arguments.replay is None:
        return open_microscope(arguments.profile)
    if arguments.profile is not None:
        raise ParfocalError("--replay and --profile are two microscopes: say one of them")
    return open_replay(arguments.replay)


def _calibrate(microscope: Microscope) -> None:
    if microscope.projector is None:
        raise ParfocalError(f"microscope {microscope.name!r} has no projector to calibrate")
    found = microscope.projector.calibrate()
    if sys.stderr is not None:
        sys.stderr.write(
            f"parfocal: the projector is calibrated by {found.spots_used} of {found.spots} spots, "
            f"off by {found.residual_px:.2f} pixels\n"
        )


def _make_pyramid(store: Path, interrupts: "_Interrupts") -> None:
    """What goes wrong with it is said, and takes nothing from the run, which is complete."""
    with progress_bar() as show:
        try:
            write_pyramid(store, progress=show, cancelled=interrupts.asked)
        except StoreError as problem:
            print_error(f"{problem}; the run itself is complete")


class _Interrupts:
    """Polite signals end the run and not the process; a second one changes nothing.

    Python's own KeyboardInterrupt would tear the main thread out of the closing of the store; and
    a handler that cancels by itself may wait for a lock that its own thread holds.
    """

    def __init__(self) -> None:
        self.asked = Event()
        self._reason = ""

    def reason(self) -> str:
        """Why to stop; empty as long as nobody asked to."""
        return self._reason

    def ask(self, number: int) -> None:
        """Somebody sent a signal."""
        self.asked.set()
        self._reason = STOPPED.get(signal.Signals(number), "stopped since its terminal was closed")


@contextlib.contextmanager
def _progress_bar() -> Iterator[Any]:
    """A bar on stderr when a person looks at it; nothing in a pipe."""
    if not is_terminal(sys.stderr):
        yield _show_nothing
        return

    def show(status: RunStatus) -> None:
        done = status.frames_acquired / max(1, status.frames_expected)
        filled = round(done * BAR_WIDTH)
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        write_to_terminal(
            sys.stderr,
            f"\r{bar} {status.frames_acquired}/{status.frames_expected} frames  "
            f"{status.state}  {status.remaining_s:.0f} s left \x1b[K",
        )

    try:
        yield show
    finally:
        write_to_terminal(sys.stderr, "\r\x1b[K")


def _show_nothing(_status: RunStatus) -> None:
    pass


def _value(status: RunStatus) -> dict[str, Any]:
    return {
        "store": str(status.store),
        "state": str(status.state),
        "reason": status.reason,
        "frames_expected": status.frames_expected,
        "frames_acquired": status.frames_acquired,
        "frames_stored": status.frames_stored,
        "frames_skipped": status.frames_skipped,
        "stimulations": status.stimulations._asdict(),
        "blocked_s": status.blocked_s,
        "lag_ms": {
            "p50": status.lag_p50_ms,
            "p95": status.lag_p95_ms,
            "max": status.lag_max_ms,
        },
        "mb_per_s": status.mb_per_s,
    }


def _text(status: RunStatus) -> str:
    return (
        f"{status.state}: {_kept(status)}, "
        f"{status.elapsed_s:.1f} s, {status.mb_per_s:.0f} MB/s, {status.store}"
    )


def _kept(status: RunStatus) -> str:
    are = "is" if status.frames_expected == 1 else "are"
    return f"{status.frames_stored} of {counted(status.frames_expected, 'frame')} {are} stored"


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of MB above zero")
    return int(text)
