"""Take what a part gives back: NumPy, or anything that speaks DLPack, becomes NumPy once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.react._errors import ReactError

__all__ = ["as_array", "as_labels", "as_mask"]


def as_array(result: Any, what: str) -> NDArray[Any]:
    """The result as a NumPy array in this computer's memory; no copy where none is needed.

    `what` says in the sentence whose result it is.
    """
    if isinstance(result, np.ndarray):
        return result
    if not hasattr(result, "__dlpack__"):
        raise ReactError(
            f"{what} gave back {type(result).__name__}; it has to give a NumPy array, or "
            "something that speaks DLPack"
        )
    try:
        return np.from_dlpack(result)
    except (BufferError, RuntimeError, TypeError, ValueError):
        # on a graphics card: only the library itself can bring it into this memory
        bring = getattr(result, "cpu", None) or getattr(result, "get", None)
        if bring is None:
            raise ReactError(f"{what} gave back an array that is not in this memory") from None
        return np.asarray(bring())


def as_labels(result: Any, shape: tuple[int, int], what: str) -> NDArray[np.int32]:
    """The same as a label image: 0 where no cell is, every other number one cell.

    Numbers beyond that of the picture's pixels are given anew.
    """
    labels = _of_shape(as_array(result, what), shape, what)
    if labels.dtype.kind not in "iub":
        raise ReactError(f"{what} gave back {labels.dtype}; labels are whole numbers")
    if labels.size and (int(labels.min()) < 0 or int(labels.max()) > np.iinfo(np.int32).max):
        raise ReactError(f"{what} gave back labels below 0 or beyond {np.iinfo(np.int32).max}")
    if labels.size and int(labels.max()) > labels.size:
        labels = _numbered_anew(labels)
    return labels.astype(np.int32, copy=False)


def as_mask(result: Any, shape: tuple[int, int], what: str) -> NDArray[np.bool_]:
    """The same as a mask: light falls where it is not 0."""
    mask = _of_shape(as_array(result, what), shape, what)
    return mask if mask.dtype == bool else mask != 0


def _numbered_anew(labels: NDArray[Any]) -> NDArray[Any]:
    """From 1, in the same order: whoever measures makes tables as long as the largest number."""
    numbers, places = np.unique(labels, return_inverse=True)
    return places.reshape(labels.shape) + (0 if numbers[0] == 0 else 1)


def _of_shape(array: NDArray[Any], shape: tuple[int, int], what: str) -> NDArray[Any]:
    if array.shape != shape:
        raise ReactError(f"{what} gave back an image of {array.shape}; the picture has {shape}")
    return array
