"""List what a check found: where, what, and what to do about it."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from parfocal.store import CheckReport
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme, Token


class Findings(QWidget):
    """Hidden until a check of the shown store has ended."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.table = QTreeWidget()
        self.table.setRootIsDecorated(False)
        self.table.setHeaderLabels([tr("Severity"), tr("Where"), tr("What"), tr("What to do")])
        self.table.setAccessibleName(tr("Findings of the check"))
        self.table.setWordWrap(True)
        header = self.table.header()
        assert header is not None
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(0, 90)
        self.table.setColumnWidth(1, 120)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.verdict)
        layout.addWidget(self.table, 1)
        self.hide()

    def show_report(self, report: CheckReport | None) -> None:
        """Show a check's outcome, or nothing."""
        self.setVisible(report is not None)
        if report is None:
            return
        self._say(*verdict(report))
        self.table.clear()
        self.table.setVisible(bool(report.findings))
        for finding in report.findings:
            error = finding.severity == "error"
            words = tr("✗ error") if error else tr("⚠ warning")
            item = QTreeWidgetItem([words, finding.path, finding.message, finding.fix])
            item.setForeground(0, self._theme.color("error" if error else "warn"))
            for column in range(4):
                item.setToolTip(column, item.text(column))
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignTop)
            self.table.addTopLevelItem(item)

    def _say(self, token: Token, sentence: str) -> None:
        color = self._theme.color(token).name()
        self.verdict.setText(f'<span style="color:{color}; font-weight:600">{sentence}</span>')


def verdict(report: CheckReport) -> tuple[Token, str]:
    """A check's outcome in one sentence, and its colour."""
    errors = sum(finding.severity == "error" for finding in report.findings)
    warnings = len(report.findings) - errors
    if not report.findings:
        return "ok", tr("✓ The check found nothing wrong.")
    if report.ok:
        return "warn", tr("⚠ The check found {n} warnings.").format(n=number(warnings))
    return "error", tr("✗ The check found {n} errors and {m} warnings.").format(
        n=number(errors), m=number(warnings)
    )
