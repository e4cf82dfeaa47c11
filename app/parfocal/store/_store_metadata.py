"""Read and write `parfocal/metadata`: where a store's data come from, and how its stage lies.

Every key is optional. `derived_from` are components of this very store, `source_uri` is what was
ingested; what a foreign store or acquisition said of itself stands untouched under `legacy`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from pathlib import Path
from typing import Any, Self

from parfocal.store._component import normal
from parfocal.store._errors import StoreError, cause
from parfocal.store._files import read_json, write_json
from parfocal.store._layout import EXTRAS, STORE_METADATA, whole_path
from parfocal.store._metadata import group
from parfocal.store._provenance import plain
from parfocal.store._store_lock import changing
from parfocal.store._voxel_size import RESTATED

STAGE_AXES = tuple(f"{sign}{axis}" for axis in "xyzf" for sign in "+-")
NO_AXIS = "none"
LEGACY = "legacy"
VOXEL_KEY = "voxel_size_um_zyx"


@dataclass(frozen=True, slots=True)
class StageAxisMap:
    """Along which axis of the stage, and which way, an image's z, y and x run; `none`: along none.

    The stage's axes are x, y, z and f (focus); `+x` or `-f`, for example.
    """

    z: str = "+z"
    y: str = "+y"
    x: str = "+x"

    def __post_init__(self) -> None:
        used = [each for each in (self.z, self.y, self.x) if each != NO_AXIS]
        for each in used:
            if each not in STAGE_AXES:
                known = ", ".join(STAGE_AXES)
                raise StoreError(f"{each!r} is no axis of a stage; there are {known} and {NO_AXIS}")
        if len({each[1] for each in used}) != len(used):
            raise StoreError(f"the stage axis map {self} uses an axis of the stage twice")

    def __str__(self) -> str:
        return f"z={self.z},y={self.y},x={self.x}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `str` gives: `z=+x,y=none,x=+y`; an axis that is not named keeps its own."""
        found = {}
        for part in filter(None, (word.strip() for word in text.split(","))):
            axis, equals, bound = (word.strip() for word in part.partition("="))
            if not equals or axis not in ("z", "y", "x") or axis in found:
                raise StoreError(f"{text!r} is no stage axis map, as z=+x,y=none,x=+y is one")
            found[axis] = bound if bound == NO_AXIS or bound[:1] in ("+", "-") else f"+{bound}"
        return cls(**found)


@dataclass(frozen=True, slots=True)
class StageRow:
    """Where the stage stood for a field, in µm; θ in degrees."""

    field: str
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    f: float = 0.0
    theta: float = 0.0

    def __post_init__(self) -> None:
        for name in ("x", "y", "z", "f", "theta"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
                raise StoreError(f"the stage row of {self.field!r} has {name} = {value!r}")


@dataclass(frozen=True, slots=True)
class StoreMetadata:
    """What `parfocal/metadata` says."""

    derived_from: tuple[str, ...] = ()
    source_uri: str | None = None
    source_experiment: Mapping[str, Any] = field(default_factory=dict)
    stage_rows: tuple[StageRow, ...] = ()
    spatial_calibration: StageAxisMap | None = None
    voxel_size_um: tuple[float, float, float] | None = None
    voxel_size_source: str | None = None
    legacy: Mapping[str, Any] = field(default_factory=dict)


def read_store_metadata(store: Path | str) -> StoreMetadata:
    """What a store says of its origin; nothing is written, and an old store says nothing."""
    root = whole_path(store)
    file = root / STORE_METADATA / "zarr.json"
    if not file.is_file():
        return StoreMetadata()
    attributes = read_json(file).get("attributes", {})
    try:
        ours = attributes.get(EXTRAS, {})
        calibration = ours.get("spatial_calibration")
        size = ours.get(VOXEL_KEY)
        return StoreMetadata(
            derived_from=tuple(normal(each) for each in ours.get("derived_from", ())),
            source_uri=ours.get("source_uri"),
            source_experiment=ours.get("source_experiment", {}),
            stage_rows=tuple(StageRow(**row) for row in ours.get("stage_rows", ())),
            spatial_calibration=None if calibration is None else _axis_map(calibration),
            voxel_size_um=None if size is None else _size(size),
            voxel_size_source=ours.get(RESTATED),
            legacy=attributes.get(LEGACY, {}),
        )
    except (AttributeError, KeyError, TypeError, ValueError, StoreError) as problem:
        raise StoreError(f"{file} makes no sense: {problem}") from problem


def write_store_metadata(store: Path | str, metadata: StoreMetadata) -> None:
    """Write it whole; keys that other versions wrote stay, and `legacy` is never changed."""
    root = whole_path(store)
    links = tuple(normal(each) for each in metadata.derived_from)
    size = None if metadata.voxel_size_um is None else _size(metadata.voxel_size_um)
    metadata = replace(metadata, derived_from=links, voxel_size_um=size)
    file = root / STORE_METADATA / "zarr.json"
    with changing(root):
        old = read_json(file) if file.is_file() else group({})
        attributes = dict(old.get("attributes", {}))
        legacy = plain(metadata.legacy)
        if attributes.get(LEGACY, legacy) != legacy:
            raise StoreError(
                f"{file} keeps attributes of a foreign store under {LEGACY!r}, which are never "
                "changed: write the metadata with those that are read"
            )
        before = attributes.get(EXTRAS)
        others = before if isinstance(before, Mapping) else {}
        attributes[EXTRAS] = {**_without_ours(others), **_as_json(metadata)}
        if legacy:
            attributes[LEGACY] = legacy
        try:
            write_json(file, {**old, "attributes": attributes})
        except OSError as problem:
            raise StoreError(f"{file} cannot be written: {cause(problem)}") from problem


def _as_json(metadata: StoreMetadata) -> dict[str, Any]:
    told: dict[str, Any] = {
        "derived_from": list(metadata.derived_from),
        "source_uri": metadata.source_uri,
        "source_experiment": plain(metadata.source_experiment),
        "stage_rows": [
            {each.name: getattr(row, each.name) for each in fields(row)}
            for row in metadata.stage_rows
        ],
        VOXEL_KEY: None if metadata.voxel_size_um is None else list(metadata.voxel_size_um),
        RESTATED: metadata.voxel_size_source,
    }
    if metadata.spatial_calibration is not None:
        axes = metadata.spatial_calibration
        told["spatial_calibration"] = {
            "stage_axis_map_zyx": {"z": axes.z, "y": axes.y, "x": axes.x}
        }
    return {key: value for key, value in told.items() if value not in (None, [], {})}


def _without_ours(told: Mapping[str, Any]) -> dict[str, Any]:
    ours = {*_as_json(StoreMetadata()), "derived_from", "source_uri", "source_experiment"}
    ours |= {"stage_rows", "spatial_calibration", VOXEL_KEY, RESTATED}
    return {key: value for key, value in told.items() if key not in ours}


def _axis_map(told: Mapping[str, Any]) -> StageAxisMap:
    axes = told["stage_axis_map_zyx"]
    return StageAxisMap(str(axes["z"]), str(axes["y"]), str(axes["x"]))


def _size(told: Any) -> tuple[float, float, float]:
    z, y, x = (float(each) for each in told)
    if not all(isfinite(each) and each > 0 for each in (z, y, x)):
        raise StoreError(f"the voxel size {told} is not above zero everywhere")
    return z, y, x
