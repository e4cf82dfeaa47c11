"""What a run says when it is asked for something that it does not do."""

from parfocal import ParfocalError

__all__ = ["RunRefused"]


class RunRefused(ParfocalError):  # noqa: N818 - a refusal is no error
    """A run that was not started or changed, and what to do instead."""
