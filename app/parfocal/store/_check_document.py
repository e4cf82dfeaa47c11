"""Check in one attributes document what the specification demands and no schema can say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, TypeAlias

Said: TypeAlias = tuple[str, str, str]
"""Where it is, which rule, and what is wrong."""
FIRST_TO_LAST = {"time": 0, "space": 2}


def broken_rules(ome: Mapping[str, Any], version: str, kind: str) -> Iterator[Said]:
    """What a document breaks that is valid by its schema."""
    if kind == "image":
        yield from _image_rules(ome)
    elif kind == "plate":
        yield from _plate_rules(ome["plate"], version)
    elif kind == "well":
        paths = [image["path"] for image in ome["well"]["images"]]
        yield from _twice("well.images", "well-images", paths)
    elif kind == "label":
        for key in ("colors", "properties"):
            values = [entry["label-value"] for entry in ome["image-label"].get(key, ())]
            yield from _twice(f"image-label.{key}", "label-values", values)
    elif kind in ("labels", "series"):
        yield from _twice(kind, kind, ome[kind])
        yield from _outside(kind, ome[kind])


def swapped_wells(ome: Mapping[str, Any]) -> list[str]:
    """Wells whose path names the column first, which the cases for 0.4 do and 0.5 forbids."""
    try:
        plate = ome["plate"]
        return [str(well["path"]) for well in plate["wells"] if _is_swapped(plate, well)]
    except (KeyError, TypeError):
        return []  # no plate, or one that its schema refuses


def _image_rules(ome: Mapping[str, Any]) -> Iterator[Said]:
    for number, multiscale in enumerate(ome["multiscales"]):
        where = f"multiscales[{number}]"
        axes = multiscale["axes"]
        yield from _twice(f"{where}.axes", "axes", [axis["name"] for axis in axes])
        ranks = [FIRST_TO_LAST.get(axis.get("type", ""), 1) for axis in axes]
        if ranks != sorted(ranks):
            order = ", ".join(axis["name"] for axis in axes)
            message = f"the axes {order} are not in the order time, channel, space"
            yield f"{where}.axes", "axes", message
        paths = [dataset["path"] for dataset in multiscale["datasets"]]
        yield from _twice(f"{where}.datasets", "levels", paths)
        yield from _outside(f"{where}.datasets", paths)
        for holder in [*multiscale["datasets"], multiscale]:
            steps = [step["type"] for step in holder.get("coordinateTransformations", ())]
            if steps == ["translation", "scale"]:
                message = "a translation stands before the scale, so it would be scaled too"
                yield f"{where}.coordinateTransformations", "transformations", message


def _plate_rules(plate: Mapping[str, Any], version: str) -> Iterator[Said]:
    rows = [row["name"] for row in plate["rows"]]
    columns = [column["name"] for column in plate["columns"]]
    yield from _twice("plate.rows", "plate-rows", rows)
    yield from _twice("plate.columns", "plate-columns", columns)
    yield from _twice("plate.wells", "plate-wells", [well["path"] for well in plate["wells"]])
    ids = [acquisition["id"] for acquisition in plate.get("acquisitions", ())]
    yield from _twice("plate.acquisitions", "plate-acquisitions", ids)
    for number, well in enumerate(plate["wells"]):
        row, column = well["rowIndex"], well["columnIndex"]
        where = f"plate.wells[{number}]"
        if row >= len(rows) or column >= len(columns):
            message = (
                f"row {row} or column {column} of well {well['path']} is not among the "
                f"{len(rows)} rows and {len(columns)} columns"
            )
            yield where, "plate-order", message
        elif well["path"] != f"{rows[row]}/{columns[column]}":
            # the official cases for 0.4 name the column first and call it valid: told apart
            if version == "0.4" and _is_swapped(plate, well):
                continue
            message = f"well {well['path']} has the indices of {rows[row]}/{columns[column]}"
            yield where, "plate-order", message


def _is_swapped(plate: Mapping[str, Any], well: Mapping[str, Any]) -> bool:
    row, column = well["rowIndex"], well["columnIndex"]
    rows, columns = plate["rows"], plate["columns"]
    if row >= len(rows) or column >= len(columns):
        return False
    names = (rows[row]["name"], columns[column]["name"])
    return names[0] != names[1] and str(well["path"]) == f"{names[1]}/{names[0]}"


def _twice(where: str, rule: str, values: Iterable[Any]) -> Iterator[Said]:
    for value, count in Counter(values).items():
        if count > 1:
            yield where, rule, f"{value} stands there {count} times"


def _outside(where: str, paths: Iterable[str]) -> Iterator[Said]:
    for path in paths:
        if PurePosixPath(path).is_absolute() or ".." in path.split("/"):
            yield where, "path-outside", f"{path} leads out of its group"
