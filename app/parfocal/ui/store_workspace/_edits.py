"""Change a store's metadata off the window's thread, and take changes back one by one."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from parfocal.store import StoreEdit, edit_store

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk

# Stores whose steps are kept; one that comes back after so many others begins anew
MOST_STACKS = 20


class Edits(QObject):
    """A stack of steps for each store; one change is under way at a time."""

    changed = pyqtSignal()
    """Whether something can be undone or redone, or is under way."""
    written = pyqtSignal(object)
    """The path of a store that is another one now."""
    refused = pyqtSignal()
    """A change was not made: what the forms show is not so."""

    def __init__(self, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._stacks: dict[Path, QUndoStack] = {}
        self._path: Path | None = None
        self.busy = False
        self._stepping = False

    @property
    def stack(self) -> QUndoStack | None:
        """The steps of the shown store."""
        return None if self._path is None else self._stacks.get(self._path)

    def about(self, path: Path | None) -> None:
        """Which store is shown."""
        self._path = path
        self.changed.emit()

    def apply(self, path: Path, edit: StoreEdit, what: str) -> None:
        """Make a change; it becomes a step when it was made."""
        if self.busy:
            return

        def made(back: StoreEdit) -> None:
            if path not in self._stacks:
                self._stacks[path] = QUndoStack(self)
                for oldest in list(self._stacks)[:-MOST_STACKS]:
                    self._stacks.pop(oldest).deleteLater()
            self._stacks[path].push(_Step(self, path, edit, back, what))
            self._settle(path)

        self._stepping = False
        self._write(path, edit, made)

    def can_undo(self) -> bool:
        """Whether the last change of the shown store can be taken back now."""
        return not self.busy and self.stack is not None and self.stack.canUndo()

    def can_redo(self) -> bool:
        """Whether what was taken back can be made again now."""
        return not self.busy and self.stack is not None and self.stack.canRedo()

    def undo(self) -> None:
        """Take the last change of the shown store back."""
        if self.can_undo() and self.stack is not None:
            self.stack.undo()

    def redo(self) -> None:
        """Make it again."""
        if self.can_redo() and self.stack is not None:
            self.stack.redo()

    def step(self, path: Path, edit: StoreEdit) -> None:
        """Write what a step says; the steps themselves call it."""
        self._stepping = True
        self._write(path, edit, lambda _back: self._settle(path))

    def _write(self, path: Path, edit: StoreEdit, made: Callable[[StoreEdit], object]) -> None:
        self.busy = True
        self.changed.emit()
        self._desk.tasks.quietly(
            f"change {path}",
            lambda _task: edit_store(path, edit),
            on_done=made,
            on_failed=lambda sentence: self._failed(path, sentence),
            owner=self,
            far=True,
        )

    def follow(self, old: Path, new: Path) -> None:
        """A store has another name: its steps are those of that one."""
        stack = self._stacks.pop(old, None)
        if stack is None:
            return
        self._stacks[new] = stack
        for number in range(stack.count()):
            step = stack.command(number)
            if isinstance(step, _Step):
                step.path = new

    def _settle(self, path: Path) -> None:
        self.busy = False
        self.changed.emit()
        self.written.emit(path)

    def _failed(self, path: Path, sentence: str) -> None:
        """After a step that failed nobody knows where in the stack the store is."""
        self.busy = False
        stack = self._stacks.get(path)
        if stack is not None and self._stepping:
            stack.clear()
        self._desk.toasts.show(sentence, "error")
        self.changed.emit()
        self.refused.emit()


class _Step(QUndoCommand):
    """A change that was made, and the one that takes it back."""

    def __init__(
        self, edits: Edits, path: Path, edit: StoreEdit, back: StoreEdit, what: str
    ) -> None:
        super().__init__(what)
        self._edits = edits
        self.path = path
        self._edit = edit
        self._back = back
        self._made = True

    def undo(self) -> None:
        self._edits.step(self.path, self._back)

    def redo(self) -> None:
        if self._made:  # Qt does a step when it is put on the stack; this one was done before
            self._made = False
            return
        self._edits.step(self.path, self._edit)
