"""The microscope as the rest of the house sees it: ask it for facts, give its engine to a run."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus

from parfocal.plan import Schedule
from parfocal.scope._limits import Limits
from parfocal.scope._profile import Profile

if TYPE_CHECKING:
    from parfocal.scope._engine import TappingEngine
    from parfocal.scope._hardware_state import HardwareState
    from parfocal.scope._imaging import Imaging
    from parfocal.scope._live import LiveView
    from parfocal.scope._projector import Projector
    from parfocal.scope._settings import Settings
    from parfocal.scope._stages import Stages

__all__ = ["CameraFacts", "Microscope", "MicroscopeState", "StagePosition"]


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What a recording has to know about the camera before the first frame."""

    name: str
    width: int
    height: int
    dtype: str
    bit_depth: int
    pixel_size_um: float


@dataclass(frozen=True, slots=True)
class StagePosition:
    """Where the stage is, in µm. An axis without a device stands at 0."""

    x: float
    y: float
    z: float


class MicroscopeState(StrEnum):
    """Whether it can be used, in words."""

    OPEN = "open"
    NOT_ANSWERING = "not answering"
    NO_HARDWARE = "no hardware"
    CLOSED = "closed"


class Microscope(Protocol):
    """An opened microscope. A remote one can stand behind the same face later."""

    @property
    def name(self) -> str: ...
    @property
    def profile(self) -> Profile: ...
    @property
    def state(self) -> MicroscopeState: ...
    @property
    def core(self) -> CMMCorePlus: ...
    @property
    def engine(self) -> "TappingEngine": ...
    @property
    def limits(self) -> Limits: ...
    @property
    def stages(self) -> "Stages": ...
    @property
    def imaging(self) -> "Imaging": ...
    @property
    def live(self) -> "LiveView": ...
    @property
    def settings(self) -> "Settings": ...
    @property
    def projector(self) -> "Projector | None": ...

    def camera(self) -> CameraFacts: ...
    def channel_groups(self) -> dict[str, tuple[str, ...]]: ...
    def stage(self) -> StagePosition: ...
    def snap(self) -> NDArray[Any]: ...
    def halt(self) -> None: ...
    def sequence_limit(self, exposure_ms: float, frame_bytes: int) -> int: ...
    def limits_findings(self, schedule: Schedule) -> tuple[str, ...]: ...
    def remember(self) -> "HardwareState": ...
    def restore(self, state: "HardwareState") -> tuple[str, ...]: ...
    def for_a_run(
        self, stays_put: Callable[[], bool] = ...
    ) -> AbstractContextManager[list[str]]: ...
    def close(self) -> None: ...
