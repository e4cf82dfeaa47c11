"""A core with nothing loaded, for the hardware wizard: never that of an open microscope."""

import atexit
from pathlib import Path

from pymmcore_plus import CMMCorePlus, find_micromanager

from parfocal.scope._core_microscope import leave
from parfocal.scope._errors import MicroscopeError
from parfocal.scope._open import adapter_folder

__all__ = ["bare_core", "leave_core"]


def bare_core(adapters: Path | None = None) -> CMMCorePlus:
    """A core that finds the device adapters in this folder, or in the Micro-Manager that is there.

    Each adapter's library is loaded and asked for its devices once, which takes seconds with a
    whole Micro-Manager: call it off the GUI thread. Let go of it with `leave_core`.
    """
    found = adapters or find_micromanager() or adapter_folder()
    if found is None:
        raise MicroscopeError(
            "No device adapters were found; install them with `mmcore install`, or name their "
            "folder in MICROMANAGER_PATH."
        )
    core = CMMCorePlus(str(found), [str(found)])
    atexit.register(leave_core, core)
    for library in core.getDeviceAdapterNames():
        try:
            core.getAvailableDevices(library)
        except RuntimeError:  # its maker's driver is not installed: it has no devices to offer
            continue
    return core


def leave_core(core: CMMCorePlus) -> None:
    """Unload what was loaded, so that the interpreter exits; twice does no harm."""
    atexit.unregister(leave_core)  # of all there are, and there is one: a wizard is a dialog
    leave(core)
