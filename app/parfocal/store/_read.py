"""Read planes of a store lazily, without writing anything."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store._info import StoreInfo
from parfocal.store._spec import Index


class StoreReader:
    """A store opened for reading."""

    def __init__(self, path: Path | str) -> None:
        raise NotImplementedError

    @property
    def info(self) -> StoreInfo:
        """What the store holds."""
        raise NotImplementedError

    def plane(self, index: Index, level: int = 0) -> NDArray[np.generic]:
        """One plane (t, p, c, z)."""
        raise NotImplementedError

    def array(self, field: int = 0, level: int = 0) -> Any:
        """The TensorStore handle of a field's TCZYX array."""
        raise NotImplementedError
