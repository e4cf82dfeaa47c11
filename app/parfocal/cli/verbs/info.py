"""Say what a store holds."""

import argparse
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from parfocal import counted
from parfocal.cli._dispatch import Outcome
from parfocal.store import StoreInfo, info, list_labels, list_results, list_tables

FIELDS_NAMED = 8
PLANES_NAMED = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", type=Path, metavar="STORE", help="an .ome.zarr folder")


def run(arguments: argparse.Namespace) -> Outcome:
    """Read the store's metadata."""
    found = info(arguments.store)
    derived = _derived(arguments.store)
    return Outcome({**found.as_json(), **derived}, "\n".join([_text(found), *_told(derived)]))


def _derived(store: Path) -> dict[str, Any]:
    return {
        "results": [asdict(result) for result in list_results(store)],
        "labels": {image: list(names) for image, names in list_labels(store).items()},
        "tables": list(list_tables(store)),
    }


def _told(derived: dict[str, Any]) -> list[str]:
    """One line each for what was made of the store, none where there is nothing."""
    runs = Counter(result["analysis"] for result in derived["results"])
    labels = Counter(name for names in derived["labels"].values() for name in names)
    counted = {
        word: ", ".join(f"{name} ({count})" for name, count in sorted(found.items()))
        for word, found in (("results", runs), ("labels", labels))
    }
    lines = {**counted, "tables": ", ".join(derived["tables"])}
    return [f"{word:<12} {text}" for word, text in lines.items() if text]


def _text(found: StoreInfo) -> str:
    z, y, x = found.voxel_size_um
    lengths = zip(found.axes, found.shape, strict=False)
    lines = [
        f"{found.path}",
        f"state        {found.state}{f' ({found.reason})' if found.reason else ''}",
        f"planes       {found.acquired} of {found.planned} ({found.missing} missing)",
        f"shape        {' × '.join(f'{axis} {length}' for axis, length in lengths)}, {found.dtype}",
        f"fields       {len(found.fields)}: {', '.join(found.fields)}",
        f"channels     {', '.join(found.channels)}",
        f"levels       {found.levels}",
        f"voxel size   z {z:g}, y {y:g}, x {x:g} µm, from {found.voxel_size_source}",
    ]
    if found.voxel_size_source == "default":
        lines.append("warning      the store does not say its voxel size; 1, 1, 1 is a guess")
    if found.voxel_size_conflicts:
        lines.append("warning      its sources disagree about the voxel size; the first is used:")
        lines += [f"             {number}" for number in found.voxel_size_conflicts]
    lines += [f"note         {note}" for note in found.voxel_size_notes]
    return "\n".join([*lines, *_missing(found)])


def _missing(found: StoreInfo) -> list[str]:
    """A few of the missing planes of a few fields; `--json` names every one."""
    lines = []
    for one in found.missing_planes[:FIELDS_NAMED]:
        planes = [f"t={t} c={c} z={z}" for t, c, z in one.planes[:PLANES_NAMED].tolist()]
        more = f", and {one.count - PLANES_NAMED} more" if one.count > PLANES_NAMED else ""
        name = found.fields[one.field]
        lines.append(f"missing      {one.count} of {name}: {', '.join(planes)}{more}")
    others = len(found.missing_planes) - FIELDS_NAMED
    if others > 0:
        lines.append(
            f"             and some of {counted(others, 'other field')}; --json names every plane"
        )
    return lines
