"""Tell the demo step by step: each `yield` lets Qt work until the next tick."""

import hashlib
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from parfocal.ui.demo._result import DemoError, DemoPictures, DemoResult
from parfocal.ui.play import until

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.store import CheckReport
    from parfocal.ui.desk import Desk
    from parfocal.ui.main_window import MainWindow
    from parfocal.viewer import Viewer

__all__ = ["Story"]

PICTURE_AT = 0.75  # of the events: strip, plots, frame and light have something to show by then
# Cells that move pass for spots: of three tries one finds enough of the right ones.
CALIBRATIONS = 3
OPEN_S, RUN_S, BACKGROUND_S, VIEWER_S = 30.0, 90.0, 30.0, 60.0

Value = TypeVar("Value")
Steps = Generator[None, None, Value]


class Story:
    """What a person would do, in that order."""

    def __init__(
        self,
        desk: "Desk",
        window: "MainWindow",
        store: Path,
        pictures: DemoPictures,
        say: Callable[[str], object],
    ) -> None:
        self._desk = desk
        self._window = window
        self._store = store
        self._pictures = pictures
        self._say = say

    def told(self) -> Steps[DemoResult]:
        """Calibrate, run, picture, check, view, compare, picture."""
        yield from self._open_microscope()
        yield from self._calibrate_projector()
        status = yield from self._run()
        self._say("making the coarser levels")
        settled = self._desk.levels.settled
        yield from until(lambda: settled(self._store), "its coarser levels", BACKGROUND_S)
        report = yield from self._check()
        matches = yield from self._view()
        return DemoResult(
            self._store, str(status.state), status.frames_stored, self._pictures, report, matches
        )

    def _open_microscope(self) -> Steps[None]:
        controller = self._desk.controller
        # Opening imports in another thread; beside the workspaces' imports numpy failed half made.
        yield from until(lambda: self._window.populated, "the window to be complete", OPEN_S)
        self._say("opening the demo microscope")
        if controller.microscope is None and not controller.opening:
            controller.open_microscope()
        yield from until(lambda: not controller.opening, "the microscope to open", OPEN_S)
        if controller.microscope is None:
            raise DemoError(controller.microscope_problem)

    def _calibrate_projector(self) -> Steps[None]:
        from parfocal.ui.microscope_workspace import MicroscopeWorkspace

        self._say("calibrating the projector")
        workspace = self._window.show_workspace("microscope")
        assert isinstance(workspace, MicroscopeWorkspace)
        button, panel = workspace.projector.calibrate_button, workspace.projector
        projection = workspace.projection
        for _ in range(CALIBRATIONS):
            yield from until(button.isEnabled, "the projector", OPEN_S)
            button.click()
            yield from until(lambda: not projection.going, "its calibration", BACKGROUND_S)
            if not panel.note.sentence:
                return
        raise DemoError(panel.note.sentence)

    def _run(self) -> "Steps[RunStatus]":
        from parfocal.plan import demo_with_light
        from parfocal.ui.run_workspace import RunWorkspace

        controller = self._desk.controller
        workspace = self._window.show_workspace("run")
        assert isinstance(workspace, RunWorkspace)
        channels = workspace.frame.channels
        self._say(f"running the demo experiment into {self._store}")
        controller.start(demo_with_light(), self._store)  # what the Run button calls, too
        pictured = False
        deadline = time.monotonic() + RUN_S
        while controller.busy:
            status = controller.status()
            if status is not None and status.stimulations.fired and not pictured:
                # look at the light
                channels.setCurrentIndex(channels.count() - 1)
            if not pictured and status is not None and status.event >= PICTURE_AT * status.events:
                pictured = status.events > 0 and self._picture_window()
            if time.monotonic() > deadline:
                raise DemoError(f"the run did not end within {RUN_S:.0f} s")
            yield
        if controller.run_problem:
            raise DemoError(controller.run_problem)
        status = controller.status()
        if status is None or str(status.state) != "completed":
            state, why = ("missing", "") if status is None else (status.state, status.reason)
            raise DemoError(f"the run ended {state} instead of completed: {why}")
        fired, fallback, skipped = status.stimulations
        if fallback or skipped or not fired:
            raise DemoError(f"of {fired + fallback + skipped} stimulations {fired} had their mask")
        if not pictured:
            raise DemoError("the run was over before a picture of it could be taken")
        return status

    def _picture_window(self) -> bool:
        picture = self._window.grab()
        if not picture.save(str(self._pictures.window), "PNG"):
            raise DemoError(f"the picture {self._pictures.window} cannot be written")
        self._say(f"picture of the window in mid-run: {self._pictures.window}")
        return True

    def _check(self) -> "Steps[CheckReport]":
        from parfocal.store import check

        self._say("checking the store")
        report = yield from self._in_background(
            "check the demo's store", lambda: check(self._store, deep=True)
        )
        if not report.ok:
            first = report.findings[0]
            raise DemoError(f"the store does not pass its check: {first.path}: {first.message}")
        return report

    def _view(self) -> Steps[bool]:
        self._say("opening the store in napari")
        viewer = self._desk.viewers.open_store(self._store)
        if viewer is None:
            raise DemoError("the viewer could not be started")
        yield from until(lambda: self._is_up(viewer), "the viewer to open", VIEWER_S)
        t, p, z = self._last_plane_in_focus()
        yield from self._ask(viewer, "show_plane", t=t, p=p, z=z)
        displayed = yield from self._ask(viewer, "displayed")
        matches = yield from self._in_background(
            "compare the viewer with the store", lambda: same_pixels(self._store, displayed)
        )
        if not matches:
            raise DemoError(f"the viewer does not show what {self._store} holds")
        yield from self._ask(viewer, "shot", path=str(self._pictures.viewer))
        self._say(f"picture of the viewer: {self._pictures.viewer}")
        return matches

    # -- small words of the story

    def _last_plane_in_focus(self) -> tuple[int, int, int]:
        run = self._desk.controller.run
        assert run is not None
        sizes = run.schedule.sizes
        return sizes.t - 1, 0, sizes.z // 2

    def _is_up(self, viewer: "Viewer") -> bool:
        status = viewer.status()
        if status.state == "exited":
            raise DemoError(f"the viewer ended: {status.problem}")
        return status.state in ("ready", "busy")

    def _ask(self, viewer: "Viewer", op: str, **values: Any) -> Steps[dict[str, Any]]:
        return (
            yield from self._answer(
                viewer.request(op, **values), f"the viewer's answer to {op}", VIEWER_S
            )
        )

    def _in_background(self, name: str, work: Callable[[], Value]) -> Steps[Value]:
        answer: Future[Value] = Future()
        self._desk.tasks.quietly(
            name,
            lambda _task: work(),
            on_done=answer.set_result,
            on_failed=lambda sentence: answer.set_exception(DemoError(sentence)),
        )
        return (yield from self._answer(answer, name, BACKGROUND_S))

    def _answer(self, future: "Future[Value]", what: str, seconds: float) -> Steps[Value]:
        yield from until(future.done, what, seconds)
        return future.result()


def same_pixels(store: Path, displayed: dict[str, Any]) -> bool:
    """Whether every channel on screen is, byte by byte, the plane that the store holds."""
    from parfocal.store import StoreReader

    reader = StoreReader(store)
    layers = displayed["layers"]
    for layer in layers:
        place = layer["coordinates"]
        stored = reader.plane((place["t"], place["p"], place["c"], place["z"]))
        pixels = np.ascontiguousarray(stored).astype(layer["dtype"], copy=False)
        if hashlib.sha256(pixels.tobytes()).hexdigest() != layer["sha256"]:
            return False
    return len(layers) == len(reader.info.channels)
