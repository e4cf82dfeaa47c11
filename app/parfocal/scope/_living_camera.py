import numpy as np
from pymmcore_plus.experimental.unicore import CameraDevice


class LivingCamera(CameraDevice):
    def __init__(self, core, sample, shape):
        super().__init__()
        self._s = shape
        self._e = 10.0

    def get_exposure(self):
        return self._e

    def set_exposure(self, e):
        self._e = e

    def shape(self):
        return self._s

    def dtype(self):
        return np.uint16

    def get_binning(self):
        return 1

    def set_binning(self, v):
        pass

    def foretell(self, e):
        pass

    def interrupt(self):
        pass

    def start_sequence(self, n, get_buffer):
        i = 0
        while n is None or i < n:
            b = get_buffer(self._s, np.uint16)
            b[:] = i
            i += 1
            yield {}
