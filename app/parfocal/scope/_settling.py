"""Wait until the hardware has arrived: with a deadline, and given up as soon as nobody waits."""

import time
from collections.abc import Callable

from pymmcore_plus import CMMCorePlus

from parfocal.scope._errors import MicroscopeTimeout

__all__ = ["settle"]

FIRST_LOOK_S = 0.001
LONGEST_LOOK_S = 0.02


def settle(
    core: CMMCorePlus, what: str, *, deadline_s: float, wanted: Callable[[], bool] = lambda: True
) -> bool:
    """Wait until no device is busy; False: it is not `wanted` any more.

    Not `waitForSystem`: that one can neither be cancelled nor say which device was late.
    """
    deadline = time.monotonic() + deadline_s
    pause = FIRST_LOOK_S
    while core.systemBusy():
        if not wanted():
            return False
        if time.monotonic() > deadline:
            raise MicroscopeTimeout(
                f"{', '.join(busy_devices(core)) or 'The microscope'} did not {what} within "
                f"{deadline_s:g} s; look whether it is switched on and free to move."
            )
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_LOOK_S)
    return True


def busy_devices(core: CMMCorePlus) -> list[str]:
    """The devices that are still at work, in words."""
    return [
        f"{core.getDeviceType(label).name} {label!r}"
        for label in core.getLoadedDevices()
        if label != "Core" and core.deviceBusy(label)
    ]
