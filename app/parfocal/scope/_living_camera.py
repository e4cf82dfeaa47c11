"""A camera that looks at the living sample: MMCore snaps, streams and sequences it like any other.

What it shows depends on where the stage stands, the focus, the filters and the exposure, and on the
event it is told comes next; never on the clock, or a paused run could not be byte-identical.
"""

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray
from pymmcore_plus.core import SequencedEvent
from pymmcore_plus.experimental.unicore import CameraDevice, UniMMCore
from useq import MDAEvent

from parfocal.scope._cell_portraits import Dye
from parfocal.scope._demo_light import DemoLight
from parfocal.scope._exposure import Exposure, Scene, Window
from parfocal.scope._frame import FrameTag
from parfocal.scope._projected import Projected
from parfocal.scope._sample import Sample

__all__ = ["LivingCamera", "LivingCore"]

BINNINGS = (1, 2, 4)
EXPOSURES_MS = (0.0, 60_000.0)
# without a plan every picture is this much later than the last: a live view that crawls, not runs
LIVE_STEP = 0.05
# filter labels of MMCore's demo configuration → the dye they show
FILTERS = {
    ("Chroma-D360", "400DCLP"): Dye.NUCLEUS,
    ("Chroma-HQ480", "Q505LP"): Dye.CYTOPLASM,
    ("Chroma-HQ570", "Q585LP"): Dye.ACTIN,
    ("Chroma-HQ570", "400DCLP"): Dye.MITOCHONDRIA,
}
LEDS = {
    "385nm": Dye.NUCLEUS,
    "470nm": Dye.CYTOPLASM,
    "550nm": Dye.ACTIN,
    "635nm": Dye.MITOCHONDRIA,
}


