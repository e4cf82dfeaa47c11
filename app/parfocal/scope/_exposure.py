"""Turn the living sample into what an sCMOS camera would read: photons, noise, offset, 16 bits."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parfocal.scope._cell_portraits import Dye, blur_um, portrait
from parfocal.scope._sample import Cells, Kind, Region, Sample
from parfocal.scope._sample_light import SampleLight

__all__ = ["Exposure", "Scene", "Window"]

OFFSET = 100.0  # counts of a dark pixel
COUNTS_PER_ELECTRON = 2.2
READ_NOISE = 1.6  # electrons
SATURATED = 65535.0
# electrons a millisecond: at the brightest spot of a cell, and everywhere else
GLOW = {
    Dye.NUCLEUS: (95.0, 1.2),
    Dye.CYTOPLASM: (70.0, 2.5),
    Dye.ACTIN: (80.0, 1.6),
    Dye.MITOCHONDRIA: (75.0, 0.9),
}
DARKER_CORNERS = 0.22
# the same field of noise is moved by up to this for each frame: drawing 4 million fresh numbers
# takes 40 ms (2048²), and 4096 places and signs of one field look as random
NOISE_SHIFT = 32
NOISE_BANK = 768  # shot noise of cells: 256 places for a portrait of at most 512 pixels
FOCUS_STEPS_UM = (0.0, 0.4, 0.8, 1.2, 1.6, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 25)


class Window(NamedTuple):
    """The part of the chip that is read, in binned pixels, and the size of the whole chip."""

    x: int
    y: int
    width: int
    height: int
    chip_width: int
    chip_height: int
    pixel_um: float
    binning: int


class Scene(NamedTuple):
    """All that an image depends on; the same scene gives the same bytes."""

    moment: float  # timepoints
    key: tuple[int, ...]  # which frame it is, so that each has noise of its own
    x: float
    y: float
    z: float
    dye: Dye | None  # None: no filter that any dye shines through
    exposure_ms: float


class Stamp(NamedTuple):
    """The root of a cell's portrait, cropped, and where it goes from the cell's centre."""

    root: NDArray[np.float32]
    top: int
    left: int


class Exposure:
    """Exposes scenes of one sample through one window. Keeps what it draws, to be fast."""

    def __init__(self, sample: Sample, window: Window, light: SampleLight | None = None) -> None:
        self.window = window
        self._sample = sample
        self._light = light or SampleLight()
        random = np.random.default_rng((sample.seed, 11))
        noise = random.standard_normal((NOISE_BANK, NOISE_BANK), dtype=np.float32)
        self._shot_noise = noise * np.float32(np.sqrt(COUNTS_PER_ELECTRON))
        self._scratch = np.empty((2, 512 * 512), np.float32)
        frame_bytes = 4 * window.width * window.height
        self._empty_dish = lru_cache(max(4, 2**27 // frame_bytes))(self._draw_empty_dish)
        # 16 KB each at 0.5 µm a pixel, so 50 MB
        self._stamp = lru_cache(3000)(self._draw_stamp)

    def expose(self, scene: Scene, image: NDArray[np.uint16]) -> None:
        """Fill `image`, which has the window's shape."""
        random = np.random.default_rng((self._sample.seed, *scene.key))
        self._expose_empty_dish(scene, random, image)
        if scene.dye is None:
            return
        cells = self.cells(scene)
        self._expose_cells(scene, scene.dye, cells, random, image)

    def cells(self, scene: Scene) -> Cells:
        """The cells that are in sight, with what they do because of light before."""
        seen = self._sample.cells(scene.moment, self._region(scene))
        return self._light.answered(seen, scene.moment)

    def _region(self, scene: Scene) -> Region:
        """What the window sees, and around it what could shine in."""
        pixel, window = self.window.pixel_um, self.window
        around = 25.0 + 3 * blur_um(FOCUS_STEPS_UM[-1])
        left = scene.x + (window.x - window.chip_width / 2) * pixel
        top = scene.y + (window.y - window.chip_height / 2) * pixel
        return Region(
            left - around,
            top - around,
            left + window.width * pixel + around,
            top + window.height * pixel + around,
        )

    # ------------------------------------------------------------------ background

    def _expose_empty_dish(
        self, scene: Scene, random: np.random.Generator, image: NDArray[np.uint16]
    ) -> None:
        level, noise = self._empty_dish(scene.dye, scene.exposure_ms)
        row, column = random.integers(0, NOISE_SHIFT, 2)
        upside_down, negative = random.integers(0, 2, 2)
        rows, columns = image.shape
        shifted = noise[row : row + rows, column : column + columns]
        # the noise is stored as wrapped unsigned numbers: no wider type, half the time
        combine = np.subtract if negative else np.add
        combine(level, shifted[::-1] if upside_down else shifted, out=image)

    def _draw_empty_dish(
        self, dye: Dye | None, exposure_ms: float
    ) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """The steady part with its fixed pattern, and a field of noise to add to it."""
        window = self.window
        glow = GLOW[dye][1] if dye is not None else 0.05
        electrons = glow * exposure_ms * window.binning**2
        chip = np.random.default_rng((self._sample.seed, 12))
        columns = chip.normal(0, 0.8, window.chip_width).astype(np.float32)
        hot = chip.random((window.chip_height, window.chip_width), dtype=np.float32)
        hot = np.where(hot > 0.9998, (hot - 0.9998) * 1e5 * np.sqrt(exposure_ms), 0)

        rows = (np.arange(window.chip_height) + 0.5) / window.chip_height * 2 - 1
        across = (np.arange(window.chip_width) + 0.5) / window.chip_width * 2 - 1
        light = lit(across[None, :].astype(np.float32), rows[:, None].astype(np.float32))
        level = OFFSET + columns + hot + light * np.float32(electrons * COUNTS_PER_ELECTRON)
        seen = level[window.y : window.y + window.height, window.x : window.x + window.width]

        spread = np.sqrt(electrons + READ_NOISE**2) * COUNTS_PER_ELECTRON
        shape = (window.height + NOISE_SHIFT, window.width + NOISE_SHIFT)
        noise = np.random.default_rng((self._sample.seed, 13)).standard_normal(shape, np.float32)
        noise *= np.float32(spread)
        # five spreads below the level and as many under saturation: nothing wraps
        room = 5 * spread
        steady = np.rint(seen.clip(room + 1, SATURATED - room - 1)).astype(np.uint16)
        wrapped = np.rint(noise.clip(-room, room)).astype(np.int16).view(np.uint16)
        return steady, wrapped

    # ------------------------------------------------------------------ cells

    def _expose_cells(
        self,
        scene: Scene,
        dye: Dye,
        cells: Cells,
        random: np.random.Generator,
        image: NDArray[np.uint16],
    ) -> None:
        window = self.window
        pixel = window.pixel_um
        from_middle_x = (cells.x - scene.x) / pixel
        from_middle_y = (cells.y - scene.y) / pixel
        rows = np.rint(from_middle_y + window.chip_height / 2).astype(int) - window.y
        columns = np.rint(from_middle_x + window.chip_width / 2).astype(int) - window.x
        light = lit(from_middle_x / window.chip_width * 2, from_middle_y / window.chip_height * 2)
        electrons = GLOW[dye][0] * scene.exposure_ms * window.binning**2
        strength = electrons * COUNTS_PER_ELECTRON * cells.brightness * light
        steps = np.searchsorted(FOCUS_STEPS_UM, np.abs(scene.z - cells.z)).clip(
            0, len(FOCUS_STEPS_UM) - 1
        )
        places = random.integers(0, NOISE_BANK - 512, (len(cells), 2))
        for kind, shape, size, step, row, column, amplitude, place in zip(
            cells.kind.tolist(),
            cells.shape.tolist(),
            cells.size.tolist(),
            steps.tolist(),
            rows.tolist(),
            columns.tolist(),
            np.sqrt(strength).astype(np.float32),
            places.tolist(),
            strict=True,
        ):
            stamp = self._stamp(kind, shape, size, dye, step)
            self._add(stamp, row, column, amplitude, place, image)

    def _add(
        self,
        stamp: Stamp,
        row: int,
        column: int,
        amplitude: np.float32,
        place: list[int],
        image: NDArray[np.uint16],
    ) -> None:
        """Add a cell's photons with their own shot noise: a sum of Poissons is a Poisson."""
        top, left = row + stamp.top, column + stamp.left
        height, width = stamp.root.shape
        first_row, last_row = max(0, -top), min(height, image.shape[0] - top)
        first_column, last_column = max(0, -left), min(width, image.shape[1] - left)
        if first_row >= last_row or first_column >= last_column:
            return
        root = stamp.root[first_row:last_row, first_column:last_column]
        rows, columns = root.shape
        here = image[
            top + first_row : top + last_row,
            left + first_column : left + last_column,
        ]
        noise = self._shot_noise[place[0] : place[0] + rows, place[1] : place[1] + columns]
        mean_root = self._scratch[0, : rows * columns].reshape(rows, columns)
        total = self._scratch[1, : rows * columns].reshape(rows, columns)
        np.multiply(root, amplitude, out=mean_root)
        np.add(mean_root, noise, out=total)  # m (m + n) is the mean m² with a noise of m · n
        np.multiply(total, mean_root, out=total)
        np.add(total, here, out=total)
        np.rint(total, out=total)
        np.clip(total, 0, SATURATED, out=total)
        np.copyto(here, total, casting="unsafe")

    def _draw_stamp(self, kind: int, shape: int, size: int, dye: Dye, step: int) -> Stamp:
        picture = portrait(Kind(kind), shape, size, dye, self.window.pixel_um, FOCUS_STEPS_UM[step])
        seen = picture > 0.002
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        top, left = int(rows[0]), int(columns[0])
        cropped = picture[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
        cropped = cropped[:512, :512]
        middle = picture.shape[0] // 2
        return Stamp(np.sqrt(cropped), top - middle, left - middle)


def lit(x: Any, y: Any) -> Any:
    """How much light reaches a place; -1 and 1 are the edges of the chip."""
    return np.maximum(1 - DARKER_CORNERS / 2 * (x * x + y * y), 0.5)
