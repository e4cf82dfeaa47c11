"""Opening a microscope: name a profile, get a `Microscope` that leaves cleanly."""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from pymmcore_plus import CMMCorePlus
from pymmcore_plus.experimental.unicore import CameraDevice, UniMMCore

from parfocal.scope._core_microscope import CoreMicroscope, leave
from parfocal.scope._demo_light import DemoLight
from parfocal.scope._demo_projector import DemoProjector
from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._living_camera import LivingCamera, LivingCore
from parfocal.scope._microscope import Microscope
from parfocal.scope._opening import Opening, open_configuration
from parfocal.scope._profile import Profile
from parfocal.scope._profiles import BUILT_IN, read_profile
from parfocal.scope._projected import Projected
from parfocal.scope._safe import SafeMicroscope
from parfocal.scope._sample import Sample

__all__ = ["DEMO_CAMERA_SHAPE", "DEMO_PIXEL_UM", "adapter_folder", "open_microscope"]

DEMO_CAMERA_SHAPE = (512, 512)  # rows, columns
DEMO_SEED = 1
DEMO_OBJECTIVE = "20X"
DEMO_PIXEL_UM = 0.5  # with that objective: a field of 256 µm with some forty cells in it
DEMO_SIDES = (16, 8192)
# UniMMCore's own 1024 MB are all touched after a minute of live mode
FRAME_BUFFER_MB = 256


def open_microscope(
    profile: str | Profile | None = None,
    *,
    camera_size: tuple[int, int] | None = None,
    progress: Callable[[str], object] | None = None,
    cancelled: threading.Event | None = None,
    folder: Path | None = None,
) -> Microscope:
    """Open a microscope: one of this machine's profiles by its name, "demo" (also when none is
    given), "demo-camera", "safe", or the path of a Micro-Manager configuration.

    `progress` is told the stages in words, from the thread that opens it; once `cancelled` is set
    the opening ends before the next device, or within a second of one that does not come back.
    `camera_size` (rows, columns) is for the demos; `folder` is where profiles are, instead of the
    machine's own place. A failure leaves nothing open but a device that hangs.
    """
    # it writes every event to its own log file: 0.85 ms of the 2.7 ms that a snapped event took
    logging.getLogger("pymmcore-plus").setLevel(logging.WARNING)
    opening = Opening(progress, cancelled)
    chosen = profile if isinstance(profile, Profile) else profile_of(profile or "demo", folder)
    if demo := DEMOS.get(chosen.name):
        opening.stage("opening the demo microscope")
        return demo(checked_shape(camera_size or DEMO_CAMERA_SHAPE))
    if camera_size is not None:
        raise MicroscopeError(
            f"The camera of {chosen.configuration or chosen.name} has its own size; "
            f"{camera_size} can be asked of {', '.join(DEMOS)}."
        )
    if chosen.configuration is None:
        return SafeMicroscope(chosen)
    microscope = open_configuration(chosen, opening)
    try:
        opening.stage("ready")
        if problems := microscope.opened():
            raise MicroscopeError(" ".join(problems))
    except MicroscopeError:
        microscope.close()
        raise
    return microscope


def profile_of(name: str, folder: Path | None) -> Profile:
    """A profile by its name, or one made for a configuration file."""
    if not name.lower().endswith(".cfg"):
        return read_profile(name, folder)
    path = Path(name).expanduser()
    if not path.is_file():
        raise MicroscopeError(f"The microscope configuration {path} does not exist.")
    return Profile.model_construct(name=path.stem, configuration=path)


