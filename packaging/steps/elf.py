"""Read from ELF files which libraries of the host they want, and how new a C library."""

import re
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from steps.facts import StepError

MAGIC = b"\x7fELF"
NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
VERSION = re.compile(r"Name: GLIBC_(\d+(?:\.\d+)+)")


def elf_files(folder: Path) -> Iterator[Path]:
    """Every program and library in a folder, each once."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size < struct.calcsize("16s"):
            continue
        with path.open("rb") as file:
            if file.read(len(MAGIC)) == MAGIC:
                yield path


def libraries_of_host(folder: Path) -> tuple[set[str], str]:
    """The libraries that are wanted and not in the folder, and the C library's least version."""
    files = list(elf_files(folder))
    wanted: set[str] = set()
    version = (0,)
    for file in files:
        told = _readelf("--dynamic", "--version-info", "--wide", str(file))
        wanted.update(NEEDED.findall(told))
        for found in VERSION.findall(told):
            version = max(version, tuple(int(part) for part in found.split(".")))
    own = {one.name for one in folder.rglob("*.so*")}
    return wanted - own, ".".join(str(part) for part in version)


def _readelf(*words: str) -> str:
    try:
        return subprocess.run(
            ["readelf", *words], capture_output=True, text=True, errors="replace", check=True
        ).stdout
    except FileNotFoundError as missing:
        raise StepError("readelf is not here; install the package binutils") from missing
