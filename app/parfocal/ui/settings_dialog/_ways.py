"""Who is told that a run is in trouble: by web hook or mail, one way a line."""

from __future__ import annotations

import re

from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.desk import Desk
from parfocal.ui.note import Note
from parfocal.ui.text import tr
from parfocal.ui.way_kinds import MAIL, way_kinds

__all__ = ["Ways"]

WEBHOOK = re.compile(r"https?://\S+")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Ways(QWidget):
    """The ways in the settings, and under them the parts of a new one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Who is told"))
        self.list.setMaximumHeight(90)
        self.list.currentRowChanged.connect(lambda row: self.remove.setEnabled(row >= 0))
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("On which way"))
        for value, words in way_kinds().items():
            self.kind.addItem(words, value)
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        self.address = QLineEdit()
        self.server = QLineEdit()
        self.server.setPlaceholderText(tr("mail server, as mail.example.org:25"))
        self.server.setAccessibleName(tr("Mail server"))
        self.only = QCheckBox(tr("&Only what needs a person"))
        self.add = QPushButton(tr("A&dd"))
        self.remove = QPushButton(tr("Re&move"))
        for button, do in ((self.add, self._add), (self.remove, self._remove)):
            button.setAutoDefault(False)
            button.clicked.connect(do)
        self.note = Note(desk.theme, tr("What is wrong with the new way"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._lay_out()
        self._show_kind()
        self.show_ways(desk.settings.values.notify)

    def show_ways(self, ways: tuple[dict[str, str], ...]) -> None:
        """Show those that are chosen now."""
        self.list.clear()
        self.list.addItems([in_words(way) for way in ways])
        self.remove.setEnabled(False)

    # -- parts

    def _lay_out(self) -> None:
        label = QLabel(tr("&Tell of a run in trouble"))
        label.setBuddy(self.list)
        first, second, third = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.list, 1)
        first.addWidget(self.remove)
        second.addWidget(self.kind)
        second.addWidget(self.address, 1)
        third.addWidget(self.server, 1)
        third.addWidget(self.only)
        third.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label)
        for row in (first, second, third):
            column.addLayout(row)
        column.addWidget(self.note)

    def _show_kind(self) -> None:
        mail = self.kind.currentData() == MAIL
        self.server.setVisible(mail)
        words = tr("to whom, as me@example.org") if mail else tr("the hook's address, https://…")
        self.address.setPlaceholderText(words)
        self.address.setAccessibleName(tr("Mail address") if mail else tr("Address of the hook"))
        self.note.say("")

    def _add(self) -> None:
        kind, address = self.kind.currentData(), self.address.text().strip()
        way = {"only": "needs me"} if self.only.isChecked() else {}
        if kind == MAIL:
            if not EMAIL.fullmatch(address):
                self.note.say(tr("Give a mail address, as me@example.org."))
                return
            way |= {"email": address, "smtp": self.server.text().strip() or "localhost:25"}
        else:
            if not WEBHOOK.fullmatch(address):
                self.note.say(tr("Give the whole address of the hook; it begins with https://."))
                return
            way |= {"webhook": address, "format": kind}
        self.note.say("")
        self.address.clear()
        self._desk.settings.change(notify=(*self._desk.settings.values.notify, way))

    def _remove(self) -> None:
        ways, row = self._desk.settings.values.notify, self.list.currentRow()
        self._desk.settings.change(notify=(*ways[:row], *ways[row + 1 :]))


def in_words(way: dict[str, str]) -> str:
    """One way, as it stands in the list; a hook's address is a secret, so its end is left out."""
    if "email" in way:
        words = tr("{address}, by {server}").format(
            address=way["email"], server=way.get("smtp", "localhost:25")
        )
    else:
        host = way.get("webhook", "").partition("://")[2].partition("/")[0]
        kind = way_kinds().get(way.get("format", "json"), "")
        words = tr("{kind} at {host}").format(kind=kind, host=host)
    return words + (tr(", only what needs a person") if way.get("only") == "needs me" else "")
