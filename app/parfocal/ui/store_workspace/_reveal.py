"""Show a file or folder in the system's own file manager, selected where that is possible."""

import shutil
import sys
from pathlib import Path

from PyQt6.QtCore import QProcess, QUrl
from PyQt6.QtGui import QDesktopServices


def reveal(path: Path) -> bool:
    """Start the file manager; False when there is none."""
    if sys.platform == "win32":
        return QProcess.startDetached("explorer.exe", ["/select,", str(path)])[0]
    if sys.platform == "darwin":
        return QProcess.startDetached("open", ["-R", str(path)])[0]
    if shutil.which("xdg-open") is None:
        return False
    # a store is itself a folder, and a folder full of chunks is not what one wants to see
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
