"""Draw the toasts over a window's bottom left corner; they never take the focus."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.icons import icon
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme
from parfocal.ui.toasts import Kind, Toast, Toasts

SHOWN_MS = 6000  # when nobody chose
AT_MOST = 4
WIDTH = 380
MARGIN = 12
ICONS: dict[Kind, str] = {
    "info": "information-outline",
    "ok": "check-circle-outline",
    "warn": "alert-outline",
    "error": "alert-circle-outline",
}


def kind_in_words(kind: Kind) -> str:
    """The word for how grave a message is, for those who do not see its colour."""
    return {"info": tr("Note"), "ok": tr("Done"), "warn": tr("Warning"), "error": tr("Error")}[kind]


class ToastStack(QObject):
    """Keeps the cards of the newest messages in the corner of one window."""

    def __init__(
        self,
        window: QWidget,
        toasts: Toasts,
        theme: Theme,
        shown_ms: Callable[[], int] = lambda: SHOWN_MS,
    ) -> None:
        super().__init__(window)
        self._window, self._theme, self._shown_ms = window, theme, shown_ms
        self.cards: list[ToastCard] = []
        self.bottom_margin = MARGIN  # the window adds its status bar's height
        # At the left, past the workspaces' bar: at the right a sticky error lay over Design's Run.
        self.left_margin = MARGIN
        toasts.posted.connect(self._post)
        toasts.taken_back.connect(self._take_back)
        toasts.opened.connect(self._clear)
        theme.changed.connect(self._recolor)

    def _post(self, toast: Toast) -> None:
        again = next((card for card in self.cards if card.toast.is_again(toast)), None)
        if again is None:
            self._add(ToastCard(toast, self._theme, self._window, self._shown_ms))
        else:
            again.show_toast(toast)
        self.place()

    def _add(self, card: ToastCard) -> None:
        card.closed.connect(lambda: self._drop(card))
        self.cards.append(card)
        while len(self.cards) > AT_MOST:
            passing = [one for one in self.cards[:-1] if not one.toast.sticky] or self.cards
            self._drop(passing[0])

    def _take_back(self, toast: Toast) -> None:
        for card in [card for card in self.cards if card.toast.is_again(toast)]:
            self._drop(card)

    def _clear(self) -> None:
        """What can be read behind the bell goes; a question, which has two answers, stays."""
        for card in [card for card in self.cards if len(card.toast.buttons) < 2]:
            self._drop(card)

    def _drop(self, card: ToastCard) -> None:
        if card in self.cards:
            self.cards.remove(card)
            card.hide()
            card.deleteLater()
            self.place()

    def place(self) -> None:
        """Stack the cards in the corner; the window calls it when its size changes."""
        bottom = self._window.height() - self.bottom_margin
        for card in reversed(self.cards):
            height = card.heightForWidth(WIDTH)
            card.setGeometry(self.left_margin, bottom - height, WIDTH, height)
            card.show()
            card.raise_()
            bottom -= height + 8

    def _recolor(self) -> None:
        for card in self.cards:
            card.recolor()


class ToastCard(QFrame):
    """One message with its buttons; it goes by itself unless it is sticky or pointed at."""

    closed = pyqtSignal()

    def __init__(
        self, toast: Toast, theme: Theme, parent: QWidget, shown_ms: Callable[[], int]
    ) -> None:
        super().__init__(parent)
        self.toast, self._theme, self._shown_ms = toast, theme, shown_ms
        self._mark = QLabel()
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setIcon(icon("close"))
        self._close.setToolTip(tr("Close this message"))
        self._close.setAccessibleName(tr("Close this message"))
        self._close.clicked.connect(self.closed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.closed)
        self._lay_out(toast)
        self.show_toast(toast)

    def show_toast(self, toast: Toast) -> None:
        """Say it, or say it once more."""
        self.toast = toast
        self._words.setText(toast.text if toast.count == 1 else f"{toast.text}  ×{toast.count}")
        self.setAccessibleName(f"{kind_in_words(toast.kind)}: {toast.text}")
        self.recolor()
        if not toast.sticky:
            self._timer.start(self._shown_ms())

    def recolor(self) -> None:
        """Draw the mark in the theme's colour."""
        drawing = icon(ICONS[self.toast.kind], self._theme.color(self.toast.kind))
        self._mark.setPixmap(drawing.pixmap(QSize(20, 20), self.devicePixelRatioF()))
        self.update()

    def enterEvent(self, _event: QEnterEvent | None) -> None:
        self._timer.stop()

    def leaveEvent(self, _event: QEvent | None) -> None:
        if not self.toast.sticky:
            self._timer.start(self._shown_ms() // 2)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self.palette().toolTipBase())
        painter.drawRoundedRect(outline, 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self.toast.kind))
        painter.drawRoundedRect(QRectF(QPointF(5, 8), QPointF(8, self.height() - 8)), 1.5, 1.5)

    def _lay_out(self, toast: Toast) -> None:
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._words, 1)
        line.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 8, 10)
        column.setSpacing(6)
        column.addLayout(line)
        if toast.buttons:
            row = QHBoxLayout()
            row.addStretch()
            for text, callback in toast.buttons:
                button = QPushButton(text)
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.clicked.connect(lambda _=False, call=callback: self._answer(call))
                row.addWidget(button)
            column.addLayout(row)

    def _answer(self, call: object) -> None:
        self.closed.emit()
        if callable(call):
            call()
