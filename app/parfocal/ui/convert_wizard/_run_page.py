"""Watch a batch on its way: pause it, leave items, or go on with one that was interrupted."""

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar

from parfocal.convert import BatchSnapshot, ItemState
from parfocal.ui.convert_wizard._button import button
from parfocal.ui.convert_wizard._page import Page
from parfocal.ui.convert_wizard._rows import table_of
from parfocal.ui.convert_wizard._run_model import BAR, WAY, BarDelegate, RunModel
from parfocal.ui.convert_wizard._watch import BatchWatch
from parfocal.ui.convert_wizard._words import short_time
from parfocal.ui.icons import icon
from parfocal.ui.note import Note
from parfocal.ui.text import number, size_in_words, tr
from parfocal.ui.theme import Theme

__all__ = ["RunPage"]


class RunPage(Page):
    """It shows what the watch told last; closing the window stops nothing."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            tr("Bringing it in"),
            tr(
                "Every chunk is written and proven. This goes on when the window or the program is "
                "closed; what is done is never done twice."
            ),
        )
        self._watch: BatchWatch | None = None
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(tr("How far the whole batch is"))
        self.summary = QLabel()
        self.model = RunModel(theme, self)
        self.table = table_of(self.model, tr("Items of the batch"), (0, WAY))
        self.table.setItemDelegateForColumn(BAR, BarDelegate(self.table))
        columns = self.table.horizontalHeader()
        assert columns is not None
        columns.setSectionResizeMode(BAR, columns.ResizeMode.Fixed)
        columns.resizeSection(BAR, 150)
        self.note = Note(theme, tr("What stands in the way"))
        self.pause_button = button(tr("&Pause"), "pause", self.toggle_pause)
        self.cancel_button = button(tr("Cancel the &item"), "close", self.cancel_selected)
        self.cancel_all_button = button(
            tr("Cancel &all"), "close-box-multiple-outline", self.cancel
        )
        for one in (self.cancel_button, self.cancel_all_button):
            one.setToolTip(tr("What was made so far is removed; Pause keeps it."))
        self.resume_button = button(tr("&Go on"), "play", self.resume)
        row = QHBoxLayout()
        for one in (self.pause_button, self.resume_button):
            row.addWidget(one)
        row.addStretch()
        for one in (self.cancel_button, self.cancel_all_button):
            row.addWidget(one)
        self.column.addWidget(self.bar)
        self.column.addWidget(self.summary)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.note)
        self.column.addLayout(row)
        selection = self.table.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(lambda *_: self._enable())

    def follow(self, watch: BatchWatch) -> None:
        """Show this batch from now on."""
        self._watch = watch
        watch.told.connect(self.show_snapshot)
        watch.failed.connect(self.note.say)
        if watch.last is not None:
            self.show_snapshot(watch.last)

    def show_snapshot(self, snapshot: BatchSnapshot) -> None:
        """Show how far it is."""
        self.model.show_batch(snapshot)
        if not self.table.currentIndex().isValid() and self.model.rowCount():
            self.table.selectRow(0)
        self.bar.setValue(round(1000 * snapshot.progress.fraction))
        self.summary.setText(_summary(snapshot))
        if self._interrupted(snapshot):
            self.note.say(
                tr("Its worker was ended before it was done. Go on does the rest."), "warn"
            )
        elif self.note.sentence and snapshot.working:
            self.note.say("")
        self._enable()
        self.changed.emit()

    def obstacle(self) -> str:
        now = self._now
        over = now is not None and now.progress.over and not now.working
        return "" if over else tr("The report comes when it is done.")

    def next_words(self) -> str:
        return tr("&Report")

    def focus(self) -> None:
        self.table.setFocus()

    def toggle_pause(self) -> None:
        """Hold it, or go on."""
        if self._watch is not None and self._now is not None:
            self._watch.pause(not self._now.paused)

    def cancel_selected(self) -> None:
        """Leave the selected item."""
        selection = self.table.selectionModel()
        if self._watch is not None and selection is not None:
            self._watch.cancel(*(index.row() for index in selection.selectedRows()))

    def cancel(self) -> None:
        """Leave everything that is not done."""
        if self._watch is not None:
            self._watch.cancel(*range(len(self._watch.batch.items)))

    def resume(self) -> None:
        """Have another worker do what is left."""
        if self._watch is not None:
            self._watch.start()
            self._enable()

    @property
    def _now(self) -> BatchSnapshot | None:
        return None if self._watch is None else self._watch.last

    def _interrupted(self, snapshot: BatchSnapshot) -> bool:
        starting = self._watch is not None and self._watch.starting
        return snapshot.interrupted and not starting

    def _enable(self) -> None:
        now = self._now
        working = now is not None and now.working
        selection = self.table.selectionModel()
        rows = [] if selection is None else [index.row() for index in selection.selectedRows()]
        self.pause_button.setEnabled(working)
        paused = now is not None and now.paused and working
        self.pause_button.setText(tr("&Continue") if paused else tr("&Pause"))
        self.pause_button.setIcon(icon("play" if paused else "pause"))
        self.cancel_all_button.setEnabled(working)
        left = now is not None and any(
            row < len(now.progress.items) and not now.progress.items[row].state.final
            for row in rows
        )
        self.cancel_button.setEnabled(working and left)
        undone = now is not None and any(
            item.state is not ItemState.DONE for item in now.progress.items
        )
        starting = self._watch is not None and self._watch.starting
        self.resume_button.setVisible(undone and not working)
        self.resume_button.setEnabled(not starting)


def _summary(snapshot: BatchSnapshot) -> str:
    items = snapshot.progress.items
    done = sum(item.state is ItemState.DONE for item in items)
    words = [tr("{n} of {m} done").format(n=number(done), m=number(len(items)))]
    bad = sum(item.state is ItemState.FAILED for item in items)
    if bad:
        words.append(tr("{n} failed").format(n=number(bad)))
    running = [item for item in items if item.state is ItemState.RUNNING]
    if running and running[0].bytes_per_s and snapshot.working:
        words.append(tr("{size}/s").format(size=size_in_words(running[0].bytes_per_s)))
        left = snapshot.progress.left_s
        if left is not None:
            words.append(tr("{time} left").format(time=short_time(left)))
    if snapshot.paused and snapshot.working:
        words.append(tr("paused"))
    return " · ".join(words)
