"""Walk the NGFF groups of a store by what they list, and judge each one's attributes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from parfocal.store._check_document import swapped_wells
from parfocal.store._check_schema import KEYS, VERSIONS, Fault, judge_document, kinds_of
from parfocal.store._findings import Finding, Severity
from parfocal.store._layout import is_store
from parfocal.store._ngff import read_attributes

FIXES = {
    "plate-order": "give each well the path ROW/COLUMN and the indices of both",
    "recommended": "none is needed: readers do without; add it to say more",
    "path-outside": "list only what lies inside the group",
}
ZARR_FORMATS = {"0.4": 2, "0.5": 3}
CORRECT = "correct the metadata, or write the store again"


@dataclass(frozen=True, slots=True)
class Group:
    """One group that has NGFF metadata."""

    path: str
    attributes: dict[str, Any]
    ome: dict[str, Any]
    version: str
    zarr_format: int


def walk_groups(root: Path) -> list[Group]:
    """Every NGFF group of the store that is really there, the root first."""
    found: dict[str, Group] = {}
    waiting = [""]
    while waiting:
        path = waiting.pop()
        if path in found or not is_store(root / path):
            continue
        found[path] = _read_group(root, path)
        waiting += reversed([joined(path, child) for child in _children(root, found[path])])
    return list(found.values())


def judge_groups(groups: list[Group]) -> Iterator[Finding]:
    """What is wrong with the attributes of each group, by schema and by rule."""
    for group in groups:
        if group.version not in VERSIONS:
            message = f"NGFF {group.version} is read, but only 0.4 and 0.5 can be judged"
            yield Finding(group.path or ".", "version", "warning", message, "parfocal migrate")
            continue
        kinds = kinds_of(group.ome)
        if kinds and group.zarr_format != ZARR_FORMATS[group.version]:
            needed = ZARR_FORMATS[group.version]
            message = f"NGFF {group.version} needs Zarr version {needed}, not {group.zarr_format}"
            yield Finding(group.path or ".", "zarr-format", "error", message, CORRECT)
        for kind in kinds:
            for fault in judge_document(group.attributes, group.version, kind, strict=True):
                if not _needs_a_pyramid(group, fault):
                    yield _as_finding(group, fault)
            if kind == "plate" and group.version == "0.4":
                yield from _swapped(group)
    yield from _mixed_versions(groups)


def listed(group: Group, *keys: str) -> list[str]:
    """The paths that a group lists, those left out that cannot be a path inside it."""
    value: Any = group.ome
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    entries = value if isinstance(value, list) else []
    paths = [entry.get("path") if isinstance(entry, dict) else entry for entry in entries]
    return [path for path in paths if isinstance(path, str) and _is_inside(path)]


def joined(*parts: str) -> str:
    """A path inside the store."""
    return "/".join(part for part in parts if part)


def _read_group(root: Path, path: str) -> Group:
    zarr_format, attributes = read_attributes(root / path)
    ome = attributes.get("ome", attributes)
    ome = ome if isinstance(ome, dict) else {}
    version = ome.get("version", "0.5") if "ome" in attributes else _old_version(ome)
    return Group(path, attributes, ome, str(version), zarr_format)


def _old_version(ome: dict[str, Any]) -> str:
    """Before 0.5 each object has its own version, and 0.4 may leave it out."""
    for key in KEYS:
        held = ome.get(key)
        first = held[0] if isinstance(held, list) and held else held
        if isinstance(first, dict) and "version" in first:
            return str(first["version"])
    return "0.4"


def _children(root: Path, group: Group) -> Iterator[str]:
    yield from listed(group, "plate", "wells")
    yield from listed(group, "well", "images")
    yield from listed(group, "labels")
    if "multiscales" in group.ome:
        yield "labels"
    if "bioformats2raw.layout" in group.ome and "plate" not in group.ome:
        yield "OME"
        number = 0
        while is_store(root / group.path / str(number)):
            yield str(number)
            number += 1


def _needs_a_pyramid(group: Group, fault: Fault) -> bool:
    """How levels were made is recommended, and means nothing where there is one level."""
    if not fault.recommended or not fault.where.startswith(("multiscales", "ome.multiscales")):
        return False
    missing = fault.message.split("'")[1:2]
    single = all(len(scale["datasets"]) == 1 for scale in group.ome["multiscales"])
    return single and missing in (["type"], ["metadata"])


def _as_finding(group: Group, fault: Fault) -> Finding:
    message = f"{fault.where}: {fault.message}" if fault.where else fault.message
    severity: Severity = "warning" if fault.recommended else "error"
    fix = FIXES.get(fault.rule, CORRECT)
    return Finding(group.path or ".", fault.rule, severity, message, fix)


def _swapped(group: Group) -> Iterator[Finding]:
    wells = swapped_wells(group.ome)
    if wells:
        message = f"well {wells[0]} and {len(wells) - 1} more name the column before the row"
        path = group.path or "."
        yield Finding(path, "plate-order", "warning", message, FIXES["plate-order"])


def _mixed_versions(groups: list[Group]) -> Iterator[Finding]:
    told = {group.version: group.path for group in reversed(groups) if kinds_of(group.ome)}
    if len(told) > 1:
        places = ", ".join(f"{version} in {path or '.'}" for version, path in sorted(told.items()))
        yield Finding(".", "version-mixed", "error", f"its groups are NGFF {places}", CORRECT)


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    return bool(path) and not parts.is_absolute() and ".." not in parts.parts and "\0" not in path
