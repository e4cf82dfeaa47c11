"""Say how far a recording is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """How far a recording is: planes counted, buffers filled, bytes moved, time spent waiting.

    `accepted` planes were taken by `put`; `stored` of them are committed to the disk.
    `raw_bytes` are those of the stored planes, `disk_bytes` what their shards take.
    """

    accepted: int
    stored: int
    skipped: int
    buffer_bytes: int
    buffer_limit: int
    raw_bytes: int
    disk_bytes: int
    blocked_s: float
    error: str | None
