"""Find cells by their brightness, with scikit-image's functions."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from parfocal.react.parts._part import PIXELS, Part

__all__ = ["Otsu"]


class Otsu(Part):
    """Smooth, take what is brighter than Otsu's threshold, and part what touches by a watershed."""

    smooth: Annotated[float, Field(ge=0, le=50), PIXELS] = 1.5
    """Width of the smoothing, in pixels."""
    threshold: Annotated[float, Field(gt=0, le=10)] = 0.6
    """What Otsu's threshold is multiplied with, from the background up: dim cells need less."""
    apart: Annotated[int, Field(ge=1, le=500), PIXELS] = 7
    """How far the middles of two cells lie apart at least, in pixels."""
    smallest: Annotated[int, Field(ge=1), PIXELS] = 40
    """Pixels of the smallest cell."""

    def prewarm(self) -> None:
        """Import scikit-image, and run it once."""
        spot = np.zeros((32, 32), np.uint16)
        spot[8:20, 8:20] = 500
        self.segment(spot)

    def segment(self, image: Any) -> NDArray[np.int32]:
        from scipy import ndimage
        from skimage.feature import peak_local_max
        from skimage.filters import gaussian, threshold_otsu
        from skimage.morphology import remove_small_objects
        from skimage.segmentation import watershed

        smooth = gaussian(image, self.smooth, preserve_range=True)
        darkest = np.median(smooth[::4, ::4])
        bright = smooth > darkest + self.threshold * (threshold_otsu(smooth) - darkest)
        bright = remove_small_objects(bright, max_size=self.smallest - 1)
        depth = gaussian(ndimage.distance_transform_edt(bright), 1.0)
        pieces, _ = ndimage.label(bright)
        peaks = peak_local_max(depth, min_distance=self.apart, labels=pieces, exclude_border=False)
        seeds = np.zeros(image.shape, np.int32)
        seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
        parted = watershed(-depth, seeds, mask=bright)
        # what was parted may be too small where the whole was not
        small = np.bincount(parted.ravel()) < self.smallest
        cells: NDArray[np.int32] = np.where(small[parted], 0, parted)
        return cells