def open_living_demo(shape: tuple[int, int]) -> Microscope:
    """MMCore's demo devices around a Python camera that looks at the living sample."""
    core = LivingCore(*demo_adapters())
    with ExitStack() as undo:
        undo.callback(leave, core)
        load_demo_configuration(core)
        core.living = camera = LivingCamera(core, Sample(seed=DEMO_SEED), shape)
        replace_camera(core, camera)
        for preset, binning in {"HighRes": 1, "MedRes": 2, "LowRes": 4}.items():
            core.defineConfig("Camera", preset, "Camera", "Binning", binning)
        camera.light = DemoLight()
        core.loadPyDevice("Light", camera.light)
        core.initializeDevice("Light")
        projector = DemoProjector()
        core.loadPyDevice("Projector", projector)
        core.initializeDevice("Projector")
        core.setSLMDevice("Projector")
        camera.projected = Projected(projector, min(shape) * DEMO_PIXEL_UM)
        microscope = CoreMicroscope(BUILT_IN["demo"], core, camera)
        undo.pop_all()
    return microscope


def open_demo_camera(shape: tuple[int, int]) -> Microscope:
    """Micro-Manager's DemoCamera as it is, with its moving stripes."""
    core = CMMCorePlus(*demo_adapters())
    with ExitStack() as undo:
        undo.callback(leave, core)
        load_demo_configuration(core)
        core.setProperty("Camera", "OnCameraCCDXSize", shape[1])
        core.setProperty("Camera", "OnCameraCCDYSize", shape[0])
        core.setCircularBufferMemoryFootprint(FRAME_BUFFER_MB)
        microscope = CoreMicroscope(BUILT_IN["demo-camera"], core)
        undo.pop_all()
    return microscope


DEMOS: dict[str, Callable[[tuple[int, int]], Microscope]] = {
    "demo": open_living_demo,
    "demo-camera": open_demo_camera,
}


def adapter_folder() -> Path | None:
    """Where the demo's device adapters are; None when they are not installed."""
    folder = _packaged_folder()
    return folder if folder is not None and any(folder.glob("*DemoCamera*")) else None


def _packaged_folder() -> Path | None:
    try:
        import mm_test_adapters  # not above: a real microscope works without it
    except ImportError:
        return None
    return Path(mm_test_adapters.device_adapter_path())


def demo_adapters() -> tuple[str, list[str]]:
    """The folder of the demo adapters, twice: a core wants it for configurations and devices.

    Always given, since a core that looks for itself takes any Micro-Manager on this computer.
    """
    folder = adapter_folder()
    if folder is None:
        raise MicroscopeError(
            "The demo microscope's device adapters are not "
            f"{f'in {where}' if (where := _packaged_folder()) else 'installed'}; install them with "
            "`pip install --force-reinstall mm-test-adapters`."
        )
    return str(folder), [str(folder)]


def load_demo_configuration(core: CMMCorePlus) -> None:
    with commanding("The demo microscope", f"be opened (MMCore: {core.getAPIVersionInfo()})"):
        core.loadSystemConfiguration("MMConfig_demo.cfg")
        core.setConfig("Objective", DEMO_OBJECTIVE)
        core.setConfig("Channel", "DAPI")
        core.setProperty("Z", "UseSequences", "Yes")
        core.setShutterOpen(False)  # DemoCamera's shutter begins open or closed as it happens


def replace_camera(core: UniMMCore, camera: CameraDevice) -> None:
    """Put a Python camera in DemoCamera's place, without the presets of that."""
    for system in core.getAvailableConfigs("System"):
        for device, name, _ in core.getConfigData("System", system):
            if device == "Camera":
                core.deleteConfig("System", system, device, name)
    core.deleteConfigGroup("Camera")
    core.unloadDevice("Camera")
    core.loadPyDevice("Camera", camera)
    core.initializeDevice("Camera")
    core.setCameraDevice("Camera")
    core.setCircularBufferMemoryFootprint(FRAME_BUFFER_MB)


def checked_shape(shape: tuple[int, int]) -> tuple[int, int]:
    smallest, largest = DEMO_SIDES
    if not all(smallest <= side <= largest for side in shape):
        raise MicroscopeError(
            f"A demo camera of {shape[0]} × {shape[1]} pixels cannot be made; "
            f"each side must be {smallest} to {largest}."
        )
    return shape
