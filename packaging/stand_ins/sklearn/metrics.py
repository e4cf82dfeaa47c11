"""Count how often two labellings agree, as laptrack's tracker by overlap asks scikit-learn to."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["confusion_matrix"]


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, *, labels: ArrayLike) -> NDArray[Any]:
    """How often each of `labels` (rows) has each of them (columns) at its place; others count not.

    `labels` ascends, as laptrack gives it.
    """
    known = np.asarray(labels)
    true, other = np.ravel(y_true), np.ravel(y_pred)
    both = np.isin(true, known) & np.isin(other, known)
    cell = np.searchsorted(known, true[both]) * known.size + np.searchsorted(known, other[both])
    return np.bincount(cell, minlength=known.size**2).reshape(known.size, known.size)
