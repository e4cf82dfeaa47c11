"""Find what analyses left in a store that can be laid over its images, without reading pixels.

Labels are those that the images of the store list, and those of the newest run of each analysis
(`results/<analysis>/latest`); tables are those of `parfocal/tables`.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from parfocal.store import (
    ImagePlace,
    StoreError,
    StoreReader,
    list_labels,
    list_results,
    list_tables,
    result_path,
)
from parfocal.viewer._label_document import Rgba, colors_of, run_of
from parfocal.viewer._result_labels import LabelPlace

TABLES = "parfocal/tables"
_DOCUMENTS = ("zarr.json", ".zattrs")
UNNAMED = "labels"

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class LabelsFound:
    """Labels of one name and origin; `places` by field, `channel` one that their camera took."""

    key: str
    title: str
    channel: int
    places: dict[int, LabelPlace]
    colors: dict[int, Rgba]
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class TableFound:
    """A table that may hold marks."""

    key: str
    name: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What was found, and in a sentence each what could not be read."""

    labels: tuple[LabelsFound, ...] = ()
    tables: tuple[TableFound, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass
class _Gathered:
    title: str
    channel: int
    places: dict[int, LabelPlace] = field(default_factory=dict)


def catalogue(store: Path, reader: StoreReader) -> Catalogue:
    """Everything that can be shown over the images of a store now."""
    problems: list[str] = []
    runs = _analyses_by_run(store, problems)
    gathered: dict[str, _Gathered] = {}
    for analysis, root in _collections(store, problems):
        for place in reader.images:
            for name in _names(root / place.path, problems):
                labels = root / place.path / "labels" / name
                camera = _camera(reader, place)
                key = f"labels:{analysis}:{name}" + (f":camera {camera}" if camera > 1 else "")
                if key not in gathered:
                    origin = analysis or runs.get(run_of(labels), UNNAMED)
                    title = f"{origin} · {name}" + (f" · camera {camera}" if camera > 1 else "")
                    gathered[key] = _Gathered(title, place.channels[0])
                gathered[key].places[place.field] = LabelPlace(labels, store / place.path)
    found = tuple(_found(key, each) for key, each in gathered.items())
    return Catalogue(found, _tables(store, problems), tuple(problems))


def lists_stamp(store: Path, reader: StoreReader) -> Stamp:
    """Dates of all that lists results; nothing is opened."""
    roots = [store, *(path for path in _folders(store / "results") if path.name == "latest")]
    lists = [
        root / place.path / "labels" / name
        for root in roots
        for place in reader.images
        for name in _DOCUMENTS
    ]
    tables = [store / TABLES, *_folders(store / TABLES, deep=False)]
    return _dates([*(root / "zarr.json" for root in roots), *lists, *tables])


def labels_stamp(places: Mapping[int, LabelPlace]) -> Stamp:
    """Dates of the groups of labels and of their full resolution, which grows with a run."""
    groups = [place.labels for _, place in sorted(places.items())]
    files = [group / name for group in groups for name in _DOCUMENTS]
    return _dates([*files, *(group / "0" / "zarr.json" for group in groups)])


def _analyses_by_run(store: Path, problems: list[str]) -> dict[str, str]:
    try:
        return {result.run: result.analysis for result in list_results(store)}
    except (StoreError, OSError) as problem:
        problems.append(str(problem))
        return {}


def _collections(store: Path, problems: list[str]) -> Iterator[tuple[str, Path]]:
    """The store itself, and the newest images of each analysis."""
    yield "", store
    try:
        analyses = sorted({each.analysis for each in list_results(store) if each.images})
    except (StoreError, OSError):
        return  # told already
    for analysis in analyses:
        try:
            yield analysis, result_path(store, analysis)
        except (StoreError, OSError) as problem:
            problems.append(str(problem))


def _names(image: Path, problems: list[str]) -> tuple[str, ...]:
    if not (image / "labels").is_dir():
        return ()
    try:
        return list_labels(image).get("", ())
    except (StoreError, OSError) as problem:
        problems.append(str(problem))
        return ()


def _camera(reader: StoreReader, place: ImagePlace) -> int:
    """Which of its field's images this is, counted from 1."""
    return 1 + reader.images.of_field(place.field).index(place)


def _found(key: str, gathered: _Gathered) -> LabelsFound:
    stamp = labels_stamp(gathered.places)  # before anything of it is read
    colors: dict[int, Rgba] = {}
    for place in gathered.places.values():
        colors |= colors_of(place.labels)
    return LabelsFound(key, gathered.title, gathered.channel, gathered.places, colors, stamp)


def _tables(store: Path, problems: list[str]) -> tuple[TableFound, ...]:
    try:
        names = list_tables(store)
    except OSError as problem:
        problems.append(f"the tables of {store} cannot be listed: {problem.strerror}")
        return ()
    return tuple(
        TableFound(f"table:{name}", name, _dates(sorted((store / TABLES / name).iterdir())))
        for name in names
    )


def _dates(files: list[Path]) -> Stamp:
    return tuple(_date(file) for file in files)


def _date(file: Path) -> tuple[int, int, int] | None:
    try:
        told = os.stat(file)  # noqa: PTH116  # hundreds a second, twice as fast as Path's
    except OSError:
        return None
    return told.st_mtime_ns, told.st_ino, told.st_size


def _folders(folder: Path, *, deep: bool = True) -> list[Path]:
    """The folders in a folder, or in those."""
    try:
        found = sorted(one for one in folder.iterdir() if one.is_dir())
        return [two for one in found for two in sorted(one.iterdir())] if deep else found
    except OSError:
        return []
