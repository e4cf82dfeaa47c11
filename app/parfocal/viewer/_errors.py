"""Say what stopped a viewer or its ring, in one sentence."""

from parfocal import ParfocalError


class ViewerError(ParfocalError):
    """A viewer or a live stream was refused, failed or has gone; the run is never affected."""
