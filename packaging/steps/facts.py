"""What every step knows: where things are, which version this is, how to run a program."""

import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
MIB = 2**20


class StepError(Exception):
    """A package cannot be made; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Job:
    """What was asked for: where to, with which Python, how thoroughly packed."""

    output: Path
    python: Path | None = None
    quick: bool = False

    @property
    def bundle(self) -> Path:
        """PyInstaller's folder."""
        return self.output / "parfocal"

    @property
    def parts(self) -> Path:
        """Icons, manual page and version resource, made anew for each build."""
        return self.output / "parts"

    def scratch(self, name: str) -> Path:
        """An empty folder beside what is made."""
        folder = self.output / "scratch" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def say(sentence: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write(f"build: {sentence}\n")
    sys.stderr.flush()


def version() -> str:
    """That of pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def description() -> str:
    """The one sentence of pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["description"])


def machine() -> str:
    """x86_64 or arm64, whatever this system calls it."""
    names = {"AMD64": "x86_64", "aarch64": "arm64"}
    return names.get(platform.machine(), platform.machine())


def moment() -> str:
    """The time of the commit, which every file of a package gets: the same source, the same bytes.

    In a tree without git it is the time of pyproject.toml.
    """
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    told = asked.stdout.strip()
    return told or str(int((ROOT / "pyproject.toml").stat().st_mtime))


def run(
    words: Sequence[str | Path], *, more: Mapping[str, str] | None = None, cwd: Path | None = None
) -> str:
    """Run a program and return what it printed; a StepError with its last words when it fails."""
    done = subprocess.run(
        [str(word) for word in words],
        env={**os.environ, **(more or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        raise StepError(f"{words[0]} failed ({done.returncode}):\n{last}")
    return done.stdout


def needed(name: str, how: str) -> str:
    """Where a program is; a StepError that says how to get it."""
    found = shutil.which(name)
    if found is None:
        raise StepError(f"{name} is not here; {how}")
    return found


def size_of(folder: Path) -> int:
    """The bytes of all files under a folder, each once."""
    return sum(one.stat().st_size for one in folder.rglob("*") if not one.is_symlink())
