"""Raise `StoreError`: what is wrong with a store, in one sentence with its path."""

from parfocal import ParfocalError


class StoreError(ParfocalError):
    """A store could not be made, written or read; the sentence names the path and the value."""
