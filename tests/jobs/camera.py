"""A light-sheet camera: it writes spool folders as Andor's do, while somebody may watch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HEIGHT, WIDTH, PER_FILE = 24, 40, 2
INI = """\
[data]
AOIHeight = {height}
AOIWidth = {width}
AOIStride = {stride}
PixelEncoding = Mono16
ImageSizeBytes = {size}
[multiimage]
ImagesPerFile = {per_file}
"""


class Camera:
    """Writes strips of one size; rows are padded, and so are frames. `seed` makes other pixels."""

    def __init__(
        self,
        files: int = 4,
        *,
        height: int = HEIGHT,
        width: int = WIDTH,
        per_file: int = PER_FILE,
        seed: int = 7,
    ) -> None:
        self.files, self.per_file = files, per_file
        self.height, self.width = height, width
        self.stride = 2 * width + 16
        self.size = height * self.stride + 32
        self._random = np.random.default_rng(seed)

    def start(self, folder: Path) -> None:
        """What a camera writes before the first frame."""
        folder.mkdir(parents=True)
        told = INI.format(
            height=self.height,
            width=self.width,
            stride=self.stride,
            size=self.size,
            per_file=self.per_file,
        )
        (folder / "acquisitionmetadata.ini").write_bytes(b"\xef\xbb\xbf" + told.encode())

    def write(self, folder: Path, pause_s: float = 0.0) -> Path:
        """A whole strip, file after file, and the info file at its end."""
        self.start(folder)
        for number in range(self.files):
            self.spool(folder, number)
            time.sleep(pause_s)
        (folder / "info.txt").write_text(f"laser = 488\nframes = {self.files * self.per_file}\n")
        return folder

    def spool(self, folder: Path, number: int) -> Path:
        """One file, its index written backwards."""
        file = folder / f"{number:010}"[::-1]
        file = file.with_name(f"{file.name}spool.dat")
        with file.open("wb") as opened:
            for frame in self._frames():
                opened.write(frame)
        return file

    def _frames(self) -> Iterator[bytes]:
        for _ in range(self.per_file):
            pixels = self._random.poisson(120, (self.height, self.width)).astype("<u2")
            padded = np.zeros((self.height, self.stride), "u1")
            padded[:, : 2 * self.width] = pixels.view("u1").reshape(self.height, -1)
            yield padded.tobytes().ljust(self.size, b"\xdd")
