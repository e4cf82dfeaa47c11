"""A store replayed as if it were a microscope: the camera gives the planes that were recorded.

Stage, filters and shutter are Micro-Manager's demo devices and change nothing of what is seen; the
event's own index says which plane comes. Light changes nothing either.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray
from pymmcore_plus.core import SequencedEvent
from pymmcore_plus.experimental.unicore import CameraDevice, UniMMCore
from useq import MDAEvent

from parfocal.scope._calibration import Calibration
from parfocal.scope._core_microscope import CoreMicroscope, leave
from parfocal.scope._demo_projector import PROJECTOR_SHAPE, DemoProjector
from parfocal.scope._errors import MicroscopeError
from parfocal.scope._frame import FrameTag
from parfocal.scope._open import demo_adapters, load_demo_configuration, replace_camera
from parfocal.scope._profile import Profile
from parfocal.store import StoreReader

__all__ = ["open_replay"]

CHANNELS = "Channel"


class ReplayCore(UniMMCore):
    """A core whose pixels are as large as those of the store."""

    pixel_um = 0.0

    def getPixelSizeUm(self, cached: bool = False) -> float:  # noqa: ARG002, N802
        return self.pixel_um


class ReplayCamera(CameraDevice):
    """Gives the plane that the event wants; without an event, the first one."""

    def __init__(self, reader: StoreReader) -> None:
        super().__init__()
        self._reader = reader
        self._channels = reader.info.channels
        first = reader.plane((0, 0, 0, 0))
        self._shape = (first.shape[0], first.shape[1])
        self._dtype = first.dtype
        self._exposure_ms = 10.0
        self._told: list[tuple[FrameTag | None, str | None]] = []

    # ------------------------------------------------------------------ told by the engine

    def foretell(self, event: MDAEvent | None) -> None:
        """Say which exposures come next."""
        if event is None:
            self._told = []
            return
        events = event.events if isinstance(event, SequencedEvent) else (event,)
        told = [
            (one.metadata.get("parfocal"), None if one.channel is None else one.channel.config)
            for one in events
        ]
        self._told = told[::-1]

    def interrupt(self) -> None:
        """Nothing takes time here."""

    def begin(self) -> None:
        """Nothing is remembered here."""

    # ------------------------------------------------------------------ asked by the core

    def get_exposure(self) -> float:
        return self._exposure_ms

    def set_exposure(self, exposure: float) -> None:
        self._exposure_ms = float(exposure)

    def get_camera_name(self) -> str:
        return "Replay"

    def shape(self) -> tuple[int, int]:
        return self._shape

    def dtype(self) -> DTypeLike:
        return self._dtype

    def start_sequence(
        self,
        n: int | None,
        get_buffer: Callable[[Sequence[int], DTypeLike], NDArray[np.generic]],
    ) -> Iterator[Mapping[str, str]]:
        taken = 0
        while taken != n:
            buffer = get_buffer(self._shape, self._dtype)
            np.copyto(buffer, self._plane())
            taken += 1
            yield {}

    def _plane(self) -> NDArray[np.generic]:
        tag, channel = self._told.pop() if self._told else (None, None)
        t, p, c, z = (0, 0, 0, 0) if tag is None else tag.index
        if channel in self._channels:
            c = self._channels.index(channel)
        plane = None
        if c < len(self._channels) and not self._reader.absences.reason((t, p, c, z)):
            lengths = self._reader.lengths(p, c) if p < self._reader.images.fields else {}
            if t < lengths.get("t", 1 if lengths else 0) and z < lengths.get("z", 1):
                plane = self._reader.plane((t, p, c, z))
        if plane is None or plane.shape != self._shape:
            raise MicroscopeError(
                f"{self._reader.info.path} has no plane at t {t}, p {p}, channel "
                f"{channel or c!r}, z {z} to replay; make the plan no larger than the store."
            )
        return plane


def open_replay(store: Path | str) -> CoreMicroscope:
    """Open a store as a microscope, with a projector that lies exactly over the camera."""
    reader = StoreReader(store)
    camera = ReplayCamera(reader)
    core = ReplayCore(*demo_adapters())
    with ExitStack() as undo:
        undo.callback(leave, core)
        load_demo_configuration(core)
        core.pixel_um = reader.info.voxel_size_um[2]
        replace_camera(core, camera)
        core.loadPyDevice("Projector", DemoProjector())
        core.initializeDevice("Projector")
        core.setSLMDevice("Projector")
        for channel in reader.info.channels:
            if not core.isConfigDefined(CHANNELS, channel):
                core.defineConfig(CHANNELS, channel)
        microscope = CoreMicroscope(Profile(name="replay"), core, camera)
        undo.pop_all()
    rows, columns = camera.shape()[:2]
    if microscope.projector is not None:
        microscope.projector.calibration = _over(rows, columns)
    return microscope


def _over(rows: int, columns: int) -> Calibration:
    """Of a projector whose corners are those of the picture."""
    height, width = PROJECTOR_SHAPE
    return Calibration(
        matrix=((rows / height, 0.0, 0.0), (0.0, columns / width, 0.0)),
        camera=(rows, columns),
        projector=PROJECTOR_SHAPE,
        residual_px=0.0,
        spots=0,
        spots_used=0,
        date=datetime.now(UTC).replace(microsecond=0),
    )
