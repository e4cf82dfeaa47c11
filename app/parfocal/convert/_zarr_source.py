"""Read Zarr stores, v2 and v3: OME-Zarr of any version, or the one array that is meant."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from parfocal.convert._description import Found
from parfocal.convert._errors import ConvertError
from parfocal.convert._ngff_found import find_ngff
from parfocal.convert._older_found import find_older, is_older, with_older
from parfocal.convert._plain_found import find_plain
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.convert._zarr2 import Zarr2Array
from parfocal.convert._zarr3 import Zarr3Array
from parfocal.store import find_images

__all__ = ["RUN", "ZarrSource", "tree_identity"]

RUN = "parfocal/run"
MARKS = ("zarr.json", ".zgroup", ".zarray", ".zattrs")


class ZarrSource:
    """A Zarr hierarchy on the disk."""

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        self._arrays: dict[str, Zarr2Array | Zarr3Array] = {}
        _refuse_early_v3(path)

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """Whether there is a Zarr group or array."""
        return path.is_dir() and (
            _is_early_v3(path) or any((path / name).is_file() for name in MARKS)
        )

    def describe(self) -> Found:
        """What it holds: images that NGFF names, else the array that is named or the largest."""
        if (self.path / RUN / "zarr.json").is_file():
            raise ConvertError(
                f"{self.path} is a canonical store already; copy it, which keeps its history"
            )
        is_array = (self.path / ".zarray").is_file() or _node(self.path) == "array"
        if self._wishes.array is None and not is_array and find_images(self.path):
            found = find_ngff(self.path, self.array)
            self._refuse_other_axes(found)
            return with_older(self.path, found, self.array, self._wishes)
        if self._wishes.array is None and not is_array and is_older(self.path):
            return find_older(self.path, self._wishes, self.array)
        return find_plain(self.path, self._wishes, self.array)

    def _refuse_other_axes(self, found: Found) -> None:
        """Those of NGFF cannot be corrected; what was asked for must not be passed over."""
        own = {level.axes for image in found.images for level in image.levels[:1]}
        if self._wishes.axes is not None and own - {self._wishes.axes.strip().lower()}:
            raise ConvertError(
                f"{self.path} says itself that its axes are {' and '.join(sorted(own))}, which "
                f"{self._wishes.axes!r} does not change; leave it out, or name the array (--array)"
            )

    def identity(self) -> str:
        """Names, sizes and times of all its files."""
        return tree_identity(self.path)

    def encoded(self, key: str) -> Encoded | str:
        """How an array's chunks are stored, or why they must be decoded."""
        return self.array(key).encoded()

    def chunk(self, key: str, position: tuple[int, ...]) -> bytes | None:
        """A chunk as it is stored; None for one that is not there."""
        return self.array(key).raw(position)

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """Decoded pixels."""
        return self.array(key).read(region)

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """The array's chunk."""
        return self.array(key).chunk

    def array(self, key: str) -> Zarr2Array | Zarr3Array:
        """The array at a path."""
        known = self._arrays.get(key)
        if known is None:
            folder = self.path / key
            opened = Zarr3Array if (folder / "zarr.json").is_file() else Zarr2Array
            known = self._arrays[key] = opened(folder)
        return known

    def close(self) -> None:
        """Nothing stays open."""
        self._arrays.clear()


def tree_identity(root: Path) -> str:
    """Names, sizes and times of all files below a folder, as a hash."""
    told = hashlib.sha256()
    waiting = [""]
    while waiting:
        above = waiting.pop()
        with os.scandir(root / above) as entries:
            inside = sorted(entries, key=lambda one: one.name)
        lines = []
        for entry in inside:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{above}{entry.name}{os.sep}")
                continue
            facts = entry.stat()
            lines.append(f"{above}{entry.name}\0{facts.st_size}\0{facts.st_mtime_ns}\n")
        told.update("".join(lines).encode("utf-8", "surrogateescape"))
    return told.hexdigest()


def _node(path: Path) -> str:
    file = path / "zarr.json"
    if not file.is_file():
        return ""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ConvertError(f"{file} cannot be read: {problem}") from problem
    return str(told.get("node_type", "")) if isinstance(told, dict) else ""


def _is_early_v3(path: Path) -> bool:
    meta = path / "meta"
    if (meta / "root").is_dir() or any(meta.glob("root.*.json")):
        return True
    file = path / "zarr.json"
    return file.is_file() and "metadata_encoding" in file.read_text("utf-8", errors="replace")


def _refuse_early_v3(path: Path) -> None:
    if _is_early_v3(path):
        raise ConvertError(
            f"{path} is of a draft of Zarr v3 (with meta/ and data/ inside), which no released "
            "reader knows; write it anew with the program that made it"
        )
