"""Hold the experiment on the desk: every edit makes a new value, and can be taken back."""

import time
from pathlib import Path

import useq
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from parfocal.plan import Experiment, Phase, demo_experiment, read_plan, write_plan
from parfocal.ui.design_workspace._difference import changed_field
from parfocal.ui.text import tr

# Turning a spin box or typing a sentence is one step back, not thirty: edits of one field merge
# while they follow each other this quickly.
MERGE_WITHIN_S = 2.0


class Document(QObject):
    """The experiment, its file, and the way back to what it was."""

    changed = pyqtSignal(object)
    """The new `Experiment`."""
    named = pyqtSignal()
    """The file, the unsaved mark or what can be undone are others now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.experiment: Experiment = demo_experiment()
        self.path: Path | None = None
        self.stack = QUndoStack(self)
        # a method and no lambda: the stack speaks once more while this is being destroyed, and a
        # lambda is called then (a segmentation fault), a method of ours is not
        self.stack.cleanChanged.connect(self._on_stack_changed)
        self.stack.indexChanged.connect(self._on_stack_changed)

    @property
    def title(self) -> str:
        """What the window's title calls it."""
        return self.path.name if self.path is not None else self.experiment.name

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost by leaving it."""
        return not self.stack.isClean()

    def edit(self, experiment: Experiment, what: str, *, alone: bool = False) -> None:
        """Put a new value in the old one's place, as one step back (`what` names the step).

        Edits of one field that follow quickly are one step, but for one that stands `alone`.
        """
        if experiment != self.experiment:
            field = "" if alone else changed_field(self.experiment, experiment)
            self.stack.push(_Replacement(self, self.experiment, experiment, what, field))

    def start_anew(self, channel: useq.Channel | None) -> None:
        """Put a plan of one picture on the desk, without a file: the rest is a person's to say."""
        channels = () if channel is None else (channel,)
        phase = Phase(name=tr("phase"), sequence=useq.MDASequence(channels=channels))
        self._begin(Experiment(name=tr("experiment"), items=(phase,)), None)

    def open(self, path: Path) -> None:
        """Read a plan from a file; when it is none, this document stays as it is."""
        self._begin(read_plan(path), path)

    def bring_back(self, experiment: Experiment, path: Path | None) -> None:
        """Go on with what a crash had left unsaved; it is unsaved still."""
        self._begin(experiment, path)
        self.stack.resetClean()

    def save(self, path: Path) -> None:
        """Write the plan to a file, which is the document's file from now on."""
        write_plan(self.experiment, path)
        self.path = path
        self.stack.setClean()
        self.named.emit()

    def _on_stack_changed(self) -> None:
        self.named.emit()

    def _begin(self, experiment: Experiment, path: Path | None) -> None:
        self.path = path
        self.stack.clear()
        self.put(experiment)
        self.named.emit()

    def put(self, experiment: Experiment) -> None:
        """Set the value without a step back; the steps themselves call it."""
        self.experiment = experiment
        self.changed.emit(experiment)


class _Replacement(QUndoCommand):
    """One step: the value before and the value after it."""

    def __init__(
        self, document: Document, before: Experiment, after: Experiment, what: str, field: str
    ) -> None:
        super().__init__(what)
        self._document = document
        self._before = before
        self._after = after
        self._field = field
        self._at = time.monotonic()

    def undo(self) -> None:
        self._document.put(self._before)

    def redo(self) -> None:
        self._document.put(self._after)

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand | None) -> bool:  # noqa: N802 - Qt's own name
        if not isinstance(other, _Replacement):
            return False
        if not self._field or other._field != self._field:
            return False
        if other._at - self._at > MERGE_WITHIN_S:
            return False
        self._after, self._at = other._after, other._at
        self.setObsolete(self._after == self._before)
        return True
