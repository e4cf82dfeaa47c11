"""What Help shows: about the program, and what `parfocal doctor` finds on this computer."""

from __future__ import annotations

import platform

from PyQt6.QtCore import PYQT_VERSION_STR, QT_VERSION_STR, QProcess, Qt
from PyQt6.QtWidgets import QMessageBox, QWidget

import parfocal
from parfocal._own_process import own_command
from parfocal.ui.icons import app_icon
from parfocal.ui.text import tr
from parfocal.ui.text_dialog import TextDialog


class AboutBox(QMessageBox):
    """Name, version, licence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About Parfocal"))
        self.setIconPixmap(app_icon().pixmap(96, 96))
        self.setText(tr("Parfocal {version}").format(version=parfocal.__version__))
        versions = (
            f"Python {platform.python_version()}, Qt {QT_VERSION_STR}, PyQt {PYQT_VERSION_STR}"
        )
        self.setInformativeText(
            tr(
                "Design, run and watch a microscope experiment, and keep it as one OME-Zarr store."
                "\n\n{versions}\nGPL-3.0-or-later. Icons: see resources/icons/LICENSES.md."
            ).format(versions=versions)
        )


class DoctorDialog(TextDialog):
    """Runs `parfocal doctor` in a process of its own and shows its words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            tr("What is installed"), tr("Looking…"), tr("What the doctor found"), parent
        )
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.finished.connect(self._show)
        program, *words = own_command()
        self._process.start(program, [*words, "doctor"])
        self.finished.connect(self._end)

    def _show(self) -> None:
        self.words.setPlainText(bytes(self._process.readAll().data()).decode(errors="replace"))

    def _end(self) -> None:
        self._process.kill()
        self._process.waitForFinished(2000)
