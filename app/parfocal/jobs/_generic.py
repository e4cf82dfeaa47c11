"""Do jobs that belong to no strip: ingestion, migration, pyramids and exports."""

from pathlib import Path
from typing import Any

from parfocal.convert import BUDGET_BYTES, Way, Wishes, convert
from parfocal.jobs._errors import NeedsPerson
from parfocal.jobs._job import Job, Outcome
from parfocal.jobs._pace import Pace
from parfocal.store import check, export, read_store_metadata, write_pyramid

__all__ = ["do_generic", "target_of"]


def do_generic(job: Job, pace: Pace) -> Outcome:
    """Do one; each of them goes on where a killed call was."""
    told = job.payload
    if job.kind in {"ingest", "migrate"}:
        return _convert(job, pace)
    if job.kind == "pyramid":
        report = write_pyramid(
            Path(told["store"]),
            method=told.get("method", "mean"),
            progress=lambda done, _: _breathe(pace, done),
            cancelled=pace.cancelled,
        )
        return Outcome(f"{report.store}: {report.made} levels made")
    if job.kind == "export":
        exported = export(
            Path(told["store"]),
            Path(told["output"]),
            mip=told.get("mip"),
            volume=told.get("mip") is None,
            # one that a killed worker had published is made again, to the same
            overwrite=bool(told.get("overwrite")) or job.lease > 1,
            progress=lambda done, _: _breathe(pace, done),
            cancelled=pace.cancelled,
        )
        return Outcome(f"{exported.file}: {exported.planes} planes")
    raise NeedsPerson(f"job {job.id} is of a kind that this version does not know: {job.kind}")


def target_of(job: Job) -> Path:
    """Where it writes."""
    return Path(job.payload.get("output") or job.payload.get("store") or "/")


def _convert(job: Job, pace: Pace) -> Outcome:
    told: dict[str, Any] = dict(job.payload)
    output = Path(told["output"])

    def tell(way: Way) -> None:
        _breathe(pace, way.fraction)

    source = Path(told["source"])
    if job.lease > 1 and not told.get("overwrite") and _is_made_of(output, source):
        # by a worker that was killed right after it had put it in place
        return Outcome(f"{output}: every chunk verified")
    report = convert(
        source,
        output,
        Wishes.from_json(told),
        action=job.kind,
        overwrite=bool(told.get("overwrite")),
        budget_bytes=int(told.get("budget_bytes") or BUDGET_BYTES),
        dask=told.get("dask"),
        tell=tell,
        cancelled=pace.cancelled,
        hold=pace.wait,
    )
    return Outcome(f"{report.store}: every chunk verified")


def _is_made_of(store: Path, source: Path) -> bool:
    if not store.is_dir():
        return False
    return (
        read_store_metadata(store).source_uri == source.absolute().as_uri()
        and check(store, deep=True).ok
    )


def _breathe(pace: Pace, fraction: float) -> None:
    if not pace.stop:  # these look at `cancelled` themselves, and keep what they have
        pace.breathe(fraction)
