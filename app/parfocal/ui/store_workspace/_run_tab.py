"""Show how a store was recorded: when, from which plan, what became of its planes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PyQt6.QtWidgets import QFormLayout, QLabel, QWidget

from parfocal.store import read_attributes
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._late_tab import LateTab
from parfocal.ui.store_workspace._line import line
from parfocal.ui.store_workspace._sheet import Sheet
from parfocal.ui.store_workspace._words import ended_words, local_time, planes_words
from parfocal.ui.tasks import Tasks
from parfocal.ui.text import number, time_in_words, tr
from parfocal.ui.theme import Theme

MOST_MISSING = 500
PLACE = "parfocal/run"


@dataclass(frozen=True, slots=True)
class RunTold:
    """What is said of a run: facts as label and words, and the planes that are missing."""

    facts: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, ...], ...]
    more: int = 0


class RunTab(LateTab[RunTold]):
    """Facts above, missing planes below."""

    def __init__(self, tasks: Tasks, theme: Theme) -> None:
        super().__init__(tasks, theme)
        place = QWidget()
        self.facts = QFormLayout(place)
        self.facts.setContentsMargins(0, 0, 0, 0)
        self.missing_note = QLabel()
        self.missing = Sheet(tr("Planes that are missing"))
        self.column.addWidget(place)
        self.column.addWidget(self.missing_note)
        self.column.addWidget(self.missing, 1)
        self.column.addStretch(0)

    def read(self, entry: Entry) -> RunTold:
        """What the record and the plane states say."""
        if entry.info is None:
            return RunTold((), ())
        record = read_attributes(entry.path / PLACE)[1].get("parfocal") if _has(entry) else None
        if not isinstance(record, Mapping):
            return RunTold((), ())
        rows, more = _missing(entry)
        return RunTold(tuple(_facts(entry, record)), rows, more)

    def clear(self) -> None:
        """Show nothing."""
        while self.facts.rowCount():
            self.facts.removeRow(0)
        self.missing_note.hide()
        self.missing.hide()

    def show_told(self, told: RunTold) -> None:
        """Show it."""
        self.clear()
        if not told.facts:
            self.say(tr("Parfocal did not record this store, so there is no report of a run."))
            return
        for label, words in told.facts:
            value = line()
            value.setText(words)
            value.setWordWrap(len(words) > 60)
            self.facts.addRow(label, value)
        count = len(told.missing) + told.more
        self.missing_note.setVisible(bool(count))
        self.missing.setVisible(bool(count))
        words = tr("Missing planes: {n}").format(n=number(count))
        if told.more:
            words += tr(" · the first {n} are listed").format(n=number(len(told.missing)))
        self.missing_note.setText(words)
        self.missing.show_rows((tr("Field"), tr("Time"), tr("Channel"), tr("Plane")), told.missing)


def _has(entry: Entry) -> bool:
    return (entry.path / PLACE / "zarr.json").is_file()


def _facts(entry: Entry, record: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = entry.info
    assert found is not None
    facts = [(tr("State"), ended_words(entry.shown_state, entry.planes))]
    if found.reason:
        facts.append((tr("Reason"), found.reason))
    facts.append((tr("Planes"), planes_words(found)))
    started, ended = record.get("started"), record.get("ended")
    if started:
        facts.append((tr("Started"), local_time(str(started))))
    if ended:
        facts.append((tr("Ended"), _ended(str(started), str(ended))))
    if record.get("name"):
        facts.append((tr("Plan"), _plan(record)))
    microscope = record.get("microscope")
    if isinstance(microscope, Mapping) and microscope:
        told = microscope.get("name") or microscope.get("profile") or microscope.get("config")
        facts.append((tr("Microscope"), str(told or ", ".join(map(str, microscope.values())))))
    hardware = record.get("hardware")
    if isinstance(hardware, Mapping) and hardware.get("start"):
        facts.append((tr("Hardware"), _hardware(hardware)))
    recovery = record.get("recovery")
    if isinstance(recovery, Mapping):
        lost = number(int(recovery.get("lost", 0)))
        facts.append(
            (tr("Recovery"), tr("{n} planes that had been written were lost").format(n=lost))
        )
    return facts


def _ended(started: str, ended: str) -> str:
    try:
        took = (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()
    except (ValueError, TypeError):
        return local_time(ended)
    return tr("{when}, after {took}").format(when=local_time(ended), took=time_in_words(took))


def _plan(record: Mapping[str, Any]) -> str:
    revisions = record.get("plan_revisions")
    count = len(revisions) if isinstance(revisions, list) else 1
    name = str(record.get("name"))
    if count < 2:
        return name
    changed = tr("changed once") if count == 2 else tr("changed {n} times").format(n=count - 1)
    return f"{name} · {changed}"


def _hardware(hardware: Mapping[str, Any]) -> str:
    start, end = _flat(hardware.get("start")), _flat(hardware.get("end"))
    other = [key for key, value in end.items() if start.get(key, value) != value]
    words = tr("{n} settings are kept from the start").format(n=number(len(start)))
    if not other:
        return words
    shown = ", ".join(other[:4]) + (" …" if len(other) > 4 else "")
    return tr("{words}; at the end {n} were others: {shown}").format(
        words=words, n=number(len(other)), shown=shown
    )


def _flat(told: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(told, Mapping):
        return {}
    found: dict[str, Any] = {}
    for key, value in told.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def _missing(entry: Entry) -> tuple[tuple[tuple[str, ...], ...], int]:
    found = entry.info
    assert found is not None
    rows: list[tuple[str, ...]] = []
    count = 0
    for one in found.missing_planes:
        count += one.count
        for t, c, z in one.planes[: MOST_MISSING - len(rows)].tolist():
            channel = found.channels[c] if c < len(found.channels) else str(c)
            rows.append((found.fields[one.field], str(t), channel, str(z)))
    return tuple(rows), count - len(rows)
