"""The microscope's presets and properties: list them, read them, set them within the limits."""

from collections.abc import Callable
from dataclasses import dataclass

from pymmcore_plus import CMMCorePlus

from parfocal.scope._commands import check_channel
from parfocal.scope._errors import commanding
from parfocal.scope._hardware import Hardware
from parfocal.scope._limits import Limits, Range, refuse
from parfocal.scope._live import LiveView
from parfocal.scope._settling import settle

__all__ = ["DeviceProperty", "Settings"]


@dataclass(frozen=True, slots=True)
class DeviceProperty:
    """One property of one device, as it is now."""

    device: str
    name: str
    value: str
    read_only: bool
    choices: tuple[str, ...]
    limits: Range | None


class Settings:
    """Presets (configuration groups) and single properties."""

    def __init__(
        self,
        core: CMMCorePlus,
        hardware: Hardware,
        live: LiveView,
        limits: Callable[[], Limits],
        patience_s: float,
    ) -> None:
        self._core = core
        self._hardware = hardware
        self._live = live
        self._limits = limits
        self._patience_s = patience_s

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Every group of presets, since any can serve as channels; the channel group first."""
        core = self._core
        first = core.getChannelGroup()
        groups = sorted(core.getAvailableConfigGroups(), key=lambda group: group != first)
        return {group: tuple(core.getAvailableConfigs(group)) for group in groups}

    def preset(self, group: str) -> str:
        """The preset that the hardware stands at; empty when at none of them."""
        return self._hardware.call(
            lambda: str(self._core.getCurrentConfig(group)),
            f"say which {group} is set",
            patience_s=self._patience_s,
        )

    def set_preset(self, group: str, preset: str) -> None:
        """Switch, and wait until it is switched; live mode goes on."""
        what = f"set {group} to {preset!r}"

        def change() -> None:
            core, limits = self._core, self._limits()
            check_channel(core, group, preset)
            for device, name, value in core.getConfigData(group, preset):
                refuse(f"{group} {preset!r}", limits.against_property(device, name, value))
            with self._live.interrupted():
                with commanding("The microscope", what):
                    core.setConfig(group, preset)
                settle(
                    core,
                    what,
                    deadline_s=self._patience_s,
                    wanted=lambda: not self._hardware.abandoned,
                )

        self._hardware.call(change, what, patience_s=self._patience_s + 1)

    def properties(self, device: str | None = None) -> tuple[DeviceProperty, ...]:
        """All properties of a device, or of all devices, as they were last read."""

        def read() -> tuple[DeviceProperty, ...]:
            labels = [device] if device is not None else list(self._core.getLoadedDevices())
            return tuple(
                self._read(label, name)
                for label in labels
                for name in self._core.getDevicePropertyNames(label)
            )

        return self._hardware.call(read, "list its properties", patience_s=self._patience_s)

    def set_property(self, device: str, name: str, value: object) -> None:
        """Set one property, within the limits of its power; live mode goes on."""

        def change() -> None:
            refuse(f"Device {device!r}", self._limits().against_property(device, name, value))
            with (
                self._live.interrupted(),
                commanding(f"Device {device!r}", f"set {name!r} to {value!r}"),
            ):
                self._core.setProperty(device, name, value)  # type: ignore[arg-type]  # str()s it

        self._hardware.call(
            change, f"set {device}'s {name} to {value}", patience_s=self._patience_s
        )

    def _read(self, device: str, name: str) -> DeviceProperty:
        core = self._core
        with commanding(f"Device {device!r}", f"say its {name!r}"):
            bounded = core.hasPropertyLimits(device, name)
            return DeviceProperty(
                device=device,
                name=name,
                value=str(core.getProperty(device, name)),
                read_only=core.isPropertyReadOnly(device, name),
                choices=tuple(map(str, core.getAllowedPropertyValues(device, name))),
                limits=Range(
                    float(core.getPropertyLowerLimit(device, name)),
                    float(core.getPropertyUpperLimit(device, name)),
                )
                if bounded
                else None,
            )
        raise AssertionError("commanding swallows nothing")
