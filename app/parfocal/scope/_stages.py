"""Move the stages by hand, within their limits, and halt them from any thread."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from pymmcore_plus import CMMCorePlus, DeviceType

from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._hardware import Hardware
from parfocal.scope._limits import Limits, refuse
from parfocal.scope._microscope import StagePosition
from parfocal.scope._settling import settle

__all__ = ["Stages"]

# how long a halt waits for the stages to say that they stopped
HALT_S = 0.8
# how often a stage is asked where it is while it moves
PASSING_S = 0.2


class Stages:
    """XY stage and focus drive. A move returns when it has arrived; call it off the GUI thread."""

    def __init__(
        self, core: CMMCorePlus, hardware: Hardware, limits: Callable[[], Limits], patience_s: float
    ) -> None:
        self._core = core
        self._hardware = hardware
        self._limits = limits
        self._patience_s = patience_s
        self._halts = 0
        self._looked = 0.0
        self.passing: StagePosition | None = None
        """Where the stage came by a moment ago, during a move; None: none is under way."""

    def position(self) -> StagePosition:
        """Where the stage says it is."""
        return self._hardware.call(self._read, "say where it is", patience_s=self._patience_s)

    def move_xy(self, x: float, y: float) -> None:
        """Go there and wait for it."""
        self._move(f"move to x {x:g}, y {y:g} µm", partial(self._go, x=x, y=y))

    def move_z(self, z: float) -> None:
        """Focus there and wait for it."""
        self._move(f"move to z {z:g} µm", partial(self._go, z=z))

    def move_by(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        """Go so much further from where it is; the end of the way must be within the limits."""

        def go() -> None:
            here = self._read()
            self._go(
                here.x + x if x or y else None,
                here.y + y if x or y else None,
                here.z + z if z else None,
            )

        self._move(f"move by x {x:+g}, y {y:+g}, z {z:+g} µm", go)

    def halt(self) -> None:
        """Stop every stage at once, also while another thread waits for one; that wait ends.

        Returns within a second. A stage that moves on is an error that names it.
        """
        self._halts += 1
        troubles: dict[str, str] = {}
        labels = [
            label
            for kind in (DeviceType.XYStage, DeviceType.Stage)
            for label in self._core.getLoadedDevicesOfType(kind)
        ]
        # a thread each: one that does not answer must not keep the others moving
        threads = [
            threading.Thread(
                target=self._stop, args=(label, troubles), name="parfocal-halt", daemon=True
            )
            for label in labels
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + HALT_S
        for thread, label in zip(threads, labels, strict=True):
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                troubles[label] = f"it does not answer for {HALT_S} s"
        if troubles:
            raise MicroscopeError(
                "Not everything could be halted: "
                + "; ".join(f"stage {label!r}: {said}" for label, said in troubles.items())
                + ". Switch it off by hand if it still moves."
            )

    # ------------------------------------------------------------------ in the hardware thread

    def _read(self) -> StagePosition:
        core = self._core
        with commanding("The stage", "say where it is"):
            x, y = core.getXYPosition() if core.getXYStageDevice() else (0.0, 0.0)
            z = core.getZPosition() if core.getFocusDevice() else 0.0
        return StagePosition(x + 0.0, y + 0.0, z + 0.0)  # DXYStage stands at -0.0

    def _move(self, what: str, go: Callable[[], None]) -> None:
        halts = self._halts

        def wanted() -> bool:
            self._look_in_passing()
            return self._halts == halts and not self._hardware.abandoned

        def move() -> None:
            if wanted():
                go()
            try:
                settle(self._core, what, deadline_s=self._patience_s, wanted=wanted)
            finally:
                self.passing = None
            if not wanted():  # a stage that was stopped is not busy either
                raise MicroscopeError(f"The stage was halted while it was to {what}.")

        self._hardware.call(move, what, patience_s=self._patience_s + 1)

    def _look_in_passing(self) -> None:
        """Nobody else can ask during a move: this thread is the one that asks the hardware."""
        now = time.monotonic()
        if now - self._looked > PASSING_S:
            self._looked = now
            with suppress(MicroscopeError):  # the move counts, not the looking
                self.passing = self._read()

    def _go(self, x: float | None = None, y: float | None = None, z: float | None = None) -> None:
        core = self._core
        against = self._limits().against_place(x, y, z)
        if x is not None and y is not None:
            device = core.getXYStageDevice()
            if not device:
                raise MicroscopeError("This microscope has no XY stage.")
            refuse(f"XY stage {device!r}", against)
            with commanding(f"XY stage {device!r}", f"move to x {x:g}, y {y:g} µm"):
                core.setXYPosition(x, y)
        if z is not None:
            device = core.getFocusDevice()
            if not device:
                raise MicroscopeError("This microscope has no focus drive.")
            refuse(f"Focus drive {device!r}", against)
            with commanding(f"Focus drive {device!r}", f"move to z {z:g} µm"):
                core.setZPosition(z)

    def _stop(self, label: str, troubles: dict[str, str]) -> None:
        try:
            with commanding(f"Stage {label!r}", "be halted"):
                self._core.stop(label)
        except MicroscopeError as error:
            # many drives cannot stop and say so; that matters only while they move
            if self._core.deviceBusy(label):
                troubles[label] = str(error.__cause__ or error)
