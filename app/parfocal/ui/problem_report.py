"""Put into one file what helps to find a fault: `gather` it, show it to a person, `write` it."""

from __future__ import annotations

import platform
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import PYQT_VERSION_STR, QT_VERSION_STR, QBuffer, QByteArray, QIODevice
from PyQt6.QtGui import QImage

import parfocal
from parfocal import ParfocalError
from parfocal.ui import logs
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.plan import Experiment
    from parfocal.ui.toasts import Toast

__all__ = ["Facts", "Part", "ReportError", "free_name", "gather", "write"]

LOGS = ("parfocal.log", "parfocal.log.1", "crash.log")


class ReportError(ParfocalError):
    """The report could not be written; the sentence says where and why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the window's own thread can say."""

    picture: QImage
    profile: str
    plan: Experiment | None
    messages: tuple[Toast, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the report: its name there, what it is, and all of it."""

    name: str
    what: str
    content: bytes

    @property
    def is_picture(self) -> bool:
        """Whether it is to be looked at and not read."""
        return self.name.endswith(".png")


def gather(facts: Facts) -> tuple[Part, ...]:
    """Collect the parts; it reads the disk. What is not there is not in the report."""
    wanted: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
        ("versions.txt", tr("This computer and what is installed"), _versions),
        *(
            (f"logs/{name}", tr("What the program wrote down"), (logs.folder() / name).read_bytes)
            for name in LOGS
        ),
        ("messages.txt", tr("The messages of this session"), lambda: _messages(facts.messages)),
        ("profile.txt", tr("The profile of the microscope"), lambda: _profile(facts.profile)),
        ("plan.parfocal.yaml", tr("The plan in Design"), lambda: _plan(facts.plan)),
        ("window.png", tr("A picture of the window"), lambda: _png(facts.picture)),
    )
    parts = []
    for name, what, read in wanted:
        with suppress(OSError, ParfocalError):  # no crash yet, a profile that is gone
            if content := read():
                parts.append(Part(name, what, content))
    return tuple(parts)


def write(path: Path, parts: Sequence[Part], story: str) -> Path:
    """Write the report whole or not at all; an older file of that name is replaced."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as report:
            if story.strip():
                report.writestr("what-happened.txt", story)
            for part in parts:
                report.writestr(part.name, part.content)
        fresh.replace(path)
    except OSError as problem:
        with suppress(OSError):
            fresh.unlink()
        raise ReportError(
            tr(
                "The report could not be written to {path}: {problem}. Choose another place."
            ).format(path=path, problem=problem.strerror or problem)
        ) from problem
    return path


def free_name(folder: Path, now: datetime) -> Path:
    """Where a report goes unless a person says otherwise."""
    return folder / f"parfocal-report-{now:%Y-%m-%d-%H%M%S}.zip"


def _versions() -> bytes:
    installed = sorted({f"{one.name} {one.version}" for one in distributions()}, key=str.lower)
    lines = (
        f"Parfocal {parfocal.__version__}",
        f"Python {platform.python_version()}, Qt {QT_VERSION_STR}, PyQt {PYQT_VERSION_STR}",
        platform.platform(),
        "",
        *installed,
    )
    return "\n".join(lines).encode()


def _messages(messages: Sequence[Toast]) -> bytes:
    lines = (f"{one.when:%H:%M:%S} {one.kind}: {one.text} ×{one.count}" for one in messages)
    return "\n".join(lines).encode(errors="replace")


def _profile(name: str) -> bytes:
    if not name:
        return b""
    if name.lower().endswith(".cfg"):
        return Path(name).read_bytes()
    from parfocal.scope import read_profile

    return read_profile(name).model_dump_json(indent=2).encode()


def _plan(plan: Experiment | None) -> bytes:
    if plan is None:
        return b""
    from parfocal._yaml_text import yaml_text  # yaml takes 20 ms that the start need not wait for
    from parfocal.plan import plan_as_json

    return yaml_text(plan_as_json(plan)).encode()


def _png(picture: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return content.data()
