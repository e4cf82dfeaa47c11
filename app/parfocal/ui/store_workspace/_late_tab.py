"""A tab of the details: it reads what it shows when somebody looks, off the window's thread."""

from typing import Any, Generic, TypeVar

from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.tasks import Tasks
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme, Token

Told = TypeVar("Told")


class LateTab(QWidget, Generic[Told]):
    """Parts give `read` (in a thread) and `show_told`; `note` says how it stands."""

    def __init__(self, tasks: Tasks, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._answer = NewestAnswer(tasks, self, far=True)
        self._entry: Entry | None = None
        self._read: Entry | None = None
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.column = QVBoxLayout(self)
        self.column.addWidget(self.note)

    def show_entry(self, entry: Entry) -> None:
        """Be about this store from now on."""
        self._entry = entry
        if self.isVisible():
            self._ask()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt shows it."""
        super().showEvent(event)
        self._ask()

    def read(self, entry: Entry) -> Told:
        """What there is to tell of a store; called in a thread."""
        raise NotImplementedError

    def show_told(self, told: Told) -> None:
        """Show what was read."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show nothing."""

    def say(self, sentence: str, *, good: bool | None = None) -> None:
        """Put a sentence above, in the colour of a verdict when it is one."""
        token: Token = "text" if good is None else "ok" if good else "warn"
        palette = self.note.palette()
        palette.setColor(self.note.foregroundRole(), self._theme.color(token))
        self.note.setPalette(palette)
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))

    def _ask(self) -> None:
        entry = self._entry
        if entry is None or entry is self._read:
            return
        if self._read is None or self._read.path != entry.path:
            self.clear()
            self.say(tr("Looking…"))
        self._read = entry
        self._answer.ask(
            f"read more of {entry.path}", lambda _task: self.read(entry), self._hear, self._fail
        )

    def _hear(self, told: Any) -> None:
        self.say("")
        self.show_told(told)

    def _fail(self, sentence: str) -> None:
        self.clear()
        self.say(sentence, good=False)
