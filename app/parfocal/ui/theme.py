"""Light, dark or as the system has it: `color` gives the named colours, `changed` says when.

No widget carries a style sheet; what is drawn comes from the palette or from a named colour here.
"""

from __future__ import annotations

import sys
from typing import Literal, get_args

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QPalette
from PyQt6.QtWidgets import QApplication

from parfocal.ui.settings import Appearance

Token = Literal[
    "imaging", "stimulation", "reference", "wait", "hold", "autofocus",
    "ok", "warn", "error", "info", "muted", "accent", "text", "surface", "canvas", "line",
]  # fmt: skip
TOKENS: tuple[Token, ...] = get_args(Token)

# (light, dark). The kinds of work are told apart by colour-blind people too: blue, orange, purple,
# grey, yellow, green differ in lightness as well as in hue. tests/ui/test_theme.py holds contrast.
COLORS: dict[Token, tuple[str, str]] = {
    "imaging": ("#1a73c7", "#56a8f0"),
    "stimulation": ("#c2410c", "#fb8c4a"),
    "reference": ("#8b3fa8", "#c793e0"),
    "wait": ("#7b8490", "#8d97a5"),
    "hold": ("#8f6a00", "#e3b62f"),
    "autofocus": ("#0f7f5f", "#3cc79a"),
    "ok": ("#1a7a3c", "#55c878"),
    "warn": ("#945500", "#f0a83c"),
    "error": ("#c0262d", "#ff7b78"),
    "info": ("#1262ab", "#6cb4f5"),
    "muted": ("#5c6570", "#9da7b3"),
    "accent": ("#1262ab", "#6cb4f5"),
    "text": ("#1b1f24", "#e4e8ed"),
    "surface": ("#f2f3f5", "#24282d"),
    "canvas": ("#ffffff", "#1a1d21"),
    "line": ("#c9ced6", "#3f464e"),
}

# what shows boxes to tick, and the Window (light, dark) that Fusion darkens for their frames
TICKED = {
    "QCheckBox": ("#a6aeb8", "#c4ccd6"),
    "QRadioButton": ("#a6aeb8", "#c4ccd6"),
    "TickedList": ("#d0d5db", "#8b94a0"),
    "TickedTable": ("#d0d5db", "#8b94a0"),
    "QTableWidget": ("#d0d5db", "#8b94a0"),  # its own frame has that colour too
}


class Theme(QObject):
    """The colours in use. Ask again after `changed`; nothing keeps a colour by itself."""

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None, appearance: Appearance = "system") -> None:
        super().__init__(parent)
        self.appearance = appearance
        self.dark = False
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._follow_system)
        self._apply()

    def set_appearance(self, appearance: Appearance) -> None:
        """Wear light, dark, or what the system wears."""
        self.appearance = appearance
        self._apply()

    def color(self, token: Token) -> QColor:
        """The colour of one thing; the same thing has the same colour everywhere."""
        return QColor(COLORS[token][self.dark])

    def dress_new_plots(self) -> None:
        """Set what pyqtgraph's new plots look like, once it is in use (its import costs 0.4 s)."""
        pyqtgraph = sys.modules.get("pyqtgraph")
        if pyqtgraph is not None:
            pyqtgraph.setConfigOption("background", self.color("canvas"))
            pyqtgraph.setConfigOption("foreground", self.color("text"))

    def _follow_system(self) -> None:
        if self.appearance == "system":
            self._apply()

    def _apply(self) -> None:
        hints = QGuiApplication.styleHints()
        if hints is None:
            return
        wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(self.appearance)
        if wanted is None:
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(wanted)
        # On a bare X display Qt keeps the wish to itself: the scheme stays unknown.
        self.dark = (wanted or hints.colorScheme()) == Qt.ColorScheme.Dark
        if not native_style_has_dark():
            style = QApplication.style()
            if style is None or style.objectName() != "fusion":
                QApplication.setStyle("Fusion")
            worn = palette(dark=self.dark)
            QApplication.setPalette(worn)
            for kind, windows in TICKED.items():
                window = QColor(windows[self.dark])
                QApplication.setPalette(with_visible_box(worn, window), kind)
        _wake_style_sheets()
        self.dress_new_plots()
        self.changed.emit()


def _wake_style_sheets() -> None:
    """Let widgets with a style sheet see the new palette.

    pymmcore-widgets gives its table cells one, and Qt's style for sheets keeps the palette that
    it met first: after a switch to dark the exposures stood white on white.
    """
    for widget in QApplication.allWidgets():
        if sheet := widget.styleSheet():
            widget.setStyleSheet("")
            widget.setStyleSheet(sheet)


def native_style_has_dark() -> bool:
    """Whether this system's own style draws itself dark (macOS, Windows 11)."""
    style = QApplication.style()
    return style is not None and style.objectName() in {"macos", "windows11"}


def with_visible_box(worn: QPalette, window: QColor) -> QPalette:
    """The palette for what is ticked, so that an empty box can be seen.

    Fusion draws the box's frame in a darkened Window, which in the dark left a box of contrast 1.1
    on its ground. These widgets draw nothing else in Window.
    """
    made = QPalette(worn)
    made.setColor(QPalette.ColorRole.Window, window)
    faint = QColor(window)
    faint.setAlphaF(0.5)
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Window, faint)
    return made


def palette(*, dark: bool) -> QPalette:
    """Our palette for Fusion, which has none of its own where no desktop tells it one."""

    def color(token: Token) -> QColor:
        return QColor(COLORS[token][dark])

    window, base, text, line = (color(t) for t in ("surface", "canvas", "text", "line"))
    button = QColor("#2f343a") if dark else QColor("#fafbfc")
    made = QPalette(button, window)
    role = QPalette.ColorRole
    roles = {
        role.WindowText: text, role.Text: text, role.ButtonText: text,
        role.Base: base, role.AlternateBase: QColor("#20242a" if dark else "#f6f7f9"),
        role.ToolTipBase: QColor("#343a41" if dark else "#ffffff"), role.ToolTipText: text,
        role.PlaceholderText: color("muted"), role.BrightText: color("error"),
        role.Highlight: QColor("#2b6cb0" if dark else "#1262ab"),
        role.HighlightedText: QColor("#ffffff"),
        role.Accent: color("accent"), role.Link: color("accent"),
        role.LinkVisited: color("reference"),
        role.Light: QColor("#3a4047" if dark else "#ffffff"),
        role.Midlight: QColor("#343a41" if dark else "#e6e9ed"),
        role.Mid: line, role.Dark: QColor("#15181b" if dark else "#aab1bb"),
        role.Shadow: QColor("#0b0d0f" if dark else "#7d8590"),
    }  # fmt: skip
    for which, value in roles.items():
        made.setColor(which, value)
    faint = QColor("#6f7883" if dark else "#9299a3")
    for which in (
        role.WindowText, role.Text, role.ButtonText, role.HighlightedText, role.PlaceholderText,
    ):  # fmt: skip
        made.setColor(QPalette.ColorGroup.Disabled, which, faint)
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, line)
    return made
