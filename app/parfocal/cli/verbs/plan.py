"""`parfocal plan show`: a plan's compiled schedule and its estimate."""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from parfocal import counted
from parfocal.cli._dispatch import Outcome
from parfocal.plan import (
    Channel,
    Estimate,
    Experiment,
    Part,
    Schedule,
    Step,
    StepKind,
    compile_schedule,
    estimate,
    read_plan,
)
from parfocal.scope import DEMO_CAMERA_SHAPE, DEMO_PIXEL_UM
from parfocal.store import ChannelInfo, FieldInfo, RecordingSpec, ShardForecast, forecast_shards

PIXEL = "uint16"
PIXEL_BYTES = 2
BUDGET_MIB = 1024  # what `acquire` takes unless it is told otherwise
MOST_NAMES = 12
FRAMES: tuple[StepKind, ...] = ("imaging", "reference", "stimulation")
PART_HEAD = ("item", "kind", "name", "begins, s", "timepoints", "frames")
STEP_HEAD = ("step", "due, s", "kind", "event", "t", "field", "channel", "plane", "item")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="the steps, when they are due, and what they take")
    show.add_argument("plan", type=Path, metavar="PLAN", help=".parfocal.yaml, .json or useq file")
    show.add_argument(
        "--camera-size",
        type=_size,
        default=DEMO_CAMERA_SHAPE,
        metavar="ROWSxCOLUMNS",
        help=f"camera to estimate for, with pixels of 16 bits and {DEMO_PIXEL_UM} µm "
        f"(default: the demo's, {'x'.join(map(str, DEMO_CAMERA_SHAPE))})",
    )
    show.add_argument("--steps", action="store_true", help="list every step, too")
    # also after the action, where people write it; the dispatcher's own comes before it
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    show.add_argument("-v", "--verbose", action="store_true", default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> Outcome:
    experiment = read_plan(arguments.plan)
    rows, columns = arguments.camera_size
    # as the demo would run it: how many tiles cover an area depends on the field of view
    schedule = compile_schedule(
        experiment,
        field_of_view_um=(columns * DEMO_PIXEL_UM, rows * DEMO_PIXEL_UM),
        stage_um=(0.0, 0.0, 0.0),
    )
    expected = estimate(schedule, rows * columns * PIXEL_BYTES)
    shards = _shards(schedule, (rows, columns))
    value = {
        "steps": [_step(step, schedule) for step in schedule.steps],
        "events": schedule.events,
        "duration_s": schedule.duration_s,
        "frames": schedule.frames,
        "bytes": expected.bytes,
        "shards": [each.as_json() for each in shards],
    }
    text = _text(experiment, schedule, expected, (rows, columns), shards)
    if arguments.steps:
        text += "\n\n" + _table(STEP_HEAD, [_row(step, schedule) for step in schedule.steps])
    return Outcome(value, text)


def _shards(schedule: Schedule, shape: tuple[int, int]) -> tuple[ShardForecast, ...]:
    """How the recorder would lay the frames of one camera out on the disk."""
    if not schedule.frames:
        return ()
    spec = RecordingSpec(
        name="plan",
        fields=[FieldInfo(place.name) for place in schedule.fields],
        channels=[ChannelInfo(channel.name) for channel in schedule.channels],
        planned=schedule.planned(),
        due_s=schedule.due_times(),
        plane_shape=shape,
        dtype=PIXEL,
    )
    return forecast_shards(spec, BUDGET_MIB * 2**20)


def _step(step: Step, schedule: Schedule) -> dict[str, Any]:
    index = {} if step.index is None else step.index._asdict()
    part = schedule.parts[step.item]
    value: dict[str, Any] = {
        "ordinal": step.ordinal,
        "kind": step.kind,
        "event": step.event,
        **{axis: index.get(axis) for axis in "tpcz"},
        "due": step.due,
        "item": step.item,
        "phase": part.name if part.kind == "phase" else None,
    }
    if step.kind == "wait":
        value["seconds"] = step.seconds
    if step.kind == "hold":
        value["message"] = step.message
    return value


def _text(
    experiment: Experiment,
    schedule: Schedule,
    expected: Estimate,
    shape: tuple[int, int],
    shards: tuple[ShardForecast, ...],
) -> str:
    t, c, z = schedule.sizes
    kinds = Counter((step.item, step.kind) for step in schedule.steps)
    lines = [
        f"{experiment.name}: {counted(schedule.events, 'event')}, "
        f"{counted(schedule.frames, 'frame')}, {schedule.duration_s:.1f} s, "
        f"late runs {experiment.policy}",
        f"{counted(t, 'timepoint')} × {counted(len(schedule.fields), 'field')} × "
        f"{counted(c, 'channel')} × {counted(z, 'plane')}",
        f"{expected.bytes / 1e6:.1f} MB raw, about {expected.expected_bytes / 1e6:.1f} MB on disk, "
        f"at {shape[0]} × {shape[1]} pixels of 16 bits",
        *(
            f"shards of {counted(each.frames, 'timepoint')} × {counted(each.depth, 'plane')}, "
            f"{each.open_shards} open at once ({each.memory_bytes / 1e6:.1f} MB), "
            f"each for {each.open_s:.1f} s at most"
            for each in shards
        ),
        "channels: " + ", ".join(_channel(channel) for channel in schedule.channels),
        "fields: " + _some([place.name for place in schedule.fields]),
        "",
        _table(PART_HEAD, [_part(part, kinds) for part in schedule.parts if part.kept]),
    ]
    return "\n".join(lines)


def _some(names: list[str]) -> str:
    """As many as a line takes."""
    rest = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _channel(channel: Channel) -> str:
    plain = channel.kind == "imaging" or channel.kind in channel.name
    return channel.name if plain else f"{channel.name} ({channel.kind})"


def _part(part: Part, kinds: Counter[tuple[int, StepKind]]) -> tuple[str, ...]:
    """One item: of a phase its timepoints and frames, by kind."""
    counts = ((kind, kinds[part.item, kind]) for kind in FRAMES)
    frames = ", ".join(f"{count} {kind}" for kind, count in counts if count)
    timepoints = ""
    if part.timepoints:
        last = part.first_t + part.timepoints - 1
        timepoints = f"{part.first_t}" if last == part.first_t else f"{part.first_t}–{last}"
    return f"{part.item + 1}", part.kind, part.name, f"{part.due:g}", timepoints, frames


def _row(step: Step, schedule: Schedule) -> tuple[str, ...]:
    number = "" if step.event is None else str(step.event)
    name = schedule.parts[step.item].name
    if step.index is None:
        return str(step.ordinal), f"{step.due:g}", step.kind, number, "", "", "", "", name
    t, p, c, z = step.index
    place, channel = schedule.fields[p].name, schedule.channels[c].name
    return (
        *(str(step.ordinal), f"{step.due:g}", step.kind, number),
        *(str(t), place, channel, str(z), name),
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _size(text: str) -> tuple[int, int]:
    rows, _, columns = text.lower().partition("x")
    if not (rows.isdigit() and columns.isdigit() and int(rows) and int(columns)):
        raise argparse.ArgumentTypeError(f"{text!r} is not ROWSxCOLUMNS, such as 2048x2048")
    return int(rows), int(columns)
