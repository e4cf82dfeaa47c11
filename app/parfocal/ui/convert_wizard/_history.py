"""Keep the draft and what it was before, so that every edit can be taken back."""

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal.ui.convert_wizard._draft import Draft, DraftItem

__all__ = ["DraftHistory"]

KEPT = 200


class DraftHistory(QObject):
    """The draft as it is; `changed` says that it is another one."""

    changed = pyqtSignal()

    def __init__(self, draft: Draft, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.draft = draft
        self._before: list[Draft] = []
        self._after: list[Draft] = []

    def change(self, draft: Draft) -> None:
        """Make it another one; what was taken back before is forgotten."""
        if draft == self.draft:
            return
        self._before = [*self._before, self.draft][-KEPT:]
        self._after.clear()
        self._set(draft)

    def change_item(self, number: int, item: DraftItem) -> None:
        """Exchange one item."""
        self.change(self.draft.with_item(number, item))

    def undo(self) -> bool:
        """Take the last edit back; False when there is none."""
        if not self._before:
            return False
        self._after.append(self.draft)
        self._set(self._before.pop())
        return True

    def redo(self) -> bool:
        """Make it again."""
        if not self._after:
            return False
        self._before.append(self.draft)
        self._set(self._after.pop())
        return True

    def _set(self, draft: Draft) -> None:
        self.draft = draft
        self.changed.emit()
