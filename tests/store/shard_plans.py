"""Twelve plans as labs make them; the table of docs/store.md is made of these."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from store_recordings import spec_of

from parfocal.store import ChannelInfo, FieldInfo, Index, RecordingSpec, forecast_shards

FULL = (2048, 2048)
MIB = 2**20


def planned(t: int = 1, p: int = 1, c: int = 1, z: int = 1, *, order: str = "tpcz") -> list[Index]:
    """All planes, the last axis of `order` being the fastest."""
    sizes = dict(zip("tpcz", (t, p, c, z), strict=True))
    found: list[Index] = []
    lengths = [sizes[axis] for axis in order]
    for number in range(t * p * c * z):
        rest, index = number, {}
        for axis, length in zip(reversed(order), reversed(lengths), strict=True):
            rest, index[axis] = divmod(rest, length)
        found.append((index["t"], index["p"], index["c"], index["z"]))
    return found


def at(planes: Sequence[Index], step_s: float, plane_s: float) -> list[float]:
    """Each timepoint when it is due, and its planes one after the other."""
    per_timepoint: dict[int, int] = {}
    due = []
    for t, *_ in planes:
        number = per_timepoint.get(t, 0)
        per_timepoint[t] = number + 1
        due.append(t * step_s + number * plane_s)
    return due


def plan(
    planes: list[Index], step_s: float, plane_s: float, shape: tuple[int, int] = FULL
) -> RecordingSpec:
    """These planes of a camera of this size."""
    return spec_of(planes, shape=shape, due=at(planes, step_s, plane_s), time_step_s=step_s or None)


def two_cameras() -> RecordingSpec:
    """A large and a small camera, side by side."""
    planes = planned(t=1000, c=2)
    small = ChannelInfo("small", plane_shape=(512, 512), dtype="uint8")
    return spec_of(
        planes,
        shape=FULL,
        due=at(planes, 0.02, 0.01),
        channels=[ChannelInfo("large"), small],
    )


def stream() -> RecordingSpec:
    """Until somebody stops it."""
    return spec_of([(0, 0, 0, 0)], shape=(1024, 1024), unbounded=True, time_step_s=0.01)


def plate() -> RecordingSpec:
    """A field in each of 384 wells, once."""
    planes = planned(p=384, c=2, z=5)
    wells = [f"{chr(65 + row)}/{column + 1}" for row in range(16) for column in range(24)]
    return spec_of(
        planes,
        shape=FULL,
        due=at(planes, 0.0, 0.1),
        fields=[FieldInfo(well, well=well) for well in wells],
        plate=(16, 24),
    )


PLANS: dict[str, Callable[[], RecordingSpec]] = {
    "fast 2-D, 100 frames/s": lambda: plan(planned(t=6000), 0.01, 0.0),
    "small region, 1,000 frames/s of 256²": lambda: plan(planned(t=20000), 0.001, 0.0, (256, 256)),
    "channel fastest, 3 at 10/s": lambda: plan(planned(t=600, c=3), 0.3, 0.1, (1024, 1024)),
    "4 fields every 0.1 s": lambda: plan(planned(t=600, p=4), 0.1, 0.025, (1024, 1024)),
    "stream without an end, 100 frames/s": stream,
    "two cameras, 50 frames/s each": two_cameras,
    "z-stack of 51, every minute": lambda: plan(planned(t=60, c=2, z=51), 60.0, 0.05),
    "z-stack of 200 (1.7 GB)": lambda: plan(planned(z=200), 0.0, 0.05),
    "both channels at each z": lambda: plan(planned(t=20, c=2, z=21, order="tpzc"), 30.0, 0.1),
    "31 fields × 2 channels, every 5 min": lambda: plan(planned(t=144, p=31, c=2), 300.0, 1.5),
    "one frame an hour for a night": lambda: plan(planned(t=12), 3600.0, 0.0),
    "384 wells × 2 channels × 5 z": plate,
}
BUDGET = 1024 * MIB


def table() -> list[str]:
    """The rows of docs/store.md."""
    rows = [
        "| plan | planes | shard (t × z) | MiB a shard | open at once | MiB open | longest open |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, make in PLANS.items():
        for shards in forecast_shards(make(), BUDGET):
            height, width = shards.plane_shape
            rows.append(
                f"| {name} | {height} × {width} {shards.dtype} | {shards.frames} × {shards.depth} "
                f"| {shards.shard_bytes / MIB:g} | {shards.open_shards} "
                f"| {shards.memory_bytes / MIB:g} | {shards.open_s:.2f} s |"
            )
    return rows
