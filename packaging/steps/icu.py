"""Make Qt's copy of ICU's data smaller: what Qt asks it for, and not the 26 MiB beside that.

ICU's data are one archive in a library of their own (ICU User Guide, "ICU Data": a header, a table
of names and places, the items). Qt sorts with them and names time zones; it takes dates, numbers,
languages and line breaks from tables of its own.
"""

import re
import struct
from pathlib import Path

from steps.facts import StepError, needed, run

# Sorting in every language, time zones with their English names, and what these two look up.
KEPT = re.compile(
    r"coll/.*|zone/(root|en|pool|res_index)\.res|(root|en|pool|res_index|supplementalData)\.res"
    r"|(zoneinfo64|timezoneTypes|metaZones|windowsZones|likelySubtags|keyTypeData)\.res"
    r"|(numberingSystems|icuver|icustd|langInfo|plurals|currencyNumericCodes)\.res"
    r"|(cnvalias|ulayout|uemoji)\.icu|.*\.nrm"
)
SYMBOL = re.compile(
    r":\s+([0-9a-f]+)\s+(0x[0-9a-f]+|\d+)\s+OBJECT.*\s(icudt\d+_dat)$", re.MULTILINE
)
ALIGNED = 16
SOURCE = """\
.section .rodata
.globl {name}
.type {name}, STT_OBJECT
.balign {aligned}
{name}: .incbin "{data}"
.size {name}, . - {name}
.section .note.GNU-stack, ""
"""


def make_smaller(library: Path, scratch: Path) -> None:
    """Put in the library's place one with fewer items."""
    for tool in ("as", "ld"):
        needed(tool, "install the package binutils")
    told = run(["readelf", "--dyn-syms", "--wide", library])
    symbol = SYMBOL.search(told)
    if symbol is None:
        raise StepError(f"{library} has no data of ICU; is it another kind of ICU?")
    # in that library places in memory and in the file are the same, up to the end of the data
    start, size, name = int(symbol[1], 16), int(symbol[2], 0), symbol[3]
    data, object_file = scratch / "icu.dat", scratch / "icu.o"
    data.write_bytes(with_fewer_items(library.read_bytes()[start : start + size]))
    source = scratch / "icu.s"
    source.write_text(SOURCE.format(name=name, data=data, aligned=ALIGNED), encoding="utf-8")
    run(["as", "-o", object_file, source])
    run(["ld", "-shared", "-soname", library.name, "-o", library, object_file])


def with_fewer_items(archive: bytes) -> bytes:
    """The archive again with the items that KEPT knows."""
    (head,) = struct.unpack_from("<H", archive)
    if archive[2:4] != b"\xda\x27" or archive[12:16] != b"CmnD":
        raise StepError("the data of ICU begin in an unknown way")
    (count,) = struct.unpack_from("<I", archive, head)
    table = [struct.unpack_from("<II", archive, head + 4 + 8 * n) for n in range(count)]
    ends = [place for _, place in table[1:]] + [len(archive) - head]
    kept: list[tuple[bytes, bytes]] = []
    for (name_at, place), end in zip(table, ends, strict=True):
        name = archive[head + name_at : archive.index(0, head + name_at)]
        if KEPT.fullmatch(name.decode().partition("/")[2]):
            kept.append((name + b"\0", archive[head + place : head + end]))
    names_at = 4 + 8 * len(kept)
    items_at = _aligned(names_at + sum(len(name) for name, _ in kept))
    rows, names, items = b"", b"", b""
    for name, item in kept:
        rows += struct.pack("<II", names_at + len(names), items_at + len(items))
        names += name
        items += item.ljust(_aligned(len(item)), b"\0")
    body = struct.pack("<I", len(kept)) + rows + names
    return archive[:head] + body.ljust(items_at, b"\0") + items


def _aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED
