"""The microscope: open one, ask it for facts, and let its engine tap the frames of a run."""

from parfocal.scope._bare_core import bare_core, leave_core
from parfocal.scope._calibration import Calibration, CalibrationRefused, SeenSpot
from parfocal.scope._engine import Decision, TappingEngine
from parfocal.scope._errors import (
    MicroscopeError,
    MicroscopeNotAnswering,
    MicroscopeTimeout,
    OpeningCancelled,
)
from parfocal.scope._frame import Frame, FrameTag
from parfocal.scope._hardware_state import HardwareState
from parfocal.scope._limits import Limits, PowerLimit, Range, limits_findings
from parfocal.scope._live import LiveFrame
from parfocal.scope._microscope import CameraFacts, Microscope, MicroscopeState, StagePosition
from parfocal.scope._open import DEMO_CAMERA_SHAPE, DEMO_PIXEL_UM, adapter_folder, open_microscope
from parfocal.scope._profile import CameraSettings, Hooks, Profile, Region
from parfocal.scope._profiles import (
    delete_profile,
    profile_folders,
    profiles,
    read_profile,
    write_profile,
)
from parfocal.scope._projector import MOST_SPOTS, SPOTS, Projector
from parfocal.scope._projector_images import Pattern
from parfocal.scope._replay import open_replay
from parfocal.scope._settings import DeviceProperty

__all__ = [
    "DEMO_CAMERA_SHAPE",
    "DEMO_PIXEL_UM",
    "MOST_SPOTS",
    "SPOTS",
    "Calibration",
    "CalibrationRefused",
    "CameraFacts",
    "CameraSettings",
    "Decision",
    "DeviceProperty",
    "Frame",
    "FrameTag",
    "HardwareState",
    "Hooks",
    "Limits",
    "LiveFrame",
    "Microscope",
    "MicroscopeError",
    "MicroscopeNotAnswering",
    "MicroscopeState",
    "MicroscopeTimeout",
    "OpeningCancelled",
    "Pattern",
    "PowerLimit",
    "Profile",
    "Projector",
    "Range",
    "Region",
    "SeenSpot",
    "StagePosition",
    "TappingEngine",
    "adapter_folder",
    "bare_core",
    "delete_profile",
    "leave_core",
    "limits_findings",
    "open_microscope",
    "open_replay",
    "profile_folders",
    "profiles",
    "read_profile",
    "write_profile",
]
