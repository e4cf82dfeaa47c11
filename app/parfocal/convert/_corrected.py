"""Correct what a source says: voxel size, where fields are, and which count."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from parfocal.convert._description import UNKNOWN_SIZE, Found, FoundImage, Zyx
from parfocal.convert._errors import ConvertError
from parfocal.convert._replaced import moved, resized
from parfocal.convert._source import Wishes

__all__ = ["ASKED_FOR", "LEAVE_OUT", "POSITIONS", "corrected", "field_names"]

ASKED_FOR = "asked for"
LEAVE_OUT = "leave_out"
"""The names of fields that are not wanted."""
POSITIONS = "positions"
"""Where the first voxel of a field lies (z, y, x in µm), by its name."""


def corrected(found: Found, wishes: Wishes) -> Found:
    """The same as a person wants it; a ConvertError names a field that there is not."""
    names = field_names(found.images)
    left_out = _known(wishes.options.get(LEAVE_OUT, ()), names)
    places: Mapping[str, Zyx] = wishes.options.get(POSITIONS, {})
    _known(places, names)
    if left_out and len(left_out) == len(names):
        raise ConvertError("every field is left out, so there is nothing to convert")
    found = _with_size(found, wishes.voxel_um)
    images = [
        image if name not in places else moved(image, places[name])
        for name, image in zip(names, found.images, strict=True)
        if name not in left_out
    ]
    gone = {image.name for name, image in zip(names, found.images, strict=True) if name in left_out}
    kept = {image.name for image in images}
    warnings = tuple(f"the field {name} is left out, as asked for" for name in left_out)
    guessed = found.guessed
    if wishes.voxel_um is not None:
        guessed = tuple(one for one in guessed if one != UNKNOWN_SIZE)
    return replace(
        found,
        images=tuple(images),
        warnings=(*found.warnings, *warnings),
        guessed=guessed,
        stage_rows=tuple(row for row in found.stage_rows if row.field not in gone - kept),
    )


def field_names(images: Sequence[FoundImage]) -> tuple[str, ...]:
    """What each field is called here: its name, or its path where others have the same name."""
    names = [image.name for image in images]
    return tuple(
        image.name if image.name and names.count(image.name) == 1 else image.path
        for image in images
    )


def _known(wished: Any, names: Sequence[str]) -> tuple[str, ...]:
    for name in wished:
        if name not in names:
            few = ", ".join(names[:8])
            raise ConvertError(f"there is no field {name!r}; there are: {few}")
    return tuple(wished)


def _with_size(found: Found, size: Zyx | None) -> Found:
    """Voxels are as large as a person says, also in a source that says it itself."""
    if size is None:
        return found
    images = tuple(
        resized(image, size, ASKED_FOR, ())
        if image.voxel_um != size or image.guessed_axes
        else image
        for image in found.images
    )
    return replace(found, images=images)
