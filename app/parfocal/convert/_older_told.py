"""Read what a store of an older layout says as a whole: attributes, stage rows, experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from parfocal.convert._description import Zyx
from parfocal.convert._errors import ConvertError
from parfocal.convert._navigate_experiment import NavigateExperiment, read_experiment
from parfocal.convert._stage_rows import read_stage_rows
from parfocal.store import read_attributes

__all__ = ["NAMESPACE", "Told", "read_told"]

NAMESPACE = "clearex"
METADATA = f"{NAMESPACE}/metadata"
EXPERIMENTS = ("navigate_experiment", "source_experiment", "experiment")


@dataclass(frozen=True, slots=True)
class Told:
    """What the store says as a whole."""

    attributes: Mapping[str, Any]
    rows: list[Mapping[str, float]]
    experiment: Mapping[str, Any]

    def channels(self, root: Path, count: int) -> Sequence[str]:
        """The experiment's lasers, if they are as many."""
        lasers = NavigateExperiment(root, self.experiment).channels
        return lasers if len(lasers) == count else [f"channel {n}" for n in range(count)]

    def factors(self, number: int) -> Zyx | None:
        """How much coarser the store says that a level is; shapes alone leave 5 → 2 open."""
        factors = self.attributes.get("data_pyramid_factors_tpczyx")
        one = factors[number] if isinstance(factors, list) and len(factors) > number else None
        if not isinstance(one, list) or len(one) != 6:
            return None
        if not all(isinstance(by, int | float) and by >= 1 for by in one):
            return None
        return float(one[3]), float(one[4]), float(one[5])


def read_told(root: Path) -> Told:
    """Attributes of the root and of the namespace's metadata; the latter win."""
    attributes: dict[str, Any] = {}
    for path in ("", METADATA):
        if any((root / path / name).is_file() for name in ("zarr.json", ".zattrs")):
            attributes |= read_attributes(root / path)[1]
    experiments = [attributes.get(key) for key in EXPERIMENTS]
    experiment = next((one for one in experiments if isinstance(one, Mapping)), {})
    rows = read_stage_rows(attributes.get("stage_rows"))
    rows = rows or _rows_beside(root, attributes.get("source_experiment"))
    return Told(
        attributes, rows or read_stage_rows(experiment.get("MultiPositions")), dict(experiment)
    )


def _rows_beside(root: Path, named: Any) -> list[Mapping[str, float]]:
    """The positions of the experiment from which the store was made, if that is still there."""
    if not isinstance(named, str) or not named.strip():
        return []
    # of another computer: then it may have come along with the store
    for file in (Path(named), root.parent / PureWindowsPath(named).name):
        if file.is_absolute() and file.is_file():
            try:
                return read_experiment(file).rows()
            except ConvertError:
                continue
    return []
