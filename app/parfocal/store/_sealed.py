"""Hand the planes of a shard on while they are still in memory: its pixels are on the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from numpy.typing import NDArray

from parfocal.store._images import ImagePlace
from parfocal.store._shards import Shard, copy_out
from parfocal.store._spec import Index


@dataclass(frozen=True, slots=True)
class SealedShard:
    """A shard that was just committed; its planes can be had as long as the call lasts.

    `image` is the image that it belongs to; an index counts in the recording's channels, and
    `image.channel(c)` is the channel's number in the image.
    """

    image: ImagePlace
    _shard: Shard

    @property
    def indices(self) -> tuple[Index, ...]:
        """The planes that came, in the order in which they lie in the shard."""
        return tuple(index for _, index in sorted(self._shard.planes.items()))

    def plane(self, index: Index) -> NDArray[Any]:
        """One of them, as an array of its own."""
        geometry = self._shard.geometry
        return copy_out(self._shard.buffer, geometry.slot_of(index), geometry.plane_shape)


OnSealed: TypeAlias = Callable[[SealedShard], None]
