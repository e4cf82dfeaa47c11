"""Name what tifffile raises for a file that is no TIFF or is damaged: more than its own error."""

import struct

from tifffile import TiffFileError

__all__ = ["DAMAGED"]

DAMAGED = (
    TiffFileError,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    TypeError,
    AttributeError,
    ArithmeticError,
    struct.error,
)
