"""The one error of this room: raise it with a sentence that names the device and the value."""

from parfocal import ParfocalError

__all__ = ["MicroscopeError"]


class MicroscopeError(ParfocalError):
    """The microscope refused or failed; the sentence says which device, which value, what to do."""
