"""Look into a source before anything is decided: what it holds, what is unsure, a small picture."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parfocal.convert._batch import ConversionAction
from parfocal.convert._corrected import LEAVE_OUT, corrected, field_names
from parfocal.convert._description import Found, FoundImage, Zyx
from parfocal.convert._errors import ConvertError, DataElsewhere
from parfocal.convert._glance import Glance, glance
from parfocal.convert._open import open_source
from parfocal.convert._plan import plan_conversion
from parfocal.convert._source import Wishes
from parfocal.convert._zarr_source import ZarrSource
from parfocal.store import StageAxisMap, StageRow

__all__ = ["FoundField", "Inspection", "inspect_source"]


@dataclass(frozen=True, slots=True)
class FoundField:
    """One field of a source; `wanted` is False for one that a person leaves out."""

    name: str
    shape: tuple[int, int, int, int, int]
    origin_um: Zyx
    missing: int = 0
    """Planes that were never taken."""
    stage: StageRow | None = None
    wanted: bool = True

    @property
    def planes(self) -> int:
        """How many it would have."""
        return self.shape[0] * self.shape[1] * self.shape[2]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a look into a source told; `problem` says why nothing can be made of it."""

    source: Path
    action: ConversionAction
    problem: str = ""
    kind: str = ""
    name: str = ""
    fields: tuple[FoundField, ...] = ()
    channels: tuple[str, ...] = ()
    axes: str = ""
    """In the source's own order."""
    axes_guessed: bool = False
    dtype: str = ""
    voxel_um: Zyx = (1.0, 1.0, 1.0)
    voxel_source: str = ""
    guessed_axes: tuple[str, ...] = ()
    """The axes of the voxel size that nobody said."""
    guessed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    arrays: tuple[dict[str, Any], ...] = ()
    bytes: int = 0
    stage_axes: StageAxisMap | None = None
    saved_in: str = ""
    """The folder that a record of the experiment names and that is not on this computer."""
    picture: Glance | None = None

    @property
    def missing(self) -> int:
        """Planes of all fields that are wanted and were never taken."""
        return sum(field.missing for field in self.fields if field.wanted)


def inspect_source(path: Path, wishes: Wishes | None = None, *, picture: bool = True) -> Inspection:
    """Look into what lies at a path; what cannot be read is told in `problem`."""
    wishes = wishes or Wishes()
    action: ConversionAction = "migrate" if ZarrSource.sniff(path) else "ingest"
    try:
        return _inspected(path, wishes, action, picture=picture)
    except DataElsewhere as problem:
        return Inspection(path, action, str(problem), saved_in=problem.saved_in)
    except ConvertError as problem:
        return Inspection(path, action, str(problem))
    except OSError as problem:
        return Inspection(path, action, f"{path} cannot be read: {problem.strerror or problem}")


def _inspected(
    path: Path, wishes: Wishes, action: ConversionAction, *, picture: bool
) -> Inspection:
    options = dict(wishes.options)
    left_out = options.pop(LEAVE_OUT, ())
    source = open_source(path, replace(wishes, options=options))
    try:
        every = source.describe()
        axes = source.whole_axes(every.images[0].levels[0]) if every.images else ""
        told = _told(path, action, every, left_out, axes)
        try:
            found = corrected(every, Wishes(options={LEAVE_OUT: left_out}))
            plan = plan_conversion(source, found)
        except ConvertError as problem:
            return replace(told, problem=str(problem))
        shown = glance(source, found.images[0]) if picture else None
    finally:
        source.close()
    return replace(
        told,
        warnings=_warnings(found),
        arrays=tuple(plan.as_json()),
        bytes=plan.raw_bytes,
        picture=shown,
    )


def _told(
    path: Path, action: ConversionAction, found: Found, left_out: Sequence[str], axes: str
) -> Inspection:
    """What is known before it is planned."""
    if not found.images:
        return Inspection(path, action, kind=found.kind, name=found.name)
    first = found.images[0]
    return Inspection(
        path,
        action,
        kind=found.kind,
        name=found.name,
        fields=_fields(found, left_out),
        channels=tuple(channel.name for channel in first.channels),
        axes=axes,
        axes_guessed=any(_is_of_axes(one) for one in found.guessed),
        dtype=first.levels[0].dtype,
        voxel_um=first.voxel_um,
        voxel_source=first.voxel_source,
        guessed_axes=first.guessed_axes,
        guessed=found.guessed,
        stage_axes=found.calibration,
        saved_in=found.saved_in,
    )


def _is_of_axes(guess: str) -> bool:
    return guess.startswith(("the axes of", "an axis of"))


def _fields(found: Found, left_out: Sequence[str]) -> tuple[FoundField, ...]:
    rows = {row.field: row for row in found.stage_rows}
    names = field_names(found.images)
    return tuple(
        FoundField(
            name,
            image.levels[0].canonical,
            _origin(image),
            len(image.absent),
            rows.get(image.name),
            name not in left_out,
        )
        for name, image in zip(names, found.images, strict=True)
    )


def _origin(image: FoundImage) -> Zyx:
    return image.levels[0].origin or image.origin_um


def _warnings(found: Found) -> tuple[str, ...]:
    left = tuple(f"{key} cannot be carried over: {why}" for key, why in found.refused)
    return (*found.warnings, *left)
