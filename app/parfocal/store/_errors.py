"""Raise `StoreError`: what is wrong with a store, in one sentence with its path."""

import errno

from parfocal import ParfocalError


class StoreError(ParfocalError):
    """A store could not be made, written or read; the sentence names the path and the value."""


def cause(problem: BaseException) -> str:
    """What went wrong, in words; TensorStore gives no errno, only the beginning of a sentence."""
    text = str(problem) or type(problem).__name__
    number = getattr(problem, "errno", None)
    if text.startswith("RESOURCE_EXHAUSTED") or number in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"  # and not how TensorStore tells it, in three nested sentences
    if text.startswith("OUT_OF_RANGE") or number == errno.EFBIG:
        return f"the largest size of a file is reached ({text})"
    return text
