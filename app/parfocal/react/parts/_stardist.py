"""Find round cells and nuclei with StarDist, where somebody has installed it.

Written for stardist 0.9 and run with 0.9.2, csbdeep 0.8.2, tensorflow 2.21 and keras 3.15, with
weights that nobody had trained: `StarDist2D(None, name, basedir)`, and `predict_instances`, which
gives labels first. Keras says nothing of threads: so it is called by one thread after the other.
"""

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from parfocal.react._errors import ReactError
from parfocal.react.parts._network import Network

__all__ = ["StarDist"]

CONFIGURATION = "config.json"
WEIGHTS = ("*.h5", "*.hdf5")
Percent = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]


class StarDist(Network):
    """A model of star-convex shapes that lies on this computer."""

    packages: ClassVar[tuple[str, ...]] = ("stardist", "tensorflow")
    install: ClassVar[str] = 'pip install "stardist>=0.9" "tensorflow>=2.16"'

    model: Annotated[str, Field(min_length=1)] = "2D_versatile_fluo"
    """The name of a published model that was fetched once, or the folder of one's own."""
    darkest: Percent = 1.0
    """The percentile of the picture that is 0 for the network."""
    brightest: Percent = 99.8
    """The percentile that is 1."""
    probable: Share | None = None
    """How sure an object has to be (its `prob_thresh`); None: as the model was trained."""
    overlap: Share | None = None
    """How much two may overlap (its `nms_thresh`); None: as the model was trained."""

    def segment(self, image: Any) -> Any:
        dark, bright = np.percentile(image, (self.darkest, self.brightest))
        scaled = (np.asarray(image, np.float32) - dark) / max(bright - dark, 1e-6)
        found = self._network().predict_instances(
            scaled.astype(np.float32),
            axes="YX",
            prob_thresh=self.probable,
            nms_thresh=self.overlap,
            show_tile_progress=False,
        )
        return found[0]

    def _load(self) -> Any:
        folder = _folder(self.model)
        # it prints what it loads, and a verb's output is one JSON value
        with redirect_stdout(sys.stderr):
            from stardist.models import StarDist2D

            return StarDist2D(None, name=folder.name, basedir=str(folder.parent))


def _folder(model: str) -> Path:
    """The folder of a model. StarDist itself would fetch one from the network, and go on without
    any weights where there are none."""
    own = Path(model).expanduser()
    kept = _keras_home() / "models" / "StarDist2D" / model
    for place in (own, kept):
        for found in sorted(place.rglob(CONFIGURATION)):
            if any(any(found.parent.glob(ending)) for ending in WEIGHTS):
                return found.parent
    fetch = f"from stardist.models import StarDist2D; StarDist2D.from_pretrained('{model}')"
    raise ReactError(
        f"there is no StarDist model with weights in {kept}, and nothing is fetched before a run; "
        f'copy one there, or fetch it once: type python -c "{fetch}"'
    )


def _keras_home() -> Path:
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
