"""Read a folder of TIFF files whose names say what they are, as a plate where they name wells."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from math import gcd
from pathlib import Path

import tifffile

from parfocal import counted
from parfocal.convert._description import UNKNOWN_SIZE, Found, FoundArray, FoundImage, Zyx
from parfocal.convert._errors import ConvertError
from parfocal.convert._name_pattern import chosen_pattern
from parfocal.convert._source import Wishes
from parfocal.convert._tiff_found import find_tiff
from parfocal.convert._tiff_grid import GridField, GridSource, Plane, TiffGrid
from parfocal.convert._tiff_source import ACCEPT_PARTIAL
from parfocal.store import ChannelInfo, row_name

__all__ = ["PATTERN", "FolderSource"]

PATTERN = "pattern"
SUFFIXES = (".tif", ".tiff")
DEEPEST = 4
Key = tuple[int, int, str, str]
"""Row, column (-1 without a plate), well and field as they are written."""


class FolderSource(GridSource):
    """Every file is a plane, or a stack where no name says z.

    All fields are to have the same times, channels and planes: a set that lacks some is refused
    until a person accepts it, and then they are missing.
    """

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        paths = sorted(one.relative_to(path).as_posix() for one in _files(path))
        wished = wishes.options.get(PATTERN)
        self._pattern = chosen_pattern(None if wished is None else str(wished), paths)
        known = {one: parts for one in paths if (parts := self._pattern.read(one)) is not None}
        if not known:
            raise ConvertError(f"none of {counted(len(paths), 'file')} in {path} fits the pattern")
        self._left = len(paths) - len(known)
        self._orders = {
            part: _ordered(part, (parts[part] for parts in known.values() if part in parts))
            for part in ("t", "channel", "z")
        }
        fields: dict[Key, dict[Plane, Path]] = {}
        for name, parts in known.items():
            planes = fields.setdefault(_key(parts), {})
            plane = self._plane(parts)
            if plane in planes:
                raise ConvertError(f"{planes[plane]} and {path / name} are the same plane by name")
            planes[plane] = path / name
        self._keys = sorted(fields, key=lambda key: (*key[:3], _natural(key[3])))
        sizes = len(self._orders["t"]) or 1, len(self._orders["channel"]) or 1
        grid = [GridField(_named(key), fields[key]) for key in self._keys]
        self._grid = TiffGrid(grid, sizes, len(self._orders["z"]) or None)

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """A folder with TIFF files in it, or a little deeper."""
        return path.is_dir() and next(_files(path), None) is not None

    def describe(self) -> Found:
        """Every field; of wells where the names have them."""
        warnings = [one for n in range(len(self._keys)) if (one := self._grid.missing(n))]
        if warnings and not self._wishes.options.get(ACCEPT_PARTIAL):
            more = f", and {counted(len(warnings) - 1, 'field')} more" if len(warnings) > 1 else ""
            raise ConvertError(
                f"{self.path} is not complete: {warnings[0]}{more}; put the files back, or accept "
                "it as it is (--accept-partial)"
            )
        if self._left:
            warnings.append(f"{counted(self._left, 'file')} of another name are left out")
        shape = self._grid.shape
        voxel, source = self._voxel()
        channels = tuple(ChannelInfo(name) for name in self._channels())
        images = tuple(
            FoundImage(
                path=_named(key),
                name=_named(key),
                levels=(FoundArray(str(number), "tczyx", shape, self._grid.dtype, voxel),),
                channels=channels,
                voxel_um=voxel,
                voxel_source=source,
                guessed_axes=("z", "y", "x") if source == "default" else (),
                well=f"{row_name(key[0])}/{key[1]}" if key[0] >= 0 else None,
                absent=tuple(self._grid.absent(number)),
            )
            for number, key in enumerate(self._keys)
        )
        return Found(
            kind=f"TIFF folder ({self._pattern.name})",
            name=self.path.name,
            images=images,
            guessed=(UNKNOWN_SIZE,) if source == "default" else (),
            warnings=tuple(warnings),
        )

    def _plane(self, parts: Mapping[str, str]) -> Plane:
        t, c, z = (
            self._orders[part].index(_value(parts[part])) if part in parts else 0
            for part in ("t", "channel", "z")
        )
        return t, c, z

    def _channels(self) -> list[str]:
        named = [
            one if isinstance(one, str) else f"channel {one}" for one in self._orders["channel"]
        ]
        names = named or ["channel 0"]
        if self._grid.samples == 1:
            return names
        colours = ("red", "green", "blue", "alpha")[: self._grid.samples]
        return [f"{name} {colour}" for name in names for colour in colours]

    def _voxel(self) -> tuple[Zyx, str]:
        """What the first file says."""
        if self._wishes.voxel_um is not None:
            return self._wishes.voxel_um, "asked for"
        first = next(iter(self._grid.fields[0].files.values()))
        with tifffile.TiffFile(first) as file:
            found = find_tiff(first, file, Wishes())
        image = found.images[0] if found.images else None
        return (
            ((1.0, 1.0, 1.0), "default") if image is None else (image.voxel_um, image.voxel_source)
        )


def _files(root: Path) -> Iterator[Path]:
    """TIFF files, not too deep and not in what is no plain folder."""
    for folder, folders, names in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = sorted(
            one
            for one in folders
            if depth < DEEPEST and not one.startswith(".") and not one.endswith((".zarr", ".n5"))
        )
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(folder) / name


def _ordered(part: str, texts: Iterable[str]) -> list[int | str]:
    """Every value in order. A number of t or z that is skipped counts as one that is missing."""
    values = {_value(text) for text in texts}
    numbers = sorted(one for one in values if isinstance(one, int))
    if len(numbers) < len(values):
        return sorted(values, key=lambda one: _natural(str(one)))
    if part == "channel" or len(numbers) < 2:
        return list(numbers)
    step = gcd(*(later - numbers[0] for later in numbers[1:]))
    return list(range(numbers[0], numbers[-1] + 1, step))


def _value(text: str) -> int | str:
    return int(text) if text.isdecimal() else text.strip()


def _natural(text: str) -> list[tuple[int, int, str]]:
    return [
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece)
        for piece in re.findall(r"\d+|\D+", text)
    ]


def _key(parts: Mapping[str, str]) -> Key:
    field = parts.get("field", "")
    if "well" in parts:
        letters = "".join(sign for sign in parts["well"] if sign.isalpha()).upper()
        digits = "".join(sign for sign in parts["well"] if sign.isdecimal())
        if not letters or not digits:
            raise ConvertError(f"{parts['well']!r} is no well, as B02 is one")
        return _row(letters), int(digits), f"{letters}{int(digits):02}", field
    if "row" in parts and "col" in parts:
        text = parts["row"].strip()
        row = int(text) - 1 if text.isdecimal() else _row(text.upper())
        column = int(parts["col"])
        return row, column, f"{row_name(row)}{column:02}", field
    return -1, -1, "", field


def _row(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _named(key: Key) -> str:
    field = f"field {int(key[3])}" if key[3].isdecimal() else key[3]
    return " ".join(word for word in (key[2], field) if word) or "field 0"
