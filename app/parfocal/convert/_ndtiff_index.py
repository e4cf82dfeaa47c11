"""Read the index of an NDTiff folder, version 2 and 3: which frame lies where in which file."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tifffile.tifffile import read_ndtiff_index

from parfocal.convert._errors import ConvertError

__all__ = ["NdFrame", "is_cut_short", "read_frames"]

# by the number that stands in the index; colours have three samples
DTYPES = {0: "u1", 1: "u2", 2: "u1", 3: "u2", 4: "u2", 5: "u2", 6: "u2"}
RGB = 2


@dataclass(frozen=True, slots=True)
class NdFrame:
    """One frame: its axes as they were told (numbers or names), and where its bytes lie."""

    axes: dict[str, int | str]
    file: Path
    offset: int
    shape: tuple[int, int]
    dtype: str
    samples: int
    told_at: tuple[int, int]

    @property
    def nbytes(self) -> int:
        """Of its pixels."""
        height, width = self.shape
        return height * width * self.samples * np.dtype(self.dtype).itemsize

    def is_whole(self) -> bool:
        """Whether the file reaches so far: the last one may have been cut short."""
        return self.file.is_file() and self.file.stat().st_size >= self.offset + self.nbytes

    def metadata(self) -> dict[str, Any]:
        """What was written down with the frame; nothing where that is damaged."""
        start, length = self.told_at
        try:
            with self.file.open("rb") as file:
                file.seek(start)
                told = json.loads(file.read(length))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


def read_frames(folder: Path) -> list[NdFrame]:
    """Every frame; of two with the same axes the later one, which replaced the other."""
    frames: dict[tuple[tuple[str, int | str], ...], NdFrame] = {}
    for frame in _entries(folder / "NDTiff.index", folder):
        frames[tuple(sorted(frame.axes.items()))] = frame
    if not frames:
        raise ConvertError(f"{folder / 'NDTiff.index'} names no frame")
    return list(frames.values())


def _entries(index: Path, folder: Path) -> Iterator[NdFrame]:
    try:
        for entry in read_ndtiff_index(index):
            axes, name, offset, width, height, kind, compression, start, length, _ = entry
            if compression != 0 or kind not in DTYPES:
                raise ConvertError(f"{index} names frames of a kind that is not known ({kind})")
            samples = 3 if kind == RGB else 1
            told = start, length
            # the name is that of the computer that wrote it
            file = folder / str(name).replace("\\", "/").rpartition("/")[2]
            yield NdFrame(dict(axes), file, offset, (height, width), DTYPES[kind], samples, told)
    except ConvertError:
        raise
    except (OSError, ValueError, KeyError, IndexError, TypeError, struct.error) as problem:
        raise ConvertError(f"{index} cannot be read: {problem}") from problem


def is_cut_short(folder: Path) -> bool:
    """Whether the index ends in the midst of an entry: tifffile leaves that one out in silence."""
    raw, at = (folder / "NDTiff.index").read_bytes(), 0
    while at < len(raw):
        for _ in range(2):  # the axes and the file's name, each behind its length
            if at + 4 > len(raw):
                return True
            at += 4 + int.from_bytes(raw[at : at + 4], "little")
        at += 32
    return at > len(raw)
