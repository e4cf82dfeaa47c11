"""`parfocal plan show`: a plan's compiled schedule and its estimate."""

import argparse
from pathlib import Path
from typing import Any

from parfocal.cli._dispatch import Outcome
from parfocal.plan import (
    Estimate,
    Experiment,
    Schedule,
    Step,
    compile_schedule,
    estimate,
    read_plan,
)
from parfocal.scope import DEMO_CAMERA_SHAPE, DEMO_PIXEL_UM

PIXEL_BYTES = 2


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
    value = {
        "steps": [_step(step) for step in schedule.steps],
        "events": schedule.events,
        "duration_s": schedule.duration_s,
        "frames": schedule.frames,
        "bytes": expected.bytes,
    }
    return Outcome(value, _text(experiment, schedule, expected, (rows, columns)))


def _step(step: Step) -> dict[str, Any]:
    index = {} if step.index is None else step.index._asdict()
    place = {axis: index.get(axis) for axis in "tpcz"}
    return {
        "ordinal": step.ordinal,
        "kind": step.kind,
        "event": step.event,
        **place,
        "due": step.due,
    }


def _text(
    experiment: Experiment, schedule: Schedule, expected: Estimate, shape: tuple[int, int]
) -> str:
    t, c, z = schedule.sizes
    lines = [
        f"{experiment.name}: {schedule.events} events, {schedule.frames} frames, "
        f"{schedule.duration_s:.1f} s, late runs {experiment.policy}",
        f"{t} timepoints × {len(schedule.fields)} fields × {c} channels × {z} planes",
        f"{expected.bytes / 1e6:.1f} MB raw, about {expected.expected_bytes / 1e6:.1f} MB on disk, "
        f"at {shape[0]} × {shape[1]} pixels of 16 bits",
        "channels: " + ", ".join(channel.name for channel in schedule.channels),
        "fields: " + ", ".join(place.name for place in schedule.fields),
    ]
    return "\n".join(lines)


def _size(text: str) -> tuple[int, int]:
    rows, _, columns = text.lower().partition("x")
    if not (rows.isdigit() and columns.isdigit() and int(rows) and int(columns)):
        raise argparse.ArgumentTypeError(f"{text!r} is not ROWSxCOLUMNS, such as 2048x2048")
    return int(rows), int(columns)
