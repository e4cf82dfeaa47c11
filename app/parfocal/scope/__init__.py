"""The microscope: open one, ask it for facts, and let its engine tap the frames of a run."""

from parfocal.scope._engine import TappingEngine
from parfocal.scope._errors import MicroscopeError
from parfocal.scope._frame import Frame, FrameTag
from parfocal.scope._microscope import CameraFacts, Microscope, StagePosition
from parfocal.scope._open import DEMO_CAMERA_SHAPE, DEMO_PIXEL_UM, adapter_folder, open_microscope

__all__ = [
    "DEMO_CAMERA_SHAPE",
    "DEMO_PIXEL_UM",
    "CameraFacts",
    "Frame",
    "FrameTag",
    "Microscope",
    "MicroscopeError",
    "StagePosition",
    "TappingEngine",
    "adapter_folder",
    "open_microscope",
]
