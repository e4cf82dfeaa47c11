"""Opening a microscope: name a profile, get a `Microscope` that leaves cleanly."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from pymmcore_plus import CMMCorePlus, find_micromanager
from pymmcore_plus.experimental.unicore import UniMMCore

from parfocal.scope._core_microscope import CoreMicroscope, leave
from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._living_camera import LivingCamera, LivingCore
from parfocal.scope._microscope import Microscope
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
    profile: str | None = None, *, camera_size: tuple[int, int] | None = None
) -> Microscope:
    """Open the microscope of `profile`: "demo" (also when none is given), "demo-camera", or the
    path of a Micro-Manager configuration. `camera_size` (rows, columns) is for the demos."""
    # it writes every event to its own log file: 0.85 ms of the 2.7 ms that a snapped event took
    logging.getLogger("pymmcore-plus").setLevel(logging.WARNING)
    name = profile or "demo"
    if opener := DEMOS.get(name):
        return opener(checked_shape(camera_size or DEMO_CAMERA_SHAPE))
    path = Path(name).expanduser()
    if path.suffix.lower() != ".cfg":
        raise MicroscopeError(
            f"There is no microscope {name!r}; there are {', '.join(DEMOS)}, and the path of any "
            "Micro-Manager configuration (.cfg)."
        )
    if not path.is_file():
        raise MicroscopeError(f"The microscope configuration {path} does not exist.")
    if camera_size is not None:
        raise MicroscopeError(
            f"The camera of {path} has its own size; "
            f"{camera_size} can be asked of {', '.join(DEMOS)}."
        )
    return open_configuration(path)


def open_living_demo(shape: tuple[int, int]) -> Microscope:
    """MMCore's demo devices around a Python camera that looks at the living sample."""
    core = LivingCore(*demo_adapters())
    with ExitStack() as undo:
        undo.callback(leave, core)
        load_demo_configuration(core)
        core.living = camera = LivingCamera(core, Sample(seed=DEMO_SEED), shape)
        replace_camera(core, camera)
        undo.pop_all()
    return CoreMicroscope("demo", core, camera)


def open_demo_camera(shape: tuple[int, int]) -> Microscope:
    """Micro-Manager's DemoCamera as it is, with its moving stripes."""
    core = CMMCorePlus(*demo_adapters())
    with ExitStack() as undo:
        undo.callback(leave, core)
        load_demo_configuration(core)
        core.setProperty("Camera", "OnCameraCCDXSize", shape[1])
        core.setProperty("Camera", "OnCameraCCDYSize", shape[0])
        core.setCircularBufferMemoryFootprint(FRAME_BUFFER_MB)
        undo.pop_all()
    return CoreMicroscope("demo-camera", core)


def open_configuration(path: Path) -> Microscope:
    """A real microscope, as Micro-Manager's configuration file describes it."""
    directory = find_micromanager()
    if directory is None:
        raise MicroscopeError(
            f"{path} needs Micro-Manager's device adapters and none were found; install them with "
            "`mmcore install`, or name their folder in MICROMANAGER_PATH."
        )
    core = UniMMCore(directory, [directory])
    with ExitStack() as undo:
        undo.callback(leave, core)
        with commanding(
            f"The configuration {path}",
            f"be loaded with the adapters in {directory} (MMCore: {core.getAPIVersionInfo()})",
        ):
            core.loadSystemConfiguration(path)
        undo.pop_all()
    return CoreMicroscope(path.stem, core)


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


def replace_camera(core: UniMMCore, camera: LivingCamera) -> None:
    """Put the living camera in DemoCamera's place, name and presets."""
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
    for preset, binning in {"HighRes": 1, "MedRes": 2, "LowRes": 4}.items():
        core.defineConfig("Camera", preset, "Camera", "Binning", binning)


def checked_shape(shape: tuple[int, int]) -> tuple[int, int]:
    smallest, largest = DEMO_SIDES
    if not all(smallest <= side <= largest for side in shape):
        raise MicroscopeError(
            f"A demo camera of {shape[0]} × {shape[1]} pixels cannot be made; "
            f"each side must be {smallest} to {largest}."
        )
    return shape
