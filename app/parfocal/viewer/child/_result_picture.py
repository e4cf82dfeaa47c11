"""Know the picture that results are laid on: its axes, and where the sliders stand."""

from typing import Any

from parfocal.viewer._result_ground import Ground, ground_of
from parfocal.viewer._source import PlaneSource, Sizes


class ResultPicture:
    """The store in a window as its image layers show it."""

    def __init__(self, viewer: Any, source: PlaneSource) -> None:
        self._viewer = viewer
        self._source = source

    @property
    def sizes(self) -> Sizes:
        """How many planes there are."""
        return self._source.facts.sizes

    @property
    def arrangement(self) -> object:
        """Something that is equal as long as layers of results need not be made anew."""
        return self._source.facts.sizes

    def grounds(self, channel: int) -> list[Ground]:
        """How this channel's layers lie: one for each part of the store that has layers of its
        own."""
        return [ground_of(self._source.facts, channel)]

    def numbers(self) -> tuple[int, ...]:
        """Where the sliders stand."""
        return tuple(int(step) for step in self._viewer.dims.current_step[:3])
