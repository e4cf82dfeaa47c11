"""Go through the wizard in a real window, to the report, and measure how its loop kept up."""

import tempfile
import time
from pathlib import Path

import numpy as np

from parfocal import ParfocalError
from parfocal.convert import forget_batch
from parfocal.ui._application import application
from parfocal.ui.convert_wizard._wizard import CALIBRATE, CHOOSE, DESTINATION, INSPECT, REPORT
from parfocal.ui.desk import Desk
from parfocal.ui.main_window import MainWindow
from parfocal.ui.settings import Settings
from parfocal.ui.stall_probe import StallProbe
from parfocal.ui.stall_run import WINDOW_SIZE, StallReport, loop_until

__all__ = ["measure_wizard_stalls"]

PLANES, SIDE = 40, 2048
FIELDS = 600


def measure_wizard_stalls() -> StallReport:
    """Two sources: a stack of 336 MB, and 600 small fields in one array; all pages, both brought
    in."""
    app = application()
    with tempfile.TemporaryDirectory(prefix="parfocal-wizard-") as place:
        folder = Path(place)
        sources = _write(folder)
        settings = Settings(folder / "settings.json")
        settings.change(data_folder=folder / "stores")
        window = MainWindow(Desk(settings))
        window.resize(*WINDOW_SIZE)
        window.show()
        try:
            loop_until(lambda: window.populated)
            return _walk(window, sources)
        finally:
            window.close()
            window.deleteLater()
            app.processEvents()  # the window is gone before its folder is


def _walk(window: MainWindow, sources: list[Path]) -> StallReport:
    probe = StallProbe()
    probe.start()
    began = time.perf_counter()
    window.conversions.open(sources)
    loop_until(lambda: bool(window.conversions.wizards))
    (wizard,) = window.conversions.wizards
    loop_until(lambda: not wizard.page(CHOOSE).obstacle())
    for step in (INSPECT, CALIBRATE, DESTINATION):
        wizard.go(step)
        loop_until(lambda: not wizard.page(wizard.step).obstacle())
    wizard.next()
    loop_until(lambda: wizard.step == REPORT)
    probe.stop()
    seconds = time.perf_counter() - began
    last = None if wizard.watch is None else wizard.watch.last
    if last is None or not all(item.verified for item in last.progress.items):
        raise ParfocalError("the conversion did not go through")
    forget_batch(last.batch)
    return StallReport(
        len(last.progress.items),
        seconds,
        probe.beats,
        probe.worst_ms,
        probe.quantile_ms(0.999),
        tuple(probe.stalls),
    )


def _write(folder: Path) -> list[Path]:
    stack, many = folder / "stack.npy", folder / "fields.npy"
    shape = (PLANES, SIDE, SIDE)
    whole = np.lib.format.open_memmap(stack, mode="w+", dtype="u2", shape=shape)
    rng = np.random.default_rng(0)
    for plane in range(PLANES):
        whole[plane] = rng.integers(0, 60_000, (SIDE, SIDE), dtype="u2")
    del whole
    np.save(many, rng.integers(0, 60_000, (1, FIELDS, 1, 2, 64, 64), dtype="u2"))
    return [stack, many]
