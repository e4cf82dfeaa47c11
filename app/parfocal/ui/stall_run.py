"""Run an experiment at full speed in a real window and measure how its loop kept up."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import useq
from PyQt6.QtCore import QEventLoop, QTimer

from parfocal import ParfocalError
from parfocal.plan import Experiment, experiment_from_sequence
from parfocal.ui._application import application
from parfocal.ui.desk import Desk
from parfocal.ui.main_window import MainWindow
from parfocal.ui.settings import Settings
from parfocal.ui.stall_probe import Stall, StallProbe

__all__ = ["StallReport", "loop_until", "measure_stalls"]

WINDOW_SIZE = (1280, 800)
PATIENCE_S = 300.0
PER_TIMEPOINT = 20  # 2 fields × 2 channels × 5 planes, as the demo has


class StallReport(NamedTuple):
    """How late the loop's beats were during one run."""

    frames: int
    seconds: float
    beats: int
    worst_ms: float
    p999_ms: float
    stalls: tuple[Stall, ...]

    @property
    def ours(self) -> tuple[Stall, ...]:
        """The stalls in which our own code was at work."""
        return tuple(stall for stall in self.stalls if stall.ours)


def measure_stalls(frames: int = 2000) -> StallReport:
    """The demo's experiment without its pauses, every panel of the Run workspace in sight."""
    app = application()
    with tempfile.TemporaryDirectory(prefix="parfocal-stalls-") as place:
        desk = Desk(Settings(Path(place) / "settings.json"))
        window = MainWindow(desk, prepare=(desk.controller.open_microscope,))
        window.resize(*WINDOW_SIZE)
        window.show()
        try:
            return _measure(desk, window, Path(place) / "stalls.ome.zarr", frames)
        finally:
            desk.controller.shutdown()
            window.close()
            window.deleteLater()
            app.processEvents()  # the window is gone before its folder is


def _measure(desk: Desk, window: MainWindow, store: Path, frames: int) -> StallReport:
    controller = desk.controller
    loop_until(lambda: window.populated and not controller.opening)
    if controller.microscope is None:
        raise ParfocalError(controller.microscope_problem)
    window.show_workspace("run")
    window.messages.show()
    probe = StallProbe()
    probe.start()
    began = time.perf_counter()
    try:
        controller.start(_fast(frames), store)
        loop_until(lambda: not controller.busy)
    finally:
        probe.stop()
    seconds = time.perf_counter() - began
    status = controller.status()
    if status is None or str(status.state) != "completed":
        raise ParfocalError(
            controller.run_problem or f"the run did not complete: {status and status.reason}"
        )
    return StallReport(
        status.frames_stored,
        seconds,
        probe.beats,
        probe.worst_ms,
        probe.quantile_ms(0.999),
        tuple(probe.stalls),
    )


def _fast(frames: int) -> Experiment:
    sequence = useq.MDASequence(
        axis_order=("t", "p", "c", "z"),
        time_plan=useq.TIntervalLoops(interval=0, loops=frames // PER_TIMEPOINT),  # type: ignore[arg-type] # pydantic casts seconds
        stage_positions=(
            useq.Position(x=0, y=0, z=0, name="left"),
            useq.Position(x=150, y=0, z=0, name="right"),
        ),
        channels=(
            useq.Channel(config="DAPI", exposure=1),
            useq.Channel(config="FITC", exposure=1),
        ),
        z_plan=useq.ZRangeAround(range=8, step=2),
    )
    return experiment_from_sequence(sequence, "full speed")


def loop_until(happened: Callable[[], bool], every_ms: int = 20) -> None:
    """Let Qt work, as in a window of its own, until it has happened."""
    loop, timer = QEventLoop(), QTimer()
    deadline = time.monotonic() + PATIENCE_S

    def look() -> None:
        if happened() or time.monotonic() > deadline:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(every_ms)
    loop.exec()
    timer.stop()
    if not happened():
        raise ParfocalError(f"waited {PATIENCE_S:.0f} s for the window, in vain")
