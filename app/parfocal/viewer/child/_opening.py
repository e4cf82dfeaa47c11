"""Open what a window is to show: a store on this disk, or the run at a rig far away."""

from pathlib import Path
from typing import Any

from parfocal.viewer._chosen_fields import open_store
from parfocal.viewer._filter import LiveFilter
from parfocal.viewer._source import PlaneSource
from parfocal.viewer.child._arrivals import Arrivals
from parfocal.viewer.child._live import attach


def open_source(opening: dict[str, Any]) -> tuple[PlaneSource, Arrivals | None]:
    """The planes, and the newest frames of a run that goes on."""
    if rig := opening.get("connect"):
        from parfocal.viewer.remote import RemoteSource, RigAddress

        remote = RemoteSource(RigAddress.from_json(rig))
        return remote, Arrivals(remote.frames)
    only = LiveFilter.from_json(opening.get("only"))
    source, chosen = open_store(Path(opening["store"]), opening.get("fields"))
    if chosen:
        return source, None  # live frames are numbered by the fields of the whole store
    return source, attach(opening["live"], only) if opening.get("live") else None
