"""Python devices that fail in the ways that hardware does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from pymmcore_plus.experimental.unicore import CameraDevice, StageDevice, XYStageDevice

from parfocal.scope import Microscope

SIDE = 8


class NeverThere(XYStageDevice):
    """A stage that was sent off and does not arrive: it is busy until somebody stops it."""

    def __init__(self, drives: float = 1e9) -> None:
        super().__init__()
        self.moves = 0
        self.stopped = threading.Event()
        self._there = 0.0
        self._drives = drives
        self._at = (0.0, 0.0)

    def set_position_um(self, x: float, y: float) -> None:
        self.moves += 1
        self.stopped.clear()
        self._at, self._there = (x, y), time.monotonic() + self._drives

    def get_position_um(self) -> tuple[float, float]:
        return self._at

    def busy(self) -> bool:
        return time.monotonic() < self._there and not self.stopped.is_set()

    def stop(self) -> None:
        self.stopped.set()

    def home(self) -> None: ...
    def set_origin_x(self) -> None: ...
    def set_origin_y(self) -> None: ...


class Blocking(StageDevice):
    """A focus drive whose driver does not come back before `release` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.release = threading.Event(), threading.Event()
        self.reached: list[float] = []

    def set_position_um(self, val: float) -> None:
        self.asked.set()
        self.release.wait(30)
        self.reached.append(val)

    def get_position_um(self) -> float:
        return 0.0

    def home(self) -> None: ...
    def stop(self) -> None: ...
    def set_origin(self) -> None: ...


class OddCamera(CameraDevice):
    """Gives the frames that `number` names, each with the number that its own driver counts."""

    def __init__(self, numbers: list[int] | None = None, first: int = 0) -> None:
        super().__init__()
        self.numbers = numbers
        self.first = first
        self.odd: dict[int, tuple[int, int]] = {}  # frame number: its shape
        self.fails = 0  # this many snaps raise
        self.blocks: threading.Event | None = None
        self._exposure = 1.0

    def get_exposure(self) -> float:
        return self._exposure

    def set_exposure(self, exposure: float) -> None:
        self._exposure = exposure

    def shape(self) -> tuple[int, int]:
        return SIDE, SIDE

    def dtype(self) -> type[np.uint16]:
        return np.uint16

    def start_sequence(
        self, n: int | None, get_buffer: Callable[..., np.ndarray]
    ) -> Iterator[Mapping[str, str]]:
        if self.blocks is not None:
            self.blocks.wait(30)
        if self.fails:
            self.fails -= 1
            raise OSError("the link is down")
        for number in self.numbers or range(n or 10**6):
            time.sleep(self._exposure / 1000)
            get_buffer(self.odd.get(number, self.shape()), np.uint16)[:] = number
            yield {"FrameNumber": str(number + self.first)}


def load(microscope: Microscope, label: str, device: object) -> None:
    """Put a Python device into an open microscope and choose it."""
    core = microscope.core
    core.loadPyDevice(label, device)  # type: ignore[attr-defined]
    core.initializeDevice(label)
    if isinstance(device, CameraDevice):
        core.setCameraDevice(label)
    elif isinstance(device, XYStageDevice):
        core.setXYStageDevice(label)
    elif isinstance(device, StageDevice):
        core.setFocusDevice(label)