class LivingCamera(CameraDevice):
    """A 16-bit sCMOS camera on the demo microscope."""

    def __init__(self, core: UniMMCore, sample: Sample, chip: tuple[int, int]) -> None:
        super().__init__()
        self.sample = sample
        self.light: DemoLight | None = None
        self.projected: Projected | None = None
        # weakly: UniMMCore holds its Python devices until it is gone itself, and would never go
        self._microscope = weakref.proxy(core)
        self._chip = chip  # rows, columns
        self._binning = 1
        self._exposure_ms = 10.0
        self._region: tuple[int, int, int, int] | None = None
        self._exposer: Exposure | None = None
        self._untold = 0
        self._streams = 0
        self._told: list[tuple[FrameTag | None, float | None]] = []
        self._interrupted = threading.Event()
        self.set_property_allowed_values("Binning", BINNINGS)
        self.set_property_limits("Exposure", EXPOSURES_MS)

    # ------------------------------------------------------------------ told by the engine

    def foretell(self, event: MDAEvent | None) -> None:
        """Say which exposures come next, one for each frame of a hardware sequence."""
        self._interrupted.clear()
        if event is None:
            self._told = []
        elif isinstance(event, SequencedEvent):
            tags = [planned.metadata.get("parfocal") for planned in event.events]
            heights = event.z_sequence or [None] * len(tags)
            self._told = list(zip(tags, heights, strict=True))[::-1]
        else:
            self._told = [(event.metadata.get("parfocal"), None)]

    def interrupt(self) -> None:
        self._interrupted.set()

    def begin(self) -> None:
        """A run begins: no cell remembers the light of the one before."""
        if self.projected is not None:
            self.projected.felt.forget()

    # ------------------------------------------------------------------ asked by the core

    def get_exposure(self) -> float:
        return self._exposure_ms

    def set_exposure(self, exposure: float) -> None:
        lowest, highest = EXPOSURES_MS
        if not lowest <= exposure <= highest:
            raise ValueError(f"{exposure:g} ms is not between {lowest:g} and {highest:g} ms")
        self._exposure_ms = float(exposure)

    def get_binning(self) -> int:
        return self._binning

    def set_binning(self, binning: int) -> None:
        self._binning, self._region, self._exposer = int(binning), None, None

    def set_property_value(self, prop_name: str, value: object) -> None:
        """As C++ devices do, take the text that a property browser sends for a number."""
        kind = {"Binning": int, "Exposure": float}.get(prop_name)
        super().set_property_value(prop_name, value if kind is None else kind(str(value)))

    def get_camera_name(self) -> str:
        return "Living sample"

    def shape(self) -> tuple[int, int]:
        _, _, width, height = self.get_roi()
        return height, width

    def dtype(self) -> DTypeLike:
        return np.uint16

    def get_roi(self) -> tuple[int, int, int, int]:
        rows, columns = self._chip
        return self._region or (0, 0, columns // self._binning, rows // self._binning)

    def set_roi(self, x: int, y: int, width: int, height: int) -> None:
        rows, columns = (side // self._binning for side in self._chip)
        if min(x, y) < 0 or min(width, height) < 1 or x + width > columns or y + height > rows:
            raise ValueError(
                f"the region of {width} × {height} pixels at {x}, {y} is not inside the chip of "
                f"{columns} × {rows}"
            )
        self._region, self._exposer = (x, y, width, height), None

    def clear_roi(self) -> None:
        self._region, self._exposer = None, None

    def start_sequence(
        self,
        n: int | None,
        get_buffer: Callable[[Sequence[int], DTypeLike], NDArray[np.uint16]],
    ) -> Iterator[Mapping[str, str]]:
        # the core gives a stream that does not stop 2 s and then starts the next beside it
        self._streams += 1
        stream = self._streams
        if not self._told:  # a live view: nobody foretells it, so nobody cleared the last stop
            self._interrupted.clear()
        x, y, z = self._look_around()
        dye = self._dye()
        taken = 0
        while taken != n:
            began = time.perf_counter()
            image = get_buffer(self.shape(), np.uint16)
            moment, key, height = self._next_moment()
            # half the light is as good as half the time
            lit_ms = self._exposure_ms * (1.0 if self.light is None else self.light.fraction())
            scene = Scene(moment, key, x, y, z if height is None else height, dye, lit_ms)
            exposer = self._exposer_now()
            exposer.expose(scene, image)
            if self.projected is not None:
                self.projected.shine(scene, exposer, image)
            rest = self._exposure_ms / 1000 - (time.perf_counter() - began)
            if rest > 0:
                self._interrupted.wait(rest)
            if self._interrupted.is_set() or stream != self._streams:
                return
            taken += 1
            yield {}

    # ------------------------------------------------------------------ looking

    def _next_moment(self) -> tuple[float, tuple[int, ...], float | None]:
        if self._told:
            tag, height = self._told.pop()
            if tag is not None:
                return float(tag.index[0]), tag.index, height
        else:
            height = None
        self._untold += 1
        return self._untold * LIVE_STEP, (2**31, self._untold), height

    def _look_around(self) -> tuple[float, float, float]:
        core = self._microscope
        x, y = core.getXYPosition()
        return x, y, core.getPosition()

    def _dye(self) -> Dye | None:
        label = self._microscope.getPropertyFromCache
        excitation, dichroic = label("Excitation", "Label"), label("Dichroic", "Label")
        if excitation == "Empty":
            return LEDS.get(label("LED", "Label"))
        return FILTERS.get((excitation, dichroic))

    def _exposer_now(self) -> Exposure:
        rows, columns = (side // self._binning for side in self._chip)
        pixel = self._microscope.getPixelSizeUm(True) or 1.0
        window = Window(*self.get_roi(), columns, rows, pixel, self._binning)
        if self._exposer is None or self._exposer.window != window:
            felt = None if self.projected is None else self.projected.felt
            self._exposer = Exposure(self.sample, window, felt)
        return self._exposer


class LivingCore(UniMMCore):
    """A core that stops the living camera at once.

    UniMMCore has no way to tell a Python camera: it waits 2 s for the exposure to end, then leaves
    the stream running beside the next one.
    """

    living: LivingCamera | None = None

    def stopSequenceAcquisition(self, cameraLabel: str | None = None) -> None:  # noqa: N802, N803
        if self.living is not None:
            self.living.interrupt()
        super().stopSequenceAcquisition(cameraLabel)
