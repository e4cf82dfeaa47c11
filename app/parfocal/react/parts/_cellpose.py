"""Find cells with Cellpose, where somebody has installed it.

Written for cellpose 4 after the source of 4.2.1.1, and not run with it here (its torch is some
gigabytes): `CellposeModel(gpu, pretrained_model)`, and `eval`, which gives labels first. Its calls
change a table of defaults that all of them share, and a graphics card holds one at a time: so it is
called by one thread after the other.
"""

from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from parfocal.react._errors import ReactError
from parfocal.react.parts._network import Network

__all__ = ["Cellpose"]


class Cellpose(Network):
    """The network of Cellpose, with the weights that lie on this computer."""

    packages: ClassVar[tuple[str, ...]] = ("cellpose",)
    install: ClassVar[str] = 'pip install "cellpose>=4"'

    model: str = ""
    """A model's name or its file; empty: the one that this Cellpose takes by itself."""
    diameter: Annotated[float, Field(gt=0, le=5000)] | None = None
    """How large cells are, in pixels; None: as the picture is."""
    flow: Annotated[float, Field(ge=0, le=10)] = 0.4
    """How much the flow of a cell may be off (its `flow_threshold`)."""
    cell: Annotated[float, Field(ge=-20, le=20)] = 0.0
    """What is a cell (its `cellprob_threshold`): less finds more and larger ones."""
    smallest: Annotated[int, Field(ge=1)] = 15
    """Pixels of the smallest cell."""
    gpu: bool = True
    """Whether to use a graphics card where there is one."""

    def segment(self, image: Any) -> Any:
        found = self._network().eval(
            np.asarray(image, np.float32),
            diameter=self.diameter,
            flow_threshold=self.flow,
            cellprob_threshold=self.cell,
            min_size=self.smallest,
        )
        return found[0]

    def _load(self) -> Any:
        from cellpose import models

        weights = _weights(models, self.model)
        return models.CellposeModel(gpu=self.gpu, pretrained_model=str(weights))


def _weights(models: Any, model: str) -> Path:
    """The file of a model. Cellpose itself would fetch one that is not there from the network, and
    take another one for a name that it does not know."""
    own = Path(model).expanduser()
    if model and own.is_file():
        return own
    known = [*models.MODEL_NAMES, *models.get_user_models()]
    name = model or known[0]
    if name not in known:
        raise ReactError(
            f"there is no model {name!r} of Cellpose; there are {', '.join(known)}, and the path "
            "of any file of weights"
        )
    kept = Path(models.MODEL_DIR) / name
    if not kept.is_file():
        fetch = f"from cellpose import models; models.CellposeModel(pretrained_model='{name}')"
        raise ReactError(
            f"the weights of Cellpose {kept} are not on this computer, and nothing is fetched "
            f'before a run; copy them there, or fetch them once: type python -c "{fetch}"'
        )
    return kept
