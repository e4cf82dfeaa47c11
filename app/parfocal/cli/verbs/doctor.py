"""Say what is installed and works on this computer, and what to do about the rest."""

from __future__ import annotations

import argparse
import ctypes.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs

import parfocal
from parfocal.cli._dispatch import Outcome

# What the program cannot run without; the bench's peers are not asked for.
PACKAGES = (
    "PyQt6",
    "pyqtgraph",
    "pymmcore-plus",
    "pymmcore-widgets",
    "napari",
    "vispy",
    "tensorstore",
    "zarr",
    "ome-zarr",
    "useq-schema",
)
LEAST_FREE_DISK = 10 * 10**9  # a minute of one sCMOS camera at full speed
LEAST_FREE_SHARED_MEMORY = 256 * 2**20  # a viewer's ring of ten 2048² planes is 84 MB


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, whether it is well, and what it is or what to do."""

    name: str
    ok: bool
    advice: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments of its own."""


def run(arguments: argparse.Namespace) -> Outcome:
    """Look at everything; a bad line is news, not a failure of this verb."""
    del arguments
    lines = [check() for check in CHECKS]
    text = "\n".join(f"{'✓' if line.ok else '✗'} {line.name}: {line.advice}" for line in lines)
    return Outcome({"checks": [asdict(line) for line in lines]}, text)


def _python() -> Check:
    return Check("python", True, f"{sys.version.split()[0]} at {sys.executable}")


def _packages() -> Check:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("packages", False, f"missing: {', '.join(missing)}; install parfocal again")
    return Check("packages", True, ", ".join(found))


def _adapters() -> Check:
    from parfocal.scope import adapter_folder

    folder = adapter_folder()
    if folder is None:
        return Check(
            "adapters", False, "no device adapters; install mm-test-adapters or Micro-Manager 2.0"
        )
    return Check("adapters", True, str(folder))


def _display() -> Check:
    from parfocal.viewer import display_problem

    problem = display_problem()
    if problem:
        return Check("display", False, problem)
    return Check(
        "display", True, os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY", "native")
    )


def _opengl() -> Check:
    if not sys.platform.startswith("linux"):
        return Check("opengl", True, "comes with the system")
    missing = [name for name in ("GL", "EGL") if ctypes.util.find_library(name) is None]
    if missing:
        packages = " ".join(f"lib{name.lower()}1" for name in missing)
        return Check("opengl", False, f"napari cannot draw; type: sudo apt-get install {packages}")
    return Check("opengl", True, "libGL and libEGL are here")


def _icons() -> Check:
    package = Path(parfocal.__file__).parent
    for folder in (package / "resources" / "icons", package.parents[1] / "resources" / "icons"):
        count = len(list(folder.rglob("*.svg")))
        if count:
            return Check("icons", True, f"{count} shipped in {folder}")
    return Check("icons", False, "the shipped icons are missing; install parfocal again")


def _disk() -> Check:
    folder = Path.home()
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:.1f} GB free at {folder}"
    if free < LEAST_FREE_DISK:
        return Check("disk", False, f"only {words}; free some space or record to another disk")
    return Check("disk", True, words)


def _shared_memory() -> Check:
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return Check("shared memory", True, "managed by the system")
    free = shutil.disk_usage(folder).free
    words = f"{free / 2**20:.0f} MiB free in {folder}"
    if free < LEAST_FREE_SHARED_MEMORY:
        return Check("shared memory", False, f"only {words}; live views need 256 MiB")
    return Check("shared memory", True, words)


def _own_places() -> Check:
    places = [
        Path(platformdirs.user_config_dir("parfocal")),
        Path(platformdirs.user_log_dir("parfocal")),
    ]
    for place in places:
        try:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as error:
            return Check(
                "settings",
                False,
                f"{place} cannot be written ({error.strerror}); settings are lost at exit",
            )
    return Check("settings", True, f"settings in {places[0]}, logs in {places[1]}")


CHECKS: tuple[Callable[[], Check], ...] = (
    _python,
    _packages,
    _adapters,
    _display,
    _opengl,
    _icons,
    _disk,
    _shared_memory,
    _own_places,
)
