"""What is kept of a frame beside its pixels: gather it here from the event and the camera's tags.

pymmcore-plus' own asks the core for ten times as much, for each frame.
"""

from typing import Any, NamedTuple

from pymmcore_plus import Keyword, Metadata
from useq import MDAEvent

__all__ = ["FrameNumbers", "sequence_facts", "snap_facts"]


def snap_facts(
    event: MDAEvent, camera: str, exposure_ms: float, started: float, origin: float | None = None
) -> dict[str, Any]:
    """`started` and the runner's `origin` are `time.perf_counter()` when the exposure and the run
    began; positions are those commanded, None where the event commanded none."""
    origin = origin or event.metadata.get("runner_t0") or started
    return {
        "started_s": started,
        "runner_time_ms": (started - origin) * 1000,
        "exposure_ms": exposure_ms,
        "camera": camera,
        "x_um": event.x_pos,
        "y_um": event.y_pos,
        "z_um": event.z_pos,
        "hardware_triggered": False,
    }


def sequence_facts(
    event: MDAEvent,
    camera: str,
    exposure_ms: float,
    sequence_started: float,
    origin: float | None,
    tags: Metadata,
) -> dict[str, Any]:
    """The camera stamps a frame when it is over, in ms since the sequence began."""
    elapsed = float(tags.GetSingleTag(Keyword.Elapsed_Time_ms).GetValue())
    started = sequence_started + max(0.0, elapsed - exposure_ms) / 1000
    facts = snap_facts(event, camera, exposure_ms, started, origin)
    facts["hardware_triggered"] = True
    facts["camera_elapsed_ms"] = elapsed
    facts["camera_counter"] = camera_counter(tags)
    return facts


def camera_counter(tags: Metadata) -> int:
    """The number that MMCore gave a frame of a sequence, from 0; it counts what reached it."""
    return int(tags.GetSingleTag(Keyword.Metadata_ImageNumber).GetValue())


class FrameNumbers(NamedTuple):
    """Where a camera writes its own count of frames, and the number that its first one has.

    Without one, a frame that the camera's driver lost cannot be told from one that came late:
    MMCore numbers only what it is given.
    """

    tag: str = ""
    first: int = 0

    def position(self, tags: Metadata) -> int:
        """Which exposure of the sequence a frame is of, from 0."""
        if self.tag and self.tag in tags.GetKeys():
            return int(float(tags.GetSingleTag(self.tag).GetValue())) - self.first
        return camera_counter(tags)
