"""Lay fields out in the wells of a plate, as NGFF lists them."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from parfocal.store._cameras import Camera
from parfocal.store._errors import StoreError
from parfocal.store._images import ImagePlace
from parfocal.store._layout import WELL
from parfocal.store._spec import FieldInfo

# two letters are 702 rows; more could collide with `parfocal` and `results`
WELL_NAME = re.compile(r"([A-Z]{1,2})/([1-9][0-9]{0,3})")


def place_images(fields: Sequence[FieldInfo], cameras: Sequence[Camera]) -> list[ImagePlace]:
    """The images of the fields, one a camera.

    The images of a well are numbered field by field and not camera by camera, so that a field
    that joins later moves none.
    """
    places = []
    taken: dict[str, int] = {}
    for number, field in enumerate(fields):
        well = well_of(field)
        for camera in cameras:
            name = taken.get(well, 0)
            taken[well] = name + 1
            places.append(ImagePlace(f"{well}/{name}", number, camera.channels))
    return places


def well_of(field: FieldInfo) -> str:
    """The path of a field's well; that of a plan without plate is `A/1`."""
    return field.well or WELL


def require_wells(fields: Sequence[FieldInfo], plate: tuple[int, int] | None) -> None:
    """Refuse a name that is no well, or a well beyond the plate."""
    for field in fields:
        well = well_of(field)
        if not WELL_NAME.fullmatch(well):
            message = f"field {field.name!r} is in well {well!r}; a well is named like B/3"
            raise StoreError(message)
        row, column = _indices(well)
        if plate is not None and (row >= plate[0] or column >= plate[1]):
            rows, columns = plate
            message = f"field {field.name!r} is in well {well}, outside {rows} × {columns} wells"
            raise StoreError(message)


def plate_layout(
    fields: Sequence[FieldInfo], cameras: Sequence[Camera], plate: tuple[int, int] | None
) -> dict[str, Any]:
    """Rows, columns, wells and field counts of NGFF's plate: the whole one, when its size is known.

    Otherwise from A and 1 to the last well that is used.
    """
    counts = Counter(well_of(field) for field in fields)
    wells = [(well, *_indices(well)) for well in counts]
    rows, columns = plate or (
        1 + max(row for _, row, _ in wells),
        1 + max(column for _, _, column in wells),
    )
    most = max(counts.values())
    return {
        "rows": [{"name": row_name(row)} for row in range(rows)],
        "columns": [{"name": str(column + 1)} for column in range(columns)],
        "wells": [
            {"path": well, "rowIndex": row, "columnIndex": column}
            for well, row, column in sorted(wells, key=lambda well: well[1:])
        ],
        "field_count": most,
        "acquisitions": [
            {"id": camera.number, "name": camera.name, "maximumfieldcount": most}
            for camera in cameras
        ],
    }


def wells_and_images(
    places: Sequence[ImagePlace], cameras: Sequence[Camera]
) -> dict[str, list[dict[str, Any]]]:
    """The images that NGFF lists in each well; every camera is an acquisition of its own."""
    numbers = {camera.channels: camera.number for camera in cameras}
    wells: dict[str, list[dict[str, Any]]] = {}
    for place in places:
        well, _, name = place.path.rpartition("/")
        entry = {"path": name, "acquisition": numbers[place.channels]}
        wells.setdefault(well, []).append(entry)
    return wells


def row_name(row: int) -> str:
    """A to Z, then AA, AB and so on, as on plates of 1536 wells."""
    first, last = divmod(row, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + last)


def _indices(well: str) -> tuple[int, int]:
    letters, _, column = well.partition("/")
    row = 0
    for letter in letters:
        row = row * 26 + ord(letter) - ord("A") + 1
    return row - 1, int(column) - 1
