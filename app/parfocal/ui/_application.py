"""Start the window: `open_window` from the verb, `application` for tests and the demo."""

from __future__ import annotations

import gc
import logging
import os
import signal
import time
from pathlib import Path
from types import FrameType

import psutil
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from parfocal import ParfocalError
from parfocal.ui._icon_cache import use_local_icons
from parfocal.ui.desk import Desk
from parfocal.ui.icons import app_icon
from parfocal.ui.logs import FaultHooks, LogFiles
from parfocal.ui.main_window import MainWindow
from parfocal.ui.newer_installer import NewerInstaller
from parfocal.ui.opened_files import Application, OpenedFiles
from parfocal.ui.recovery_offer import RecoveryOffer
from parfocal.ui.single_instance import Doorbell, hand_over
from parfocal.ui.stall_probe import probe_from_environment
from parfocal.ui.terminal_end import outliving_the_terminal
from parfocal.ui.viewer_in_waiting import ViewerInWaiting

log = logging.getLogger(__name__)


class WindowError(ParfocalError):
    """The window cannot be opened; the sentence says why."""


def application() -> QApplication:
    """The one QApplication with our name, icon and local icons, made now or there already."""
    # Set, not defaulted: the bindings that a desktop session names may not be installed here.
    os.environ["QT_API"] = "pyqt6"
    os.environ["PYQTGRAPH_QT_LIB"] = "PyQt6"
    use_local_icons()
    existing = QApplication.instance()
    made = existing if isinstance(existing, QApplication) else Application(["parfocal"])
    made.setApplicationName("parfocal")
    made.setApplicationDisplayName("Parfocal")
    made.setOrganizationName("parfocal")
    made.setDesktopFileName("parfocal")
    made.setWindowIcon(app_icon())
    return made


def open_window(path: Path | None = None, *, separate: bool = False) -> int:
    """Open the window on a plan or store until it is closed; the exit code.

    When one is open already it is raised, given `path`, and this returns 0 at once; `separate`
    (or PARFOCAL_SEPARATE=1 in the environment) opens one more all the same.
    """
    separate = separate or os.environ.get("PARFOCAL_SEPARATE") == "1"
    if path is not None and not path.exists():
        raise WindowError(f"{path} is neither a plan nor a store: there is nothing of that name")
    if not separate and hand_over(path):
        return 0
    from parfocal.viewer import display_problem

    if problem := display_problem():
        raise WindowError(problem)
    gc.disable()  # until all is made, see `_keep_what_is_there`
    app = application()
    files = LogFiles()
    with outliving_the_terminal():
        files.open()
        try:
            return _show(app, files, path, separate=separate)
        finally:
            gc.enable()
            files.close()


def _show(app: QApplication, files: LogFiles, path: Path | None, *, separate: bool) -> int:
    doorbell = Doorbell()
    if not separate and not doorbell.listen():
        # Somebody double-clicked twice: the other start was a moment quicker, and has the window
        if hand_over(path):
            return 0
        log.warning("another window listens already; this one opens beside it")
    opened = OpenedFiles(app)
    if path is not None:
        opened.take(path.absolute())
    desk = Desk()
    hooks = FaultHooks(desk.toasts, lambda: desk.actions.trigger("help.logs"))
    hooks.install()
    window = MainWindow(desk, prepare=(desk.open_last_microscope,))
    files.tell = lambda sentence: desk.toasts.show(sentence, "warn", sticky=True)
    if files.problem:
        desk.toasts.show(files.problem, "warn", sticky=True)
    _follow_the_start(window)
    probe = probe_from_environment(window)
    if probe is not None:
        window.settled.connect(probe.start)
    opened.show_in(window)
    # Qt's own end with the last window did not come when it was closed in the midst of its start
    window.left.connect(lambda: QTimer.singleShot(0, app.quit))
    doorbell.rang.connect(opened.take)
    before = _close_on_signals(window)
    window.show()
    try:
        code = app.exec()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if probe is not None:
            probe.stop()
        doorbell.close()
        opened.deleteLater()
        hooks.remove()
    if not window.left_clean:  # Python would wait at its exit for a device that never answers
        log.error("a device did not answer at the end; its thread was left behind")
        files.close()
        os._exit(1)
    return code


def _follow_the_start(window: MainWindow) -> None:
    """Tell the log how far it is, and begin behind it what nobody waits for."""
    desk = window.desk
    window.first_painted.connect(
        lambda: log.info("start: painted after %.2f s, %.2f s at work", _age(), time.process_time())
    )
    window.settled.connect(lambda: log.info("start: all workspaces after %.2f s", _age()))
    window.settled.connect(_keep_what_is_there)
    window.settled.connect(RecoveryOffer(desk, window).look)
    window.settled.connect(window.first_steps.begin)
    window.settled.connect(NewerInstaller(desk, window).look)
    window.settled.connect(ViewerInWaiting(desk, window).begin)


def _keep_what_is_there() -> None:
    """What is there after the start stays until the end.

    Python looked through all of it again and again, on whatever thread made many objects: a tenth
    of the start, and later 150 to 370 ms in which the window stood still.
    """
    gc.freeze()
    gc.enable()


def _close_on_signals(window: MainWindow) -> dict[signal.Signals, signal.Handlers]:
    """Ctrl-C in the terminal and a polite kill stop the run, close its store and leave.

    What was ignored at the start stays so: a script's Ctrl-C is not for what it left behind it.
    """

    def close(_number: int, _frame: FrameType | None) -> None:
        QTimer.singleShot(0, window.leave)

    both = (signal.SIGINT, signal.SIGTERM)
    numbers = [number for number in both if signal.getsignal(number) is not signal.SIG_IGN]
    return {number: signal.signal(number, close) for number in numbers}  # type: ignore[misc] # one of ours or Python's


def _age() -> float:
    """Seconds since this process began: what a person waited, imports included."""
    return time.time() - psutil.Process().create_time()
