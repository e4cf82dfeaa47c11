"""Open and save pipelines as files of their own: dialogs, and those that were used lately."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog, QMenu, QWidget

from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.react import Pipeline
    from parfocal.ui.desk import Desk

__all__ = ["PipelineFiles"]

ENDINGS = (".yaml", ".yml", ".json")
LATELY = 8


class PipelineFiles(QObject):
    """A plan keeps the parts themselves: a file that changes later changes no plan."""

    opened = pyqtSignal(object, object)
    """The `Pipeline` of a file, and the file's path."""

    def __init__(self, desk: "Desk", window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window

    def fill(self, menu: QMenu, pipeline: "Pipeline | None", new: Callable[[], object]) -> None:
        """Offer what can be done with files; without a pipeline there is nothing to save."""
        menu.clear()
        _offer(menu, tr("&New pipeline"), new)
        _offer(menu, tr("&Open…"), self.ask_and_open)
        recent = menu.addMenu(tr("&Recent"))
        assert recent is not None  # PyQt's stubs say that it may be
        paths = self._desk.settings.values.recent_pipelines
        for number, path in enumerate(paths, 1):
            name = f"{path.name} — {path.parent}".replace("&", "&&")
            _offer(recent, f"&{number} {name}", partial(self.open, path))
        recent.setEnabled(bool(paths))
        saving = _offer(menu, tr("&Save as…"), partial(self.save_as, pipeline))
        saving.setEnabled(pipeline is not None)

    def ask_and_open(self) -> None:
        """Let a person choose a file."""
        name, _filter = QFileDialog.getOpenFileName(
            self._window, tr("Open a pipeline"), str(self._folder()), _patterns()
        )
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Read a pipeline; what is none is told in a toast."""
        from parfocal.react import read_pipeline

        path = path.absolute()
        self._desk.tasks.quietly(
            "read a pipeline",
            lambda _task: read_pipeline(path),
            on_done=lambda pipeline: self._take(path, pipeline),
            on_failed=self._tell,
            owner=self,
        )

    def save_as(self, pipeline: "Pipeline | None") -> None:
        """Ask for a file and write the pipeline to it."""
        if pipeline is None:
            return
        start = self._folder() / "pipeline.yaml"
        name, _filter = QFileDialog.getSaveFileName(
            self._window, tr("Save the pipeline"), str(start), _patterns()
        )
        if name:
            path = Path(name)
            self.save(pipeline, path if path.suffix in ENDINGS else Path(f"{name}.yaml"))

    def save(self, pipeline: "Pipeline", path: Path) -> None:
        """Write the pipeline to a file."""
        from parfocal.react import write_pipeline

        self._desk.tasks.quietly(
            "write a pipeline",
            lambda _task: write_pipeline(pipeline, path),
            on_done=lambda _nothing: self._saved(path),
            on_failed=self._tell,
            owner=self,
        )

    def _take(self, path: Path, pipeline: "Pipeline") -> None:
        self._remember(path)
        self.opened.emit(pipeline, path)

    def _saved(self, path: Path) -> None:
        self._remember(path)
        self._desk.say(tr("Saved {path}").format(path=path))

    def _remember(self, path: Path) -> None:
        settings = self._desk.settings
        older = (one for one in settings.values.recent_pipelines if one != path)
        settings.change(recent_pipelines=(path, *older)[:LATELY])

    def _tell(self, sentence: str) -> None:
        self._desk.toasts.show(sentence, "error")

    def _folder(self) -> Path:
        values = self._desk.settings.values
        return values.recent_pipelines[0].parent if values.recent_pipelines else values.data_folder


def _offer(menu: QMenu, words: str, do: Callable[[], object]) -> QAction:
    action = menu.addAction(words)
    assert action is not None  # PyQt's stubs say that it may be
    action.triggered.connect(lambda _checked: do())
    return action


def _patterns() -> str:
    return tr("Pipelines (*.yaml *.yml *.json);;All files (*)")
