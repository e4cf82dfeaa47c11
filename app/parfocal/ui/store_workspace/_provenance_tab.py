"""Show what was done to a store: when, by what, with which parameters, from what to what."""

import json
from collections.abc import Mapping
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontDatabase
from PyQt6.QtWidgets import QPlainTextEdit, QSplitter

from parfocal.store import ProvenanceRecord, read_provenance
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._late_tab import LateTab
from parfocal.ui.store_workspace._sheet import Sheet
from parfocal.ui.store_workspace._words import local_time
from parfocal.ui.tasks import Tasks
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme


class ProvenanceTab(LateTab[tuple[ProvenanceRecord, ...]]):
    """One row a record, the newest first; the chosen one whole below."""

    def __init__(self, tasks: Tasks, theme: Theme) -> None:
        super().__init__(tasks, theme)
        self._records: tuple[ProvenanceRecord, ...] = ()
        self.table = Sheet(tr("What was done to the store"))
        self.whole = QPlainTextEdit()
        self.whole.setReadOnly(True)
        self.whole.setTabChangesFocus(True)
        self.whole.setAccessibleName(tr("The chosen record"))
        self.whole.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.whole)
        splitter.setSizes([200, 160])
        self.column.addWidget(splitter, 1)
        self.table.currentCellChanged.connect(lambda row, *_more: self._show(row))

    def read(self, entry: Entry) -> tuple[ProvenanceRecord, ...]:
        """The records, verified."""
        return tuple(reversed(read_provenance(entry.path)))

    def clear(self) -> None:
        """Show nothing."""
        self._records = ()
        self.table.show_rows((), ())
        self.whole.clear()

    def show_told(self, told: tuple[ProvenanceRecord, ...]) -> None:
        """Show the records."""
        self._records = told
        if not told:
            self.clear()
            self.say(tr("Nobody wrote down what was done to this store."))
            return
        records = (
            tr("1 record") if len(told) == 1 else tr("{n} records").format(n=number(len(told)))
        )
        self.say(
            tr("✓ {records}; none was changed since it was written.").format(records=records),
            good=True,
        )
        rows = [
            (
                local_time(one.at),
                one.action,
                f"Parfocal {one.tools.get('parfocal', '?')}",
                in_short(one),
            )
            for one in told
        ]
        self.table.show_rows((tr("When"), tr("What"), tr("By"), tr("With")), rows)
        self.table.setCurrentCell(0, 0)
        self._show(0)

    def _show(self, row: int) -> None:
        if not 0 <= row < len(self._records):
            return
        one = self._records[row]
        told = {
            "record": one.number,
            "action": one.action,
            "run": one.run,
            "at": one.at,
            "parameters": one.parameters,
            "inputs": [f"{each.path} {each.identity}".strip() for each in one.inputs],
            "outputs": [f"{each.path} {each.identity}".strip() for each in one.outputs],
            "tools": one.tools,
            "sha256": one.sha256,
        }
        kept = {key: value for key, value in told.items() if value not in (None, [], {})}
        self.whole.setPlainText(json.dumps(kept, indent=2, ensure_ascii=False, default=str))


def in_short(record: ProvenanceRecord) -> str:
    """A record's parameters in a line; of an edit, what became of what."""
    changes = record.parameters.get("changes")
    if isinstance(changes, list):
        return "; ".join(_change(one) for one in changes if isinstance(one, Mapping))
    told = (
        f"{key}: {value}" for key, value in record.parameters.items() if value not in ("", None)
    )
    return ", ".join(told)


def _change(one: Mapping[str, Any]) -> str:
    words = f"{one.get('what')} {_plain(one.get('old'))} → {_plain(one.get('new'))}"
    reason = one.get("reason")
    return f"{words} ({reason})" if reason else words


def _plain(value: Any) -> str:
    if isinstance(value, list):
        words = [f"{each:g}" if isinstance(each, float) else str(each) for each in value]
        return "–".join(words) if len(words) == 2 else " × ".join(words)
    return "–" if value is None else str(value)
