"""List what a check found: how bad, where, what, and what to do about it."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from parfocal.store import CheckReport
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme, Token


class Findings(QWidget):
    """Hidden until a check of the shown store has ended."""

    deep_wanted = pyqtSignal()
    """The pixels shall be read too."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._report: CheckReport | None = None
        self._deep = False
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.deep_button = QPushButton(tr("Check ever&y pixel"))
        self.deep_button.setToolTip(tr("Read the whole store; that takes as long as copying it"))
        self.deep_button.clicked.connect(self.deep_wanted)
        self.table = QTableWidget(0, 4)
        self._set_up_table()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.verdict, 1)
        row.addWidget(self.deep_button)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        theme.changed.connect(self._redraw)
        self.hide()

    def show_report(self, report: CheckReport | None, *, deep: bool = False) -> None:
        """Show a check's outcome, or nothing; what was not `deep` offers to be."""
        self._report, self._deep = report, deep
        self.deep_button.setVisible(report is not None and not deep)
        self.setVisible(report is not None)
        self._redraw()

    def _redraw(self) -> None:
        report = self._report
        if report is None:
            return
        token, sentence = verdict(report, deep=self._deep)
        color = self._theme.color(token).name()
        self.verdict.setText(f'<span style="color:{color}; font-weight:600">{sentence}</span>')
        self.table.setVisible(bool(report.findings))
        # a verdict alone takes no more room than its line
        policy = QSizePolicy.Policy
        self.setSizePolicy(
            policy.Preferred, policy.Preferred if report.findings else policy.Maximum
        )
        self.table.setRowCount(len(report.findings))
        for row, finding in enumerate(report.findings):
            error = finding.severity == "error"
            severity = tr("✗ error") if error else tr("⚠ warning")
            where = tr("the store") if finding.path in ("", ".") else finding.path
            texts = (severity, where, finding.message, finding.fix)
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
                item.setToolTip(text)
                if column == 0:
                    item.setForeground(self._theme.color("error" if error else "warn"))
                self.table.setItem(row, column, item)

    def _set_up_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels([tr("Severity"), tr("Where"), tr("What"), tr("What to do")])
        table.setAccessibleName(tr("Findings of the check"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(True)
        across, down = table.horizontalHeader(), table.verticalHeader()
        assert across is not None
        assert down is not None
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        across.setHighlightSections(False)
        across.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        across.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(0, 90)
        table.setColumnWidth(1, 130)


def verdict(report: CheckReport, *, deep: bool = False) -> tuple[Token, str]:
    """A check's outcome in one sentence, and its colour; one that read no pixel says so."""
    errors = sum(finding.severity == "error" for finding in report.findings)
    warnings = len(report.findings) - errors
    if not report.findings:
        if deep:
            return "ok", tr("✓ The check read every pixel and found nothing wrong.")
        return "ok", tr("✓ The check found nothing wrong; it did not read the pixels.")
    if report.ok:
        return "warn", tr("⚠ The check found {warnings}.").format(warnings=_warnings(warnings))
    found = tr("1 error") if errors == 1 else tr("{n} errors").format(n=number(errors))
    if warnings:
        found = tr("{errors} and {warnings}").format(errors=found, warnings=_warnings(warnings))
    return "error", tr("✗ The check found {found}.").format(found=found)


def _warnings(count: int) -> str:
    return tr("1 warning") if count == 1 else tr("{n} warnings").format(n=number(count))
