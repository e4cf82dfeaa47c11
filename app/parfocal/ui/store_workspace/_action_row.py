"""The buttons under the details: each says why it cannot be pressed when it cannot."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from parfocal.ui.icons import icon
from parfocal.ui.store_workspace._deeds import Deeds
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

Button = tuple[QPushButton, Callable[[], object], str]


class ActionRow(QWidget):
    """What is done most stands as a button, the rest in a menu."""

    def __init__(self, deeds: Deeds, theme: Theme) -> None:
        super().__init__()
        self._deeds = deeds
        self.view_button = QPushButton(tr("Open in vie&wer"))
        self.fields_button = QPushButton(tr("Fie&lds…"))
        self.check_button = QPushButton(tr("&Check"))
        self.recover_button = QPushButton(tr("Rec&over"))
        self.migrate_button = QPushButton(tr("Mi&grate…"))
        self.ingest_button = QPushButton(tr("&Ingest…"))
        self.export_button = QPushButton(tr("E&xport…"))
        self.more_button = QToolButton()
        self._more = QMenu(self)
        self.pyramid_action = self._entry(tr("&Build pyramid"), deeds.make_pyramid)
        self._more.addSeparator()
        self.reveal_action = self._entry(tr("&Show in folder"), deeds.reveal)
        self.copy_action = self._entry(tr("Copy &path"), deeds.copy_path)
        self.rename_action = self._entry(tr("Re&name…"), deeds.rename)
        self.rename_action.setShortcut(QKeySequence(Qt.Key.Key_F2))
        self.rename_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._more.addSeparator()
        self.trash_action = self._entry(tr("Move to the &trash…"), deeds.throw_away)
        self._buttons = self._make_table()
        self._lay_out()
        theme.changed.connect(self._dress)
        self._dress()

    def _make_table(self) -> dict[str, Button]:
        """The actions that have a button, what it does and what its tip says when it can."""
        deeds = self._deeds
        return {
            "store.view": (self.view_button, deeds.view, tr("Open in a viewer of its own")),
            "store.view_fields": (
                self.fields_button,
                deeds.choose_fields,
                tr("Look at some fields, in a viewer that you choose"),
            ),
            "store.check": (
                self.check_button,
                deeds.check,
                tr("Look whether everything is there and as the standard says"),
            ),
            "store.recover": (
                self.recover_button,
                deeds.recover,
                tr("Keep what is whole, say what is missing"),
            ),
            "store.migrate": (
                self.migrate_button,
                lambda: deeds.convert("store.migrate"),
                tr("Make a store of Parfocal's of this one; this one stays as it is"),
            ),
            "store.ingest": (
                self.ingest_button,
                lambda: deeds.convert("store.ingest"),
                tr("Read this as foreign data, and say what its axes and sizes are"),
            ),
            "store.export": (
                self.export_button,
                deeds.export,
                tr("Write planes or projections as an OME-TIFF or as a store of their own"),
            ),
        }

    def refresh(self) -> None:
        """Ask of each whether it can be done now; the tip says why not."""
        for key, (button, _work, tip) in self._buttons.items():
            why = self._deeds.why_not(key)
            button.setEnabled(not why)
            button.setToolTip(why or tip)
        why = self._deeds.why_not("store.pyramid")
        self.pyramid_action.setEnabled(not why)
        self.pyramid_action.setToolTip(why)
        why = self._deeds.why_not("rename")
        self.rename_action.setEnabled(not why)
        self.rename_action.setToolTip(why)
        why = self._deeds.why_not("trash")
        self.trash_action.setEnabled(not why)
        self.trash_action.setToolTip(why)
        entry = self._deeds.entry
        state = entry.state if entry is not None else ""
        # recovery is for our own stores
        self.recover_button.setVisible(state not in ("legacy", "foreign"))

    def _entry(self, text: str, work: Callable[[], object]) -> QAction:
        action = QAction(text, self._more)
        action.triggered.connect(lambda _on: work())
        self._more.addAction(action)
        return action

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch()  # a toast comes up at the left, and would lie on them
        for button, work, _tip in self._buttons.values():
            button.clicked.connect(lambda _on, work=work: work())
            row.addWidget(button)
        self._more.setToolTipsVisible(True)
        self.more_button.setAccessibleName(tr("More"))
        self.more_button.setToolTip(tr("More to do with this store"))
        self.more_button.setMenu(self._more)
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addWidget(self.more_button)

    def _dress(self) -> None:
        self.view_button.setIcon(icon("monitor-eye"))
        self.fields_button.setIcon(icon("view-grid-outline"))
        self.check_button.setIcon(icon("check-decagram-outline"))
        self.recover_button.setIcon(icon("wrench-outline"))
        self.migrate_button.setIcon(icon("arrow-up"))
        self.ingest_button.setIcon(icon("download-outline"))
        self.export_button.setIcon(icon("export"))
        self.more_button.setIcon(icon("dots-horizontal"))
        self.pyramid_action.setIcon(icon("layers-triple-outline"))
        self.reveal_action.setIcon(icon("folder-open-outline"))
        self.copy_action.setIcon(icon("content-copy"))
        self.rename_action.setIcon(icon("pencil-outline"))
        self.trash_action.setIcon(icon("delete-outline"))
