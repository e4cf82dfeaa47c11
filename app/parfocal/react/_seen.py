"""What the parts of a pipeline are given: a field at a moment, and the cells found in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells", "Seen", "Table"]

Table: TypeAlias = Mapping[str, NDArray[Any]]
"""Columns of one length, a row a cell."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One field at one timepoint: a plane of each channel, and what the plan says of its phase."""

    t: int
    p: int
    shape: tuple[int, int]
    """Rows and columns, also where no picture is needed."""
    channels: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    pixel_um: float = 1.0
    phase: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one picture: where they are (`labels`), and a table about them.

    The table has `label`, `y`, `x` (the middle, in pixels) and `area`, then whatever was measured,
    and once they were tracked `track` and `parent` (0: none).
    """

    labels: NDArray[np.int32]
    table: Table

    def __len__(self) -> int:
        return len(self.table["label"])

    def with_columns(self, columns: Table) -> "Cells":
        """The same cells with more said about them."""
        return Cells(self.labels, {**self.table, **columns})
