"""Make what packages want beside the bundle: icons, the manual page, Windows' version resource.

It runs in the environment that is packed: `python packaging/make_parts.py FOLDER`.
"""

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app"))

from steps.facts import ROOT, description, moment, version

DRAWING = ROOT / "resources" / "parfocal.svg"
SIDES = (16, 24, 32, 48, 64, 128, 256, 512)


def main() -> None:
    """Write everything into the folder that is named, which is emptied."""
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    draw_icons(folder)
    page = folder / "man" / "man1" / "parfocal.1"
    page.parent.mkdir(parents=True)
    page.write_text(manual_page(), encoding="utf-8")
    (folder / "version.txt").write_text(version_resource(version()), encoding="utf-8")


def draw_icons(folder: Path) -> None:
    """The drawing in every size: as a theme of icons, and in one file for Windows and macOS."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PyQt6.QtCore import Qt
    from PyQt6.QtGui import QGuiApplication, QImage, QPainter
    from PyQt6.QtSvg import QSvgRenderer

    application = QGuiApplication([])
    renderer = QSvgRenderer(str(DRAWING))
    for side in SIDES:
        picture = QImage(side, side, QImage.Format.Format_ARGB32)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        target = folder / "icons" / f"{side}x{side}" / "apps" / "parfocal.png"
        target.parent.mkdir(parents=True)
        if not picture.save(str(target)):
            raise SystemExit(f"{target} cannot be written")
    del application
    scalable = folder / "icons" / "scalable" / "apps"
    scalable.mkdir(parents=True)
    shutil.copy(DRAWING, scalable / "parfocal.svg")
    largest = Image.open(folder / "icons" / "512x512" / "apps" / "parfocal.png")
    largest.save(folder / "parfocal.ico", sizes=[(side, side) for side in SIDES if side <= 256])
    largest.save(folder / "parfocal.icns")


def manual_page() -> str:
    """parfocal(1), from the table of verbs."""
    from parfocal.cli._dispatch import VERBS

    day = datetime.fromtimestamp(int(moment()), UTC).strftime("%Y-%m-%d")
    verbs = "\n".join(f".TP\n.B {_plain(name)}\n{_plain(VERBS[name])}" for name in sorted(VERBS))
    return f""".TH PARFOCAL 1 "{day}" "Parfocal {version()}" "User Commands"
.SH NAME
parfocal \\- {_plain(description()[:1].lower() + description()[1:])}
.SH SYNOPSIS
.B parfocal
.RI [ VERB ]
.RI [ ARGUMENTS ]
.SH DESCRIPTION
With no verb the window opens. Every verb knows
.B \\-\\-help
and
.BR \\-\\-json ,
which prints exactly one JSON value on stdout while logs go to stderr.
.SH VERBS
{verbs}
.SH EXIT STATUS
0: done. 1: refused or failed, with one sentence on stderr. 2: usage.
.SH FILES
.TP
.I ~/.config/parfocal
settings and microscope profiles
.TP
.I ~/.local/state/parfocal
logs, the queue, conversions that go on
"""


def _plain(text: str) -> str:
    """As roff wants it: hyphens that can be searched for, and no line that begins a command."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def version_resource(text: str) -> str:
    """What Windows shows under Properties, in PyInstaller's own words."""
    numbers = (*(int(part) for part in text.split(".")[:3]), 0)
    strings = {
        "CompanyName": "The Parfocal developers",
        "FileDescription": "Parfocal",
        "FileVersion": text,
        "InternalName": "parfocal",
        "LegalCopyright": "GPL-3.0-or-later",
        "OriginalFilename": "parfocal.exe",
        "ProductName": "Parfocal",
        "ProductVersion": text,
    }
    rows = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in strings.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f,"
        " flags=0x0, OS=0x40004, fileType=0x1, subtype=0x0, date=(0, 0)),"
        f" kids=[StringFileInfo([StringTable('040904B0', [{rows}])]),"
        " VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


if __name__ == "__main__":
    main()
