"""Refuse names of analyses, labels, tables and runs that some disk or reader cannot take."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from parfocal.store._errors import StoreError
from parfocal.store._layout import LATEST

# a file system takes 255 bytes, and TensorStore's locks and our suffixes need some of them
LONGEST_BYTES = 200
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*]')
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
ARRAY_FILES = {"zarr.json", ".zarray", ".zgroup", ".zattrs"}


def accepted_name(name: str, what: str, folder: Path, *, suffix: str = "", before: str = "") -> str:
    """The name in its composed form, if every disk takes it and no other one differs in case.

    `folder` is where its siblings are; a sibling of exactly this name is no contradiction, and
    neither is what it was named `before`.
    """
    composed = unicodedata.normalize("NFC", name)
    itself = {composed, unicodedata.normalize("NFC", before)}
    wrong = _fault(composed, suffix)
    if wrong:
        raise StoreError(f"{name!r} cannot be the name of {what} in {folder}: {wrong}")
    for other in _siblings(folder, suffix):
        if other not in itself and _folded(other) == _folded(composed):
            raise StoreError(
                f"{name!r} cannot be the name of {what} in {folder}: there is {other!r} already, "
                "and Windows and macOS cannot tell them apart; choose another name or that one"
            )
    return composed


def new_run(now: str, random: str) -> str:
    """A run's name: when it was, and what nobody else drew."""
    return f"{re.sub('[^0-9T]', '', now.partition('.')[0])}-{random}"


def _fault(name: str, suffix: str) -> str:
    found = FORBIDDEN.search(name)
    size = len((name + suffix).encode("utf-8", "replace"))
    faults = {
        "it is empty": not name.strip(),
        f"{found.group()!r} may not stand in it" if found else "": bool(found),
        "it is a lone surrogate, not text": any(0xD800 <= ord(sign) <= 0xDFFF for sign in name),
        "it begins with a dot or with two underscores": name.startswith((".", "__")),
        "it begins or ends with a space or ends with a dot": name != name.strip(" ").rstrip("."),
        "Windows keeps this name for a device": bool(DEVICES.fullmatch(name)),
        f"'{LATEST}' and the files of Zarr are taken": _folded(name) in {LATEST, *ARRAY_FILES},
        f"it has {size} bytes, {LONGEST_BYTES} is the most": size > LONGEST_BYTES,
    }
    return next((fault for fault, applies in faults.items() if applies), "")


def _siblings(folder: Path, suffix: str) -> Iterable[str]:
    if not folder.is_dir():
        return []
    return [unicodedata.normalize("NFC", one.name.removesuffix(suffix)) for one in folder.iterdir()]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
