"""Read the newest frames of another process's ring."""

from parfocal.viewer._address import RingAddress


class RingReader:
    """One viewer's side of a ring."""

    @classmethod
    def attach(cls, address: RingAddress) -> "RingReader":
        """Open the ring at this address."""
        raise NotImplementedError
