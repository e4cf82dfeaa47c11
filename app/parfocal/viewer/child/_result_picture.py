"""Know the picture that results are laid on: its axes, and where the sliders stand."""

from parfocal.viewer._result_ground import Ground
from parfocal.viewer._source import Sizes
from parfocal.viewer.child._result_grounds import grounds_of
from parfocal.viewer.child._scene import Scene


class ResultPicture:
    """The store in a window as its image layers show it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @property
    def sizes(self) -> Sizes:
        """How many planes there are."""
        return self._scene.facts.sizes

    @property
    def arrangement(self) -> object:
        """Something that is equal as long as layers of results need not be made anew."""
        return self._scene.components, self._scene.facts

    def grounds(self, channel: int) -> list[Ground]:
        """How this channel's layers lie: one for each part of the store that has layers of its
        own."""
        return list(grounds_of(self._scene.arrangement, channel))

    def numbers(self) -> tuple[int, ...]:
        """Where the sliders stand."""
        return self._scene.numbers()
