"""Ask the validators of the field, yaozarrs and ome-zarr-models, about a whole store."""

import warnings
from collections.abc import Iterator
from glob import has_magic
from pathlib import Path
from typing import Any

from parfocal.store._check_document import swapped_wells
from parfocal.store._check_groups import CORRECT, Group
from parfocal.store._check_schema import VERSIONS, kinds_of
from parfocal.store._findings import Finding, Severity

KEPT = 400
MODELS = {
    "plate": "HCS",
    "bioformats2raw.layout": "BioFormats2Raw",
    "image-label": "ImageLabel",
    "multiscales": "Image",
    "well": "Well",
    "labels": "Labels",
}


def check_with_validators(root: Path, groups: list[Group]) -> Iterator[Finding]:
    """What yaozarrs and ome-zarr-models say."""
    first = groups[0]
    if first.version not in VERSIONS or not kinds_of(first.ome):
        return
    severity: Severity = "warning" if any(map(_is_refused_wrongly, groups)) else "error"
    yield from _yaozarrs(root, severity)
    yield from _ome_zarr_models(root, first, severity)


def _is_refused_wrongly(group: Group) -> bool:
    """Whether they refuse what the specification or its official cases call valid.

    ome-zarr-models 1.7 wants an rgba of every label colour. Both refuse a 0.4 that does not say
    its version, and ome-zarr-models one that names columns before rows.
    """
    label = group.ome.get("image-label")
    colours = label.get("colors") if isinstance(label, dict) else None
    for colour in colours if isinstance(colours, list) else []:
        if isinstance(colour, dict) and "rgba" not in colour:
            return True
    return group.version == "0.4" and (not _says_version(group) or bool(swapped_wells(group.ome)))


def _says_version(group: Group) -> bool:
    for key in ("multiscales", "plate", "well"):
        held = group.ome.get(key)
        first = held[0] if isinstance(held, list) and held else held
        if isinstance(first, dict) and "version" not in first:
            return False
    return True


def _yaozarrs(root: Path, severity: Severity) -> Iterator[Finding]:
    # here and not above: they cost 0.8 s, and recording never needs them
    import yaozarrs

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            yaozarrs.validate_zarr_store(_literal(root))
        except NotImplementedError as problem:
            yield _finding("yaozarrs", problem, "warning")
        except (ValueError, OSError, KeyError, TypeError, AttributeError) as problem:
            yield _finding("yaozarrs", problem, severity)
        told = list(said)
    for warning in told:
        if issubclass(warning.category, UserWarning) and "yaozarrs" in warning.category.__module__:
            yield _finding("yaozarrs", warning.message, "warning")


def _literal(root: Path) -> Any:
    """The store as yaozarrs takes it; to fsspec a `[` or `*` in a path is a pattern.

    A store named `[a].ome.zarr` seemed to have no metadata.
    """
    if not has_magic(str(root)):
        return str(root)
    from fsspec import FSMap  # type: ignore[import-untyped]  # it has no types
    from fsspec.implementations.local import (  # type: ignore[import-untyped]  # nor has this
        LocalFileSystem,
    )
    from yaozarrs import ZarrGroup

    class Literal(LocalFileSystem):  # type: ignore[misc]  # so it is Any to mypy
        def expand_path(self, path: str | list[str], **_: Any) -> list[str]:
            return [path] if isinstance(path, str) else list(path)

    return ZarrGroup(FSMap(str(root), Literal()))


def _ome_zarr_models(root: Path, first: Group, severity: Severity) -> Iterator[Finding]:
    import zarr
    from ome_zarr_models import v04, v05

    models = v04 if first.version == "0.4" else v05
    name = next((name for key, name in MODELS.items() if key in first.ome), None)
    if name is None:
        return
    with warnings.catch_warnings():
        # zarr warns about every file that is no array, tables among them
        warnings.simplefilter("ignore")
        try:
            group = zarr.open_group(str(root), mode="r", zarr_format=2 if models is v04 else 3)
            getattr(models, name).from_zarr(group)
        except (RuntimeError, ValueError, OSError, KeyError, TypeError) as problem:
            yield _finding("ome-zarr-models", problem, severity)


def _finding(rule: str, problem: Exception | Warning | str, severity: Severity) -> Finding:
    # the end of their reports repeats every model that was tried
    return Finding(".", rule, severity, " ".join(_words(problem).split())[:KEPT], CORRECT)


def _words(problem: Exception | Warning | str) -> str:
    """Where and what, one by one; pydantic's own text counts "1 validation error(s)" and links."""
    details = getattr(problem, "errors", None)
    if not callable(details):
        return str(problem)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in details())
