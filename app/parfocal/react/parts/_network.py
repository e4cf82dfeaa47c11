"""What a part with a trained network has in common: loaded once, run once, asked one at a time."""

import threading
from typing import Any, ClassVar

import numpy as np
from pydantic import PrivateAttr

from parfocal.react.parts._part import Part

__all__ = ["Network"]

SMALL = 64


class Network(Part):
    """A segmenter whose network `_load` brings from this computer."""

    one_at_a_time: ClassVar[bool] = True

    _loaded: Any = PrivateAttr(default=None)
    _loading: Any = PrivateAttr(default_factory=threading.Lock)

    def prewarm(self) -> None:
        """Load the weights, and run them once: much is built by the first call."""
        spot = np.zeros((SMALL, SMALL), np.float32)
        spot[24:40, 24:40] = 500
        self.segment(spot)

    def segment(self, image: Any) -> Any:
        raise NotImplementedError

    def _network(self) -> Any:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        raise NotImplementedError
