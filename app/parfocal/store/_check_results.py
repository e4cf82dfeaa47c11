"""Check the derived results of a store: each collection, its run, its lineage, its values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from parfocal.store._component import normal
from parfocal.store._errors import StoreError
from parfocal.store._findings import Finding
from parfocal.store._layout import (
    EXTRAS,
    LATEST,
    LEGACY_RESULTS,
    RESULT_DATA,
    RESULTS,
    STAGING,
    is_store,
)
from parfocal.store._ngff import Image, find_images, read_attributes
from parfocal.store._provenance_chain import read_chain
from parfocal.store._results_list import list_results
from parfocal.store._results_place import real_place, run_of
from parfocal.store._results_staging import left_over
from parfocal.store._results_values import newest_values, read_result_values
from parfocal.store._voxel_size import RESTATED

AGAIN = "run the analysis again"
RESTORE = "restore it from a copy, or run the analysis again"
SAME = 1e-3
CheckCollection = Callable[[Path], Iterator[Finding]]


def check_results(root: Path, check_collection: CheckCollection) -> Iterator[Finding]:
    """Everything that was derived; `check_collection` judges one as the store that it is."""
    if not is_store(root / EXTRAS):
        return  # in a foreign store a folder of this name may be anything
    yield from _left(root)
    yield from _places(root)
    runs = _recorded_runs(root)
    for folder in _folders(root / RESULTS):
        for run in filter(is_store, _folders(folder)):
            path = run.relative_to(root).as_posix()
            yield from _collection(root, path, check_collection)
    for result in list_results(root):
        if result.values is not None:
            yield from _values(root, result.analysis, result.run, result.values)
        if runs is not None and result.run not in runs:
            message = f"no record of the provenance says how run {result.run} was made"
            fix = f"{AGAIN}, so that it can be told and used again"
            path = result.images or result.values or "."
            yield Finding(path, "result-unrecorded", "warning", message, fix)


def _recorded_runs(root: Path) -> set[Any] | None:
    """The runs that the history knows; None when it cannot be read, which is said elsewhere."""
    try:
        chain = read_chain(root)
    except StoreError:
        return None
    return None if chain.problem else {each.get("run") for each in chain.records}


def _left(root: Path) -> Iterator[Finding]:
    """What a killed process was making; no reader lists it."""
    for left in left_over(root):
        if not left.alive:
            path = f"{STAGING}/{left.folder.name}"
            message = f"a killed process left a half of {left.analysis or left.table or 'a result'}"
            fix = "none is needed: the next result or table that is written removes it"
            yield Finding(path, "result-left", "warning", message, fix)


def _places(root: Path) -> Iterator[Finding]:
    """That the newest is `latest`, and that the others bear their runs' names."""
    for folder in _folders(root / RESULTS):
        path = f"{RESULTS}/{folder.name}"
        runs = [one for one in _folders(folder) if is_store(one)]
        if runs and not (folder / LATEST).is_dir():
            message = f"it holds {len(runs)} runs, but none of them is the latest"
            yield Finding(path, "result-latest", "error", message, AGAIN)
        for run in runs:
            told = run_of(run)
            if told is None or (run.name not in (LATEST, told)):
                message = f"it says that it is run {told}"
                fix = "give the folder the name of its run"
                yield Finding(f"{path}/{run.name}", "result-name", "error", message, fix)
    for folder in _folders(root / RESULT_DATA):
        if folder.name == LEGACY_RESULTS:
            continue
        newest = newest_values(root, folder.name)
        if newest is None or not (folder / newest).is_dir():
            message = f"its newest run is said to be {newest}, which is not there"
            path = f"{RESULT_DATA}/{folder.name}"
            yield Finding(path, "result-latest", "error", message, AGAIN)


def _collection(root: Path, path: str, check_collection: CheckCollection) -> Iterator[Finding]:
    try:
        for found in check_collection(root / path):
            inside = path if found.path == "." else f"{path}/{found.path}"
            yield replace(found, path=inside)
        images = find_images(root / path)
    except StoreError as problem:
        yield Finding(path, "result", "error", str(problem), RESTORE)
        return
    for image in images:
        yield from _lineage(root, f"{path}/{image.path}", image)


def _lineage(root: Path, path: str, image: Image) -> Iterator[Finding]:
    """That it says how large its voxels are and from what it was made, and that this is so."""
    ours = read_attributes(root / path)[1].get(EXTRAS)
    told: Mapping[str, Any] = ours if isinstance(ours, Mapping) else {}
    size, scale = told.get("voxel_size_um_zyx"), image.levels[0].scale or ()
    if not isinstance(size, list) or not told.get(RESTATED):
        message = "it does not restate its voxel size and where that is from"
        yield Finding(path, "result-voxel-size", "error", message, RESTORE)
    elif not _agree(size, scale[-3:]):
        message = f"it restates the voxel size {size} and has the scale {list(scale[-3:])}"
        yield Finding(path, "result-voxel-size", "error", message, RESTORE)
    links = told.get("derived_from")
    for link in links if isinstance(links, list) and links else [None]:
        if not _leads_somewhere(root, link):
            message = f"it was made from {link}, which is not in the store"
            fix = "none is needed to read it; it cannot be told any more from what it was made"
            yield Finding(path, "result-lineage", "warning", message, fix)


def _agree(size: list[Any], scale: tuple[float, ...]) -> bool:
    try:
        pairs = list(zip(map(float, size), scale, strict=True))
    except (TypeError, ValueError):
        return False
    return all(abs(one - other) <= SAME * abs(other) for one, other in pairs)


def _leads_somewhere(root: Path, link: Any) -> bool:
    try:
        return isinstance(link, str) and is_store(root / real_place(root, normal(link)))
    except StoreError:
        return False


def _values(root: Path, analysis: str, run: str, path: str) -> Iterator[Finding]:
    """They are small, so that all are read: a flipped bit is found without asking for it."""
    try:
        read_result_values(root, analysis, run)
    except StoreError as problem:
        yield Finding(path, "result-values", "error", str(problem), RESTORE)


def _folders(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []
