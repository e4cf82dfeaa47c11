"""Give pymmcore-widgets a core that keeps to the profile's limits.

Those widgets set presets and properties in the window's thread, straight at the core: past the
limits of a laser's power, and while live mode has the camera, which then refuses. What they set
goes through the microscope's own settings here, in its hardware thread; what they read is the
core's.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from parfocal import ParfocalError

if TYPE_CHECKING:
    from parfocal.scope import Microscope

__all__ = ["GuardedCore"]


class GuardedCore:
    """Looks like the microscope's core; refusals are told as sentences."""

    def __init__(self, microscope: "Microscope", refused: Callable[[str], object]) -> None:
        self._microscope = microscope
        self._core = microscope.core
        self._refused = refused

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def getPropertyFromCache(self, device: str, name: str) -> str:  # noqa: N802 — the core's
        """As text: of a Python device it is a number, and no preset then seems to be set."""
        return str(self._core.getPropertyFromCache(device, name))

    def setProperty(self, device: str, name: str, value: Any) -> None:  # noqa: N802 — the core's
        """Set a property within its limits; the widget shows what is set when it was refused."""
        try:
            self._microscope.settings.set_property(device, name, value)
        except ParfocalError as error:
            self._refused(str(error))
            # the only error after which pymmcore-widgets' property shows the core's value again
            raise RuntimeError(str(error)) from error

    def setConfig(self, group: str, preset: str) -> None:  # noqa: N802 — the core's
        """Switch a preset within the limits."""
        try:
            self._microscope.settings.set_preset(group, preset)
        except ParfocalError as error:
            self._refused(str(error))
            # not raised: their preset boxes do not expect it. This lets all of them look again
            self._core.events.configSet.emit("", "")
