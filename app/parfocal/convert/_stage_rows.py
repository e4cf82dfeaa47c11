"""Read where the stage stood for each position, and say where its field lies."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from parfocal.convert._description import FoundImage, Zyx
from parfocal.convert._replaced import moved
from parfocal.store import StageAxisMap, StageRow, StoreError

__all__ = ["placed", "read_calibration", "read_stage_rows", "stage_origin"]

COLUMNS = ("X", "Y", "Z", "THETA", "F")
NO_AXIS = "none"


def read_stage_rows(told: Any) -> list[Mapping[str, float]]:
    """Rows of x, y, z, theta, f: lists below a header in any order and case, or objects.

    Without a header the columns are X, Y, Z, THETA, F, as Navigate writes them; anything that is
    no row gives none, since rows are counted.
    """
    if not isinstance(told, list):
        return []
    rows = list(told)
    columns = list(COLUMNS)
    if rows and isinstance(rows[0], list) and any(isinstance(one, str) for one in rows[0]):
        columns = [str(one).strip().upper() for one in rows.pop(0)]
    found: list[Mapping[str, float]] = []
    for row in rows:
        if isinstance(row, Mapping):
            by_name = {str(key).strip().upper(): value for key, value in row.items()}
        elif isinstance(row, list):
            by_name = dict(zip(columns, row, strict=False))
        else:
            return []
        found.append({name.lower(): _number(by_name.get(name)) for name in COLUMNS})
    return found


def read_calibration(told: Any) -> StageAxisMap | None:
    """A `spatial_calibration` of an older store; None when it is none."""
    axes = told.get("stage_axis_map_zyx") if isinstance(told, Mapping) else None
    if not isinstance(axes, Mapping):
        return None
    try:
        return StageAxisMap(*(str(axes[axis]).strip().lower() for axis in "zyx"))
    except (KeyError, StoreError):
        return None


def stage_origin(
    row: Mapping[str, float] | StageRow,
    plane: tuple[int, int],
    voxel: Zyx,
    calibration: StageAxisMap | None = None,
) -> Zyx:
    """Where the first voxel lies: the stage stands at the middle of the picture."""
    axes = calibration or StageAxisMap()
    half = 0.0, (plane[0] - 1) / 2 * voxel[1], (plane[1] - 1) / 2 * voxel[2]
    found = []
    for bound, less in zip((axes.z, axes.y, axes.x), half, strict=True):
        if bound == NO_AXIS:
            found.append(0.0 - less)
            continue
        value = getattr(row, bound[1]) if isinstance(row, StageRow) else row[bound[1]]
        found.append((-value if bound[0] == "-" else value) - less)
    return found[0], found[1], found[2]


def placed(
    image: FoundImage, row: Mapping[str, float] | StageRow, calibration: StageAxisMap | None
) -> FoundImage:
    """An image where its row says, all of its levels with it."""
    plane = image.levels[0].canonical[3], image.levels[0].canonical[4]
    origin = stage_origin(row, plane, image.voxel_um, calibration)
    return moved(image, origin)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0.0
    try:
        number = float(value)
    except ValueError:
        return 0.0
    return number if isfinite(number) else 0.0
