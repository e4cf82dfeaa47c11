"""The microscope as the rest of the house sees it: ask it for facts, give its engine to a run."""

from dataclasses import dataclass
from typing import Protocol

from pymmcore_plus import CMMCorePlus

from parfocal.scope._engine import TappingEngine

__all__ = ["CameraFacts", "Microscope", "StagePosition"]


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


class Microscope(Protocol):
    """An opened microscope. A remote one can stand behind the same face later."""

    @property
    def name(self) -> str: ...
    @property
    def core(self) -> CMMCorePlus: ...
    @property
    def engine(self) -> TappingEngine: ...

    def camera(self) -> CameraFacts: ...
    def channel_groups(self) -> dict[str, tuple[str, ...]]: ...
    def stage(self) -> StagePosition: ...
    def close(self) -> None: ...
