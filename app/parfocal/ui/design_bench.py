"""Edit plans in a real window and measure when its right column shows what they come to."""

import gc
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import useq
from PyQt6.QtCore import QEvent, QObject, QTimer

from parfocal.plan import Experiment, demo_experiment, experiment_from_sequence
from parfocal.ui._application import application
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.desk import Desk
from parfocal.ui.main_window import MainWindow
from parfocal.ui.settings import Settings
from parfocal.ui.stall_run import WINDOW_SIZE, loop_until

__all__ = ["measure_edits"]

CHANNELS = tuple(useq.Channel(config=name, exposure=10) for name in ("DAPI", "FITC"))
WELLS = tuple(well // 24 for well in range(384)), tuple(well % 24 for well in range(384))
BETWEEN_S = 0.4  # a person types no faster, and the preflight of one edit runs into the next


def measure_edits(edits: int) -> dict[str, float]:
    """For each plan the ms from an exposure's change by hand to the new column on the screen."""
    app = application()
    with tempfile.TemporaryDirectory(prefix="parfocal-edits-") as place:
        desk = Desk(Settings(Path(place) / "settings.json"))
        desk.settings.change(data_folder=Path(place))
        window = MainWindow(desk, prepare=(desk.controller.open_microscope,))
        window.resize(*WINDOW_SIZE)
        window.show()
        try:
            loop_until(lambda: window.populated and not desk.controller.opening)
            gc.freeze()  # as the program does when its window is made (ui/_application.py)
            design = window.show_workspace("design")
            assert isinstance(design, DesignWorkspace)
            loop_until(lambda: design.outlook.camera is not None)
            found = {name: _median_ms(design, plan, edits) for name, plan in _plans()}
            design.document.stack.setClean()  # nobody is to be asked about these edits, or later
            return found
        finally:
            gc.unfreeze()
            desk.controller.shutdown()
            window.close()
            window.deleteLater()
            app.processEvents()  # the window is gone before its folder is


def _median_ms(design: DesignWorkspace, plan: Experiment, edits: int) -> float:
    design.document.edit(plan, "load", alone=True)
    channels: Any = design.editor.tables.channels
    column = channels.table().indexOf(channels.EXPOSURE)
    painted = _Painted(design.summary.duration)
    design.outlook.previewed.connect(painted.wait)
    times = []
    for number in range(edits):
        _idle(BETWEEN_S)
        painted.times.clear()
        began = time.perf_counter()
        channels.table().cellWidget(0, column).setValue(11 + number)
        loop_until(lambda: bool(painted.times), every_ms=1)
        times.append(painted.times[0] - began)
    design.outlook.previewed.disconnect(painted.wait)
    return 1000 * median(times)


def _idle(seconds: float) -> None:
    until = time.monotonic() + seconds
    loop_until(lambda: time.monotonic() >= until)


class _Painted(QObject):
    """When the window was painted after a preview came."""

    def __init__(self, widget: Any) -> None:
        super().__init__(widget)
        self._widget = widget
        self._waiting = False
        self.times: list[float] = []
        widget.installEventFilter(self)

    def wait(self) -> None:
        self._waiting = True
        self._widget.update()  # a plan may take as long as before, to the minute

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        if self._waiting and event is not None and event.type() == QEvent.Type.Paint:
            self._waiting = False
            QTimer.singleShot(0, self._note)  # the rest of the window is painted with it
        return False

    def _note(self) -> None:
        self.times.append(time.perf_counter())


def _plans() -> Iterator[tuple[str, Experiment]]:
    yield "demo", demo_experiment()
    for side in (1, 3):
        grid = useq.GridRowsColumns(rows=side, columns=side, fov_width=256, fov_height=256)
        plate = useq.WellPlatePlan(
            plate=useq.WellPlate.from_str("384-well"),
            a1_center_xy=(0, 0),
            selected_wells=WELLS,
            well_points_plan=grid,
        )
        yield f"384 wells × {side * side}", _plan(3, stage_positions=plate)
    places = [(100 * n, 50 * n, 0) for n in range(16)]
    yield "100,016 events", _plan(6251, stage_positions=places)


def _plan(loops: int, **values: Any) -> Experiment:
    times = useq.TIntervalLoops(interval=3600, loops=loops)  # type: ignore[arg-type] # pydantic casts seconds
    sequence = useq.MDASequence(
        axis_order=("t", "p", "g", "c", "z"), time_plan=times, channels=CHANNELS, **values
    )
    return experiment_from_sequence(sequence, "edits")
