"""Short messages at the bottom right: `show` one; errors stay, all are kept behind the bell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from PyQt6.QtCore import QObject, pyqtSignal

Kind = Literal["info", "ok", "warn", "error"]
Button = tuple[str, Callable[[], object]]

HISTORY_KEPT = 500


@dataclass(frozen=True, slots=True)
class Toast:
    """One message: what it says, how grave it is, what can be done about it."""

    text: str
    kind: Kind = "info"
    buttons: tuple[Button, ...] = ()
    sticky: bool = False
    detail: str = ""
    count: int = 1
    when: datetime = field(default_factory=datetime.now)

    def is_again(self, other: Toast) -> bool:
        """Whether the other one says the same."""
        return (self.text, self.kind) == (other.text, other.kind)


class Toasts(QObject):
    """The messages of this session, newest last. `show` may be called from any thread."""

    posted = pyqtSignal(object)  # Toast; the same text once more comes with a higher count
    taken_back = pyqtSignal(object)  # Toast
    changed = pyqtSignal()
    opened = pyqtSignal()
    """Somebody opened the history: what it shows need not lie over the window as well."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history: list[Toast] = []
        self.unread = 0

    def show(
        self,
        text: str,
        kind: Kind = "info",
        *,
        buttons: Sequence[Button] = (),
        sticky: bool | None = None,
        detail: str = "",
    ) -> Toast:
        """Show a message; errors stay until they are closed.

        What fails at every refresh says the same ten times a second: it becomes one message with
        a count.
        """
        stays = kind == "error" if sticky is None else sticky
        toast = Toast(text, kind, tuple(buttons), stays, detail)
        if self.history and toast.is_again(self.history[-1]):
            toast = replace(toast, count=self.history.pop().count + 1)
        else:
            self.unread += 1
        self.history.append(toast)
        del self.history[:-HISTORY_KEPT]
        self.posted.emit(toast)
        self.changed.emit()
        return toast

    def take_back(self, toast: Toast) -> None:
        """What it says is not so any more: it goes from the window, and stays behind the bell."""
        self.taken_back.emit(toast)

    def keep(self, text: str, kind: Kind = "info", *, detail: str = "") -> None:
        """Put a message behind the bell without showing it: there are too many to be read now."""
        self.history.append(Toast(text, kind, detail=detail))
        del self.history[:-HISTORY_KEPT]
        self.unread += 1
        self.changed.emit()

    def mark_read(self) -> None:
        """The history was looked at: the bell has nothing to count."""
        self.unread = 0
        self.changed.emit()

    def clear(self) -> None:
        """Forget the history."""
        self.history.clear()
        self.mark_read()
