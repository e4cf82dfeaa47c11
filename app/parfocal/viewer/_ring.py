"""Publish the newest frames for the viewers without ever waiting for one."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import DTypeLike, NDArray

from parfocal.viewer._address import RingAddress


class Ring:
    """A fixed number of slots in shared memory, written by one thread of one process."""

    published: int
    dropped: int

    @classmethod
    def create(cls, plane_shape: tuple[int, int], dtype: DTypeLike, slots: int = 10) -> "Ring":
        """Allocate and reserve all slots at once; a full /dev/shm is refused here."""
        raise NotImplementedError

    @property
    def address(self) -> RingAddress:
        """Where readers find it."""
        raise NotImplementedError

    def publish(
        self, pixels: NDArray[Any], coordinates: Mapping[str, int], layer: str = ""
    ) -> bool:
        """Copy one frame into the oldest slot that nobody reads; False when it was dropped."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the memory; it is freed when the last reader does too."""
        raise NotImplementedError
