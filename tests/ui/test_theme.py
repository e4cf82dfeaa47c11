"""The theme: readable colours, palette and plots follow at once."""

from __future__ import annotations

import pytest
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from parfocal.ui.desk import Desk
from parfocal.ui.icons import icon
from parfocal.ui.settings import Appearance
from parfocal.ui.theme import COLORS, TOKENS, palette

READABLE, VISIBLE = 4.5, 3.0  # WCAG 2: text, and drawings
WORDS = {"ok", "warn", "error", "info", "muted", "accent", "text"}
GROUNDS = {"surface", "canvas", "line"}


def luminance(color: QColor) -> float:
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("token", [t for t in TOKENS if t not in GROUNDS])
def test_a_colour_can_be_told_from_both_grounds(token: str, dark: bool) -> None:
    needed = READABLE if token in WORDS else VISIBLE
    for ground in ("surface", "canvas"):
        seen = contrast(QColor(COLORS[token][dark]), QColor(COLORS[ground][dark]))
        assert seen >= needed, f"{token} on {ground}: {seen:.2f}"


@pytest.mark.parametrize("dark", [False, True])
def test_the_palettes_words_are_readable(dark: bool) -> None:
    made = palette(dark=dark)
    role = QPalette.ColorRole
    for words, ground in [
        (role.WindowText, role.Window), (role.Text, role.Base), (role.Text, role.AlternateBase),
        (role.ButtonText, role.Button), (role.HighlightedText, role.Highlight),
        (role.ToolTipText, role.ToolTipBase), (role.PlaceholderText, role.Base),
        (role.Link, role.Base),
    ]:  # fmt: skip
        assert contrast(made.color(words), made.color(ground)) >= READABLE, (words, ground)


def test_a_switch_changes_palette_plots_and_icons_at_once(desk: Desk, qtbot: QtBot) -> None:
    import pyqtgraph

    desk.theme.set_appearance("light")
    drawing = icon("play")
    before = drawing.pixmap(24, 24).toImage()
    light_window = QApplication.palette().color(QPalette.ColorRole.Window)
    with qtbot.waitSignal(desk.theme.changed):
        desk.theme.set_appearance("dark")
    assert desk.theme.dark
    assert luminance(QApplication.palette().color(QPalette.ColorRole.Window)) < 0.1
    assert luminance(light_window) > 0.7
    plot = pyqtgraph.PlotWidget()
    qtbot.addWidget(plot)
    assert plot.backgroundBrush().color() == desk.theme.color("canvas")
    assert pyqtgraph.getConfigOption("background") == desk.theme.color("canvas")
    assert drawing.pixmap(24, 24).toImage() != before


def test_a_widget_with_a_style_sheet_follows_too(desk: Desk, qtbot: QtBot) -> None:
    """pymmcore-widgets' table cells carry one."""
    desk.theme.set_appearance("light")
    cell = QSpinBox()
    cell.setStyleSheet("QAbstractSpinBox { border: none; }")
    qtbot.addWidget(cell)
    cell.show()
    desk.theme.set_appearance("dark")
    middle = cell.grab().toImage().pixelColor(cell.width() // 2, 2)
    assert luminance(middle) < 0.1


def test_viewers_are_told(desk: Desk, qtbot: QtBot) -> None:
    from parfocal.ui import MainWindow
    from ui.shell_parts import plain_workspaces

    desk.theme.set_appearance("light")
    window = MainWindow(desk, plain_workspaces())
    qtbot.addWidget(window)
    assert not desk.viewers.dark
    desk.actions.trigger("view.theme.dark")
    assert desk.viewers.dark
    desk.actions.trigger("view.theme.light")
    assert not desk.viewers.dark


@pytest.mark.parametrize("appearance", ["light", "dark"])
@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton])
def test_an_empty_box_can_be_seen(
    desk: Desk, qtbot: QtBot, appearance: Appearance, kind: type[QAbstractButton]
) -> None:
    desk.theme.set_appearance(appearance)
    page = QWidget()
    qtbot.addWidget(page)
    box = kind("z")
    QVBoxLayout(page).addWidget(box)
    page.show()
    image = page.grab().toImage()
    ground = image.pixelColor(1, 1)
    row = box.geometry().center().y()
    seen = (contrast(image.pixelColor(x, row), ground) for x in range(box.x(), box.x() + 6))
    assert max(seen) > VISIBLE
