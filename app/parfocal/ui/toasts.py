"""Short messages at the bottom right: `show` one; errors stay, all are kept behind the bell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from PyQt6.QtCore import QObject, pyqtSignal

Kind = Literal["info", "ok", "warn", "error"]
Button = tuple[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Toast:
    """One message: what it says, how grave it is, what can be done about it."""

    text: str
    kind: Kind = "info"
    buttons: tuple[Button, ...] = ()
    sticky: bool = False
    detail: str = ""
    when: datetime = field(default_factory=datetime.now)


class Toasts(QObject):
    """The messages of this session, newest last."""

    posted = pyqtSignal(object)  # Toast
    changed = pyqtSignal()

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
        """Show a message from any thread; errors stay until they are closed."""
        toast = Toast(
            text, kind, tuple(buttons), kind == "error" if sticky is None else sticky, detail
        )
        self.history.append(toast)
        self.unread += 1
        self.posted.emit(toast)
        self.changed.emit()
        return toast
