"""Close a store whose shards are all there: its metadata, its history, and a strict check."""

import hashlib
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.convert._durable import sync_tree
from parfocal.convert._errors import ConvertError
from parfocal.convert._plan import ConversionPlan
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._source import Source
from parfocal.store import (
    Content,
    StoreMetadata,
    check,
    close_layout,
    follow_images,
    read_store_metadata,
    record_provenance,
    whole_states,
    write_store_metadata,
)

__all__ = ["finish_store"]

MIGRATED_FROM = "migrated_from_store"
MIGRATED_AT = "migrated_at_utc"
NEVER_TAKEN = "it was never taken, as far as its source tells"

Done = Mapping[tuple[int, tuple[int, ...]], ShardDone]


def finish_store(
    partial: Path, source: Source, plan: ConversionPlan, done: Done, action: str, identity: str
) -> None:
    """Write what is said of the pixels, then judge the whole as `parfocal check` does."""
    states, reasons = whole_states(plan.layout), {}
    for field, image in enumerate(plan.found.images):
        for t, c, z in image.absent:
            reasons[t, field, c, z] = NEVER_TAKEN
    _complete_labels(partial, plan)
    close_layout(partial, states, reasons)
    first = plan.found.images[0]
    told = StoreMetadata(
        source_uri=source.path.absolute().as_uri(),
        voxel_size_um=first.voxel_um,
        voxel_size_source=first.voxel_source,
        legacy=_dated(partial, plan.found.legacy),
        stage_rows=plan.found.stage_rows,
        spatial_calibration=plan.found.calibration,
        source_experiment=plan.found.experiment,
    )
    write_store_metadata(partial, told)
    record_provenance(
        partial,
        action,
        parameters=_parameters(plan, done, identity),
        inputs=[Content(source.path.absolute().as_uri(), identity)],
        outputs=[place.path for place in plan.layout.places()],
    )
    with ThreadPoolExecutor(1, "flush") as pool:
        # the disk writes and the processor judges: 0.5 s of a second for 0.6 GB
        flushed = pool.submit(sync_tree, partial)
        report = check(partial)
        flushed.result()
    errors = [finding for finding in report.findings if finding.severity == "error"]
    if errors:
        one = errors[0]
        raise ConvertError(f"the new store would not pass its check: {one.path}: {one.message}")


def _dated(partial: Path, legacy: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the moment at which an older store was migrated; a call that goes on keeps the first."""
    if MIGRATED_FROM not in legacy:
        return legacy
    earlier = read_store_metadata(partial).legacy.get(MIGRATED_AT)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {**legacy, MIGRATED_AT: earlier or now}


def _complete_labels(partial: Path, plan: ConversionPlan) -> None:
    """Give labels the levels of their images; one that a kill left half made is made anew."""
    for place, image in zip(plan.layout.places(), plan.layout.images, strict=True):
        for labels in image.labels:
            for number in range(len(labels.levels), len(image.levels)):
                folder = partial / place.path / "labels" / labels.name / str(number)
                shutil.rmtree(folder, ignore_errors=True)
    follow_images(partial)


def _parameters(plan: ConversionPlan, done: Done, identity: str) -> dict[str, Any]:
    """What was done to each array, with a hash of what was read and of what was written."""
    axes = plan.found.calibration
    return {
        "kind": plan.found.kind,
        "source_identity": identity,
        "guessed": list(plan.found.guessed),
        **({"warnings": list(plan.found.warnings)} if plan.found.warnings else {}),
        **({} if axes is None else {"stage_axis_map": str(axes)}),
        "arrays": [
            {
                "path": array.path,
                "source": array.source.key,
                "action": array.action,
                "reason": array.reason,
                "codecs": [dict(codec) for codec in array.layout.codecs],
                "source_hash": _hash(done, number, "source_crc"),
                "target_hash": _hash(done, number, "target_crc"),
            }
            for number, array in enumerate(plan.arrays)
        ],
    }


def _hash(done: Done, number: int, what: str) -> str:
    """Of the checksums of all shards of an array, in their order."""
    mine = sorted((key[1], getattr(one, what)) for key, one in done.items() if key[0] == number)
    return hashlib.sha256(np.array([crc for _, crc in mine], "<u4").tobytes()).hexdigest()
