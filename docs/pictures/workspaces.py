"""Take the pictures of the workspaces from the real window, on the demo microscope.

Run without arguments it takes all of them: each in light and dark, at 1280×800 and at 200 % on a
screen of 2560×1600, every one in a process of its own (Qt takes its scale at the start only).
`workspaces.py design dark 2 FILE` takes one, `workspaces.py run hold` all of those two. A scene is
a function of `SCENES` that is given the window, prepares what is to be seen, and gives back the
dialog if the picture is of one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from studio import ENDINGS, HERE, SIZE, at_both_scales, large_screen, own_home, until

PLAN = HERE / "drug-response.parfocal.yaml"
WATCHED = HERE / "watched-run.parfocal.yaml"


def design(window: Any) -> None:
    """The plan of a drug's effect, its stimulated phase open."""
    workspace = window.show_workspace("design")
    workspace.open_path(PLAN)
    until(lambda: workspace.outlook.preview is not None)
    workspace.items.choose(3)
    workspace.phase_page.open("stimulate")
    until(lambda: len(workspace.summary.preflight.lines) > 1)


def pipeline(window: Any) -> None:
    """The pipeline of that phase, its first part to be set."""
    design(window)
    workspace = window.show_workspace("design")
    page = workspace.phase_page
    page.folds["pipeline"].tick.click()
    until(lambda: workspace.known_parts.here)
    measures = {action.data(): action for action in page.pipeline.measures.drop.actions()}
    for name in ("shape", "intensity"):
        measures[name].trigger()
    workspace.document.stack.setClean()  # or leaving asks whether it is to be saved


def trial(window: Any) -> Any:
    """That pipeline, tried on the living sample."""
    pipeline(window)
    workspace = window.show_workspace("design")
    workspace.phase_page.pipeline.try_button.click()
    dialog = workspace.pipeline_dialogs.trial
    dialog.panels.snap.click()
    until(lambda: dialog.panels.found.text())
    return dialog


def microscope(window: Any) -> None:
    """Live view of the living sample, the stage a step aside."""
    workspace = window.show_workspace("microscope")
    until(lambda: workspace.camera.now is not None)
    workspace.stage.xy_step.setValue(120)
    workspace.stage.buttons["x_up"].click()
    until(lambda: not workspace.moves.going)
    workspace.camera.toggle_live()
    until(lambda: "frames/s" in workspace.image.caption.text())


def projector(window: Any) -> None:
    """The projector calibrated, its spots over the live view."""
    workspace = window.show_workspace("microscope")
    until(lambda: workspace.projector.calibrate_button.isEnabled())
    workspace.camera.toggle_live()
    workspace.projector.calibrate_button.click()
    until(lambda: not workspace.projection.going)
    until(lambda: "Calibrated" in workspace.projector.state.sentence)


def run(window: Any) -> None:
    """A run behind its hold, in its last phase."""
    hold(window)
    controller = window.desk.controller
    controller.release()
    until(lambda: controller.status().event >= 37)


def hold(window: Any) -> None:
    """A run that waits for the operator."""
    from parfocal.plan import read_plan

    window.show_workspace("run")
    controller = window.desk.controller
    folder = window.desk.settings.values.data_folder
    controller.start(read_plan(WATCHED), folder / "drug-response.ome.zarr")
    until(lambda: controller.status() is not None and controller.status().message)


def store(window: Any) -> None:
    """A screen in a plate, one well chosen."""
    import some_stores

    workspace = window.show_workspace("store")
    plate = some_stores.make(window.desk.settings.values.data_folder)
    workspace.open_path(plate)
    until(lambda: workspace.deeds.entry is not None)
    page = workspace.details.overview.plate
    page.view.setCurrentIndex(page.view.plate.index(2, 4))
    until(lambda: not page._wells.working and not workspace.stores.looks.working)


def first_steps(window: Any) -> None:
    """What a person sees who starts it for the first time."""
    window.first_steps.begin()
    workspace = window.show_workspace("run")
    until(lambda: workspace.demo_button.isVisible())


def settings(window: Any) -> Any:
    """The settings, open at the shortcuts, where a key is taken already."""
    from parfocal.ui.settings_dialog import open_settings

    dialog = open_settings(window.desk, window, "shortcuts")
    page = dialog.pages["shortcuts"]
    page.choose("store.check")
    page.give("Ctrl+K")
    return dialog


def report(window: Any) -> Any:
    """A report of a problem, before it is written."""
    from parfocal.ui.report_dialog import ReportDialog

    window.desk.actions.trigger("help.report")
    dialog = window.findChild(ReportDialog)
    until(dialog.save.isEnabled)
    return dialog


SCENES: dict[str, Callable[[Any], Any]] = {
    "design": design,
    "microscope": microscope,
    "projector": projector,
    "run": run,
    "pipeline": pipeline,
    "trial": trial,
    "hold": hold,
    "store": store,
    "first-steps": first_steps,
    "settings": settings,
    "report": report,
}


def take(scene: str, theme: str, file: Path) -> None:
    """Open the window in a home of its own, prepare the scene, and take the picture."""
    with own_home() as home:
        from PyQt6.QtTest import QTest

        from parfocal.ui import MainWindow, application
        from parfocal.ui.desk import Desk
        from parfocal.ui.settings import Settings

        app = application()  # kept: without a name Python would take it away again
        stores = home / "Microscopy"
        stores.mkdir()
        settings = Settings(home / "settings.json")
        settings.change(data_folder=stores, theme=theme)
        desk = Desk(settings)
        window = MainWindow(desk, prepare=(desk.controller.open_microscope,))
        window.resize(*SIZE)
        window.move(0, 0)
        window.show()
        until(lambda: window.populated and desk.controller.microscope is not None)
        dialog = SCENES[scene](window)
        window.resize(*SIZE)
        QTest.qWait(800)
        (dialog or window).grab().save(str(file))
        desk.controller.cancel()
        until(lambda: not desk.controller.busy)  # its store is closed before its folder goes
        window.leave()
        app.processEvents()


def take_all(scenes: Iterable[str]) -> None:
    """These scenes in both themes and at both scales."""
    with large_screen():
        for scene in scenes:

            def words(theme: str, scale: int, scene: str = scene) -> list[str]:
                file = HERE / f"{scene}-{theme}{ENDINGS[scale]}.png"
                return [scene, theme, str(scale), str(file)]

            at_both_scales(__file__, words)


if __name__ == "__main__":
    if len(sys.argv) == 5:
        take(sys.argv[1], sys.argv[2], Path(sys.argv[4]))
    else:
        take_all(sys.argv[1:] or SCENES)
