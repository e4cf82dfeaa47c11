"""Begin the history of a store with how it was recorded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parfocal.store._images import ImageMap
from parfocal.store._metadata import read_record
from parfocal.store._provenance import Content, ProvenanceRecord, record_in

RECORDING = "recording"
TOLD = ("state", "reason", "started", "ended", "planned", "acquired", "missing")


def record_recording(root: Path, ending: Mapping[str, Any]) -> ProvenanceRecord:
    """The first record: which images were recorded, and how that ended.

    Their content is named by whoever first makes something of them: reading all checksums of a
    night's recording would keep its end waiting.
    """
    record = read_record(root) or {}
    told = {**record, **ending}
    parameters = {key: told[key] for key in TOLD if key in told}
    images = [Content(place.path) for place in ImageMap.of_record(record)]
    return record_in(root, RECORDING, parameters=parameters, outputs=images)
