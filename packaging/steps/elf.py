"""Read from ELF files which libraries they want and how new a C library; make them want less."""

import re
import struct
import subprocess
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

from steps.facts import StepError

MAGIC = b"\x7fELF"
LITTLE_64 = b"\x02\x01"
PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB, DT_VERNEED, DT_VERNEEDNUM = 1, 5, 0x6FFFFFFE, 0x6FFFFFFF
GLIBC = re.compile(r"GLIBC_(\d+(?:\.\d+)+)")
SECTIONS_AT, SECTIONS_NUMBER = 40, 60  # places in the head of the file
PLACE = 8  # in a row of the table of segments


class Elf:
    """A program or library of a 64-bit, little-endian machine, by what the loader reads of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = bytearray(path.read_bytes())
        if self.content[: len(MAGIC) + 2] != MAGIC + LITTLE_64:
            raise StepError(f"{path} is no 64-bit library of a little-endian machine")
        (self.table,) = struct.unpack_from("<Q", self.content, 32)
        self.width, self.count = struct.unpack_from("<HH", self.content, 54)

    @property
    def segments(self) -> list[tuple[int, ...]]:
        """Kind, flags, place in the file, address, (again), length in the file, … of each."""
        return [
            struct.unpack_from("<IIQQQQQQ", self.content, self.table + self.width * number)
            for number in range(self.count)
        ]

    def place(self, address: int) -> int:
        """Where in the file lies what is loaded to an address."""
        for kind, _, offset, start, _, length, _, _ in self.segments:
            if kind == PT_LOAD and start <= address < start + length:
                return address - start + offset
        raise StepError(f"{self.path} loads nothing to {address:#x}")

    @property
    def dynamic(self) -> list[tuple[int, int]]:
        """What the loader is told, as pairs of a kind and a value; none in a static program."""
        for kind, _, offset, _, _, length, _, _ in self.segments:
            if kind == PT_DYNAMIC:
                return list(struct.iter_unpack("<qQ", self.content[offset : offset + length]))
        return []

    @cached_property
    def _texts(self) -> int:
        return self.place(dict(self.dynamic)[DT_STRTAB])

    def text(self, number: int) -> str:
        """A name, by its place among the names."""
        start = self._texts + number
        return self.content[start : self.content.index(0, start)].decode()

    def libraries(self) -> list[str]:
        """Which libraries are loaded before this one."""
        return [self.text(value) for kind, value in self.dynamic if kind == DT_NEEDED]

    def versions(self) -> Iterator[str]:
        """Which versions of these libraries' symbols it wants: GLIBC_2.34, …"""
        told = dict(self.dynamic)
        if DT_VERNEED not in told:
            return
        at = self.place(told[DT_VERNEED])
        for _ in range(told[DT_VERNEEDNUM]):
            _, count, _, first, following = struct.unpack_from("<HHIII", self.content, at)
            part = at + first
            for _ in range(count):
                _, _, _, name, after = struct.unpack_from("<IHHII", self.content, part)
                yield self.text(name)
                part += after
            at += following

    def forget(self, names: Collection[str]) -> None:
        """Take these libraries out of those that are loaded before this one."""
        start, length = next((one[2], one[5]) for one in self.segments if one[0] == PT_DYNAMIC)
        kept = [
            (kind, value)
            for kind, value in self.dynamic
            if kind != DT_NEEDED or self.text(value) not in names
        ]
        packed = b"".join(struct.pack("<qQ", *each) for each in kept)
        self.content[start : start + length] = packed.ljust(length, b"\0")
        self.path.write_bytes(self.content)

    def squeeze(self) -> None:
        """Leave nothing in the file but what is loaded; addresses stay.

        For libraries that were patched after they were linked, which `strip` breaks.
        """
        squeezed = bytearray()
        moved: list[tuple[int, int, int]] = []
        loaded = [one for one in self.segments if one[0] == PT_LOAD]
        for _, _, offset, address, _, length, _, aligned in sorted(loaded, key=lambda one: one[2]):
            # what is mapped are pages: place and address must agree within one
            squeezed.extend(bytes((address - len(squeezed)) % aligned))
            moved.append((offset, offset + length, len(squeezed) - offset))
            squeezed += self.content[offset : offset + length]
        if len(squeezed) >= len(self.content):
            return

        def now(place: int) -> int:
            return next((place + by for start, end, by in moved if start <= place < end), place)

        for number, one in enumerate(self.segments):
            entry = now(self.table + self.width * number)
            struct.pack_into("<Q", squeezed, entry + PLACE, now(one[2]))
        struct.pack_into("<Q", squeezed, SECTIONS_AT, 0)
        struct.pack_into("<HH", squeezed, SECTIONS_NUMBER, 0, 0)
        self.path.write_bytes(squeezed)


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
    wanted: set[str] = set()
    version = (0,)
    for file in elf_files(folder):
        elf = Elf(file)
        wanted.update(elf.libraries())
        for found in elf.versions():
            if glibc := GLIBC.fullmatch(found):
                version = max(version, tuple(int(part) for part in glibc[1].split(".")))
    own = {one.name for one in folder.rglob("*.so*")}
    return wanted - own, ".".join(str(part) for part in version)


def symbols(file: Path) -> tuple[set[str], set[str]]:
    """The names that a library wants of others, and those that it alone answers for."""
    try:
        told = subprocess.run(
            ["readelf", "--dyn-syms", "--wide", file], capture_output=True, text=True, check=True
        ).stdout
    except FileNotFoundError as missing:
        raise StepError("readelf is not here; install the package binutils") from missing
    wanted, offered = set(), set()
    for line in told.splitlines():
        parts = line.split()
        if len(parts) < len(("number", "value", "size", "kind", "bound", "seen", "place", "name")):
            continue
        if parts[6] == "UND":
            wanted.add(parts[7].partition("@")[0])
        elif parts[4] == "GLOBAL":  # weak ones are in every library that uses them
            offered.add(parts[7].partition("@")[0])
    return wanted, offered
