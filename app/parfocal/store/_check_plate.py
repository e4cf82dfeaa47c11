"""Compare what a plate lists with the wells and fields that are there."""

import os
from collections.abc import Iterator
from pathlib import Path

from parfocal.store._check_groups import Group, joined, listed
from parfocal.store._findings import Finding
from parfocal.store._layout import EXTRAS, is_store
from parfocal.store._ngff import read_ome

RESTORE = "restore the folder from a copy, or take it off the list"
ADD = "add it to the list, or move it out of the store"


def check_plates(root: Path, groups: list[Group]) -> Iterator[Finding]:
    """Wells and fields that are listed and absent, or there and not listed."""
    known = {group.path: group for group in groups}
    for group in groups:
        if isinstance(group.ome.get("plate"), dict):
            yield from _wells(root, group, known)
        if isinstance(group.ome.get("well"), dict):
            yield from _fields(root, group, known)


def _wells(root: Path, plate: Group, known: dict[str, Group]) -> Iterator[Finding]:
    wells = listed(plate, "plate", "wells")
    acquisitions = plate.ome["plate"].get("acquisitions")
    ids = {entry.get("id") for entry in acquisitions or [] if isinstance(entry, dict)}
    for well in wells:
        path = joined(plate.path, well)
        group = known.get(path)
        if group is None or not isinstance(group.ome.get("well"), dict):
            message = "the plate lists this well, but there is none"
            yield Finding(path, "well-missing", "error", message, RESTORE)
        elif acquisitions is not None:
            yield from _acquisitions(group, ids)
    for row in _folders(root / plate.path):
        if row in (EXTRAS, "results"):
            continue
        for column in _folders(root / plate.path / row):
            path = joined(plate.path, row, column)
            if f"{row}/{column}" not in wells and _holds(root / path, "well"):
                message = "this well is there, but the plate does not list it"
                yield Finding(path, "well-unlisted", "warning", message, ADD)


def _acquisitions(well: Group, ids: set[object]) -> Iterator[Finding]:
    images = well.ome["well"].get("images")
    for image in images if isinstance(images, list) else []:
        number = image.get("acquisition") if isinstance(image, dict) else None
        if isinstance(number, int) and number not in ids:
            message = f"field {image.get('path')} is of acquisition {number}, unknown to the plate"
            fix = "add the acquisition to the plate, or correct its number"
            yield Finding(well.path, "well-acquisition", "error", message, fix)


def _fields(root: Path, well: Group, known: dict[str, Group]) -> Iterator[Finding]:
    fields = listed(well, "well", "images")
    for field in fields:
        path = joined(well.path, field)
        group = known.get(path)
        if group is None or "multiscales" not in group.ome:
            message = "the well lists this field, but there is no image"
            yield Finding(path, "field-missing", "error", message, RESTORE)
    for name in _folders(root / well.path):
        path = joined(well.path, name)
        if name not in fields and _holds(root / path, "multiscales"):
            message = "this field is there, but the well does not list it"
            yield Finding(path, "field-unlisted", "warning", message, ADD)


def _folders(path: Path) -> list[str]:
    with os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir())


def _holds(group: Path, key: str) -> bool:
    return is_store(group) and key in read_ome(group)
