"""All of one strip: why it stands where it stands, its stages, what happened, its pictures."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.icons import icon
from parfocal.ui.jobs_workspace._look import stage_words
from parfocal.ui.jobs_workspace._preview import PreviewView
from parfocal.ui.note import Note
from parfocal.ui.text import number, size_in_words, tr
from parfocal.ui.theme import Theme, Token

if TYPE_CHECKING:
    from pathlib import Path

    from parfocal.jobs import StageView, StripStory

STATES: dict[str, tuple[str, Token]] = {
    "waiting": ("○", "muted"),
    "ready": ("◷", "info"),
    "running": ("▶", "accent"),
    "done": ("✓", "ok"),
    "failed": ("✗", "error"),
    "parked": ("!", "error"),
    "cancelled": ("■", "muted"),
    "left out": ("–", "muted"),
}


class StripDetails(QWidget):
    """Shows the story that it was given; the buttons are bound by the workspace."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._story: StripStory | None = None
        self.title = QLabel()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.sentence = Note(theme, tr("Why it stands where it stands"))
        self.retry = QPushButton(icon("refresh"), tr("Retr&y"))
        self.force = QPushButton(icon("sync"), tr("Force from…"))
        self.force.setToolTip(tr("Do a stage and all that follows once more"))
        self.cancel = QPushButton(icon("close-circle-outline"), tr("Ca&ncel"))
        self.open = QPushButton(icon("database-outline"), tr("&Open store"))
        self.answer = QPushButton(icon("help-circle-outline"), tr("Wh&ich one is meant?…"))
        self.stages = self._make_stages()
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName(tr("What happened to the strip"))
        self.preview = PreviewView()
        self.tabs = QTabWidget()
        self.tabs.addTab(self.stages, tr("Timeline"))
        self.tabs.addTab(self.log, tr("Log"))
        self.tabs.addTab(self.preview, tr("Preview"))
        buttons = QHBoxLayout()
        for button in (self.retry, self.force, self.cancel, self.open):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.addWidget(self.title)
        column.addWidget(self.sentence)
        column.addWidget(self.answer)
        column.addLayout(buttons)
        column.addWidget(self.tabs, 1)
        theme.changed.connect(self._fill)
        self.show_story(None)

    @property
    def story(self) -> StripStory | None:
        """What is shown."""
        return self._story

    def show_story(self, story: StripStory | None) -> None:
        """Show a strip; None while none is chosen."""
        self._story = story
        self._fill()

    def show_picture(self, pictures: tuple[QImage, ...], words: str) -> None:
        """The parts of its preview, or in words why there is none."""
        self.preview.show_parts(pictures, words)

    def ask(self, raw: Path | None) -> None:
        """Whether data that came under its name wait for somebody to say what they are."""
        self.answer.setVisible(raw is not None)
        if raw is not None:
            words = tr("Other data came under its name: {raw}. Which strip is meant?")
            self.sentence.say(words.format(raw=raw), "warn")

    def say_failed(self, sentence: str) -> None:
        """It could not be read."""
        self.sentence.say(sentence)

    def _make_stages(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setColumnCount(3)
        made.setHeaderLabels([tr("Stage"), tr("When"), tr("What came of it, or why not")])
        made.setRootIsDecorated(False)
        made.setAlternatingRowColors(True)
        made.setAccessibleName(tr("Stages of the strip"))
        header = made.header()
        assert header is not None
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        return made

    def _fill(self) -> None:
        story = self._story
        self.stages.clear()
        if story is None:
            self.title.setText(tr("No strip is chosen"))
            self.sentence.say("")
            self.log.clear()
            self.preview.show_parts((), tr("Choose a strip in the grid."))
            return
        name = story.strip.name
        title = tr("Strip {n} of slice {slice} ({channel}) — {project}")
        self.title.setText(
            title.format(n=name.strip, slice=name.slice, channel=name.channel, project=name.project)
        )
        self.title.setToolTip(str(story.strip.raw))
        self.sentence.say(story.sentence, "error" if story.broken else "text")
        for stage in story.stages:
            self.stages.addTopLevelItem(self._row(stage))
        lines = [f"{_when(one.utc)}  {one.kind}: {one.words}" for one in story.events]
        self._keep_place("\n".join((*_header(story), *lines)))

    def _row(self, stage: StageView) -> QTreeWidgetItem:
        mark, token = STATES.get(stage.state, ("", "muted"))
        words = stage.words
        if stage.state == "running":
            words = f"{number(int(100 * stage.fraction))} % — {words}"
        when = _when(stage.changed_utc) if stage.changed_utc and stage.state != "waiting" else ""
        first = words.partition("\n")[0]
        row = QTreeWidgetItem([f"{mark} {stage_words(stage.kind)}", when, first])
        row.setForeground(0, self._theme.color(token))
        row.setToolTip(0, stage.state)
        row.setToolTip(2, words)
        row.setData(
            0, Qt.ItemDataRole.AccessibleTextRole, f"{stage_words(stage.kind)}: {stage.state}"
        )
        return row

    def _keep_place(self, text: str) -> None:
        if self.log.toPlainText() == text:
            return
        bar = self.log.verticalScrollBar()
        at_end = bar is None or bar.value() == bar.maximum()
        self.log.setPlainText(text)
        if bar is not None and at_end:
            bar.setValue(bar.maximum())


def _header(story: StripStory) -> list[str]:
    lines = [tr("raw data: {path}").format(path=story.strip.raw)]
    for kind, path, size in story.products:
        if kind in {"store", "backup"}:
            lines.append(f"{kind}: {size_in_words(size)}, {path}")
    return [*lines, ""]


def _when(utc: float) -> str:
    """The day too, where it is not today."""
    local = datetime.fromtimestamp(utc).astimezone()
    same = local.date() == datetime.now().astimezone().date()
    return f"{local:%H:%M:%S}" if same else f"{local:%d %b %H:%M}"
