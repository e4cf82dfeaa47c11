"""A microscope without hardware: design experiments and look at stores; every command says so."""

from pymmcore_plus.experimental.unicore import UniMMCore

from parfocal.scope._core_microscope import CoreMicroscope
from parfocal.scope._hardware import Hardware
from parfocal.scope._microscope import MicroscopeState
from parfocal.scope._profile import Profile

__all__ = ["SafeMicroscope"]


class SafeMicroscope(CoreMicroscope):
    """MMCore with no device in it; no adapter is loaded."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile, UniMMCore("", []), hardware=Hardware(profile.name, present=False))

    @property
    def state(self) -> MicroscopeState:
        """Never open."""
        state = super().state
        return MicroscopeState.NO_HARDWARE if state is MicroscopeState.OPEN else state

    def channel_groups(self) -> dict[str, tuple[str, ...]]:
        """None: there is nothing to switch."""
        return {}

    def halt(self) -> None:
        """Nothing moves, so that there is nothing to stop."""
