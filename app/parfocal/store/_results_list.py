"""List the results of a store, and say where one of them lies."""

from dataclasses import dataclass, replace
from pathlib import Path

from parfocal.store._errors import StoreError
from parfocal.store._layout import LATEST, LEGACY_RESULTS, RESULT_DATA, RESULTS, whole_path
from parfocal.store._results_place import run_of
from parfocal.store._results_staging import missing_latest
from parfocal.store._results_values import newest_values


@dataclass(frozen=True, slots=True)
class ResultInfo:
    """One run of an analysis: its images and its values, each None when it has none."""

    analysis: str
    run: str
    latest: bool
    images: str | None
    values: str | None


def list_results(store: Path | str) -> tuple[ResultInfo, ...]:
    """Every published run, by analysis and run; the halves of what is being made are none."""
    root = whole_path(store)
    found: dict[tuple[str, str], ResultInfo] = {}
    for analysis, folder in _folders(root / RESULTS):
        for name, place in _folders(folder):
            made = run_of(place) if name == LATEST else name
            if made is not None:
                images = f"{RESULTS}/{analysis}/{name}"
                found[analysis, made] = ResultInfo(analysis, made, name == LATEST, images, None)
    for analysis, folder in _folders(root / RESULT_DATA):
        if analysis == LEGACY_RESULTS:
            continue
        newest = newest_values(root, analysis)
        for run, _ in _folders(folder):
            values = f"{RESULT_DATA}/{analysis}/{run}"
            alone = ResultInfo(analysis, run, run == newest, None, None)
            found[analysis, run] = replace(found.get((analysis, run), alone), values=values)
    return tuple(found[key] for key in sorted(found))


def result_path(store: Path | str, analysis: str, run: str | None = None) -> Path:
    """Where the images of a run lie, of the newest one when none is named: a store of its own."""
    root = whole_path(store)
    folder = root / RESULTS / analysis
    latest = folder / LATEST
    if run is None and not latest.exists():
        former = missing_latest(root, analysis)  # another one is taking its place just now
        if former is not None:
            return former
    place = latest if run is None or run_of(latest) == run else folder / run
    if not (place / "zarr.json").is_file():
        raise StoreError(f"{root} holds no images of the analysis {analysis!r}, run {run!r}")
    return place


def _folders(folder: Path) -> list[tuple[str, Path]]:
    if not folder.is_dir():
        return []
    places = sorted(one for one in folder.iterdir() if (one / "zarr.json").is_file())
    return [(one.name, one) for one in places if one.is_dir()]
