"""Write the groups and the metadata of arrays that are carried along."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from parfocal.convert._carried import CarriedPlan
from parfocal.convert._plan import ConversionPlan

__all__ = ["lay_out_carried"]


def lay_out_carried(root: Path, plan: ConversionPlan) -> None:
    """Every array, and every group from the store's root down to it."""
    arrays = [array for array in plan.arrays if isinstance(array, CarriedPlan)]
    groups: dict[str, Mapping[str, Any]] = dict(plan.found.groups)
    for array in arrays:
        for above in PurePosixPath(array.path).parents:
            if above.parts:
                groups.setdefault(str(above), {})
    for path, attributes in groups.items():
        if not (root / path / "zarr.json").exists():
            told = {"zarr_format": 3, "node_type": "group", "attributes": dict(attributes)}
            _write(root / path, told)
    for array in arrays:
        _write(root / array.path, array.layout.document())


def _write(folder: Path, told: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "zarr.json").write_text(text + "\n", encoding="utf-8")
