"""Say what a viewer needs of whatever holds the newest frames: a ring here, or a rig far away."""

from typing import Protocol

from parfocal.viewer._reader import LiveFrame


class LiveFrames(Protocol):
    """The newest frames of a run. `accepted + dropped` is what was published meanwhile."""

    @property
    def accepted(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    @property
    def finished(self) -> bool: ...
    def fresh(self) -> list[LiveFrame]: ...
    def close(self) -> None: ...
