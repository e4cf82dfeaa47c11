"""What a run is given to hand its frames to, beside the recording."""

from typing import NamedTuple, Protocol, runtime_checkable

from parfocal.scope import Frame

__all__ = ["CountingSink", "Sink", "SinkCounts"]


class SinkCounts(NamedTuple):
    """What a sink took and what it let go."""

    published: int
    dropped: int


class Sink(Protocol):
    """Takes frames in the engine thread: must not block and must not keep the pixels."""

    @property
    def name(self) -> str: ...

    def offer(self, frame: Frame) -> None: ...


@runtime_checkable
class CountingSink(Protocol):
    """A sink whose counts appear in the status."""

    def counts(self) -> SinkCounts: ...
