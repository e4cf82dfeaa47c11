"""The error of this room: what a pipeline or plug-in is refused or fails with, in a sentence."""

from parfocal import ParfocalError

__all__ = ["ReactError"]


class ReactError(ParfocalError):
    """A pipeline that cannot be run, or a part of one that failed; the sentence names the part."""
