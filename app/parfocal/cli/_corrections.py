"""Arguments by which a person corrects what a source says of itself, and the wishes they make."""

import argparse
from math import isfinite
from pathlib import Path
from typing import Any

from parfocal.store import StageAxisMap, StoreError

__all__ = ["add_corrections", "corrections"]


def add_corrections(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument(
        "--stage-axis-map",
        metavar="z=+x,y=none,x=-f",
        type=_stage_axes,
        help="along which axis of the stage, and which way, the image's axes run",
    )
    parser.add_argument(
        "--data-folder",
        type=Path,
        metavar="DIR",
        help="where the data of Navigate's experiment.yml are, when they were moved",
    )
    parser.add_argument(
        "--leave-out", action="append", metavar="FIELD", help="a field that is not wanted"
    )
    parser.add_argument(
        "--position",
        action="append",
        metavar="FIELD=z,y,x",
        type=_position,
        help="where the first voxel of a field lies, in µm",
    )


def corrections(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options of `Wishes` that they come to."""
    return {
        "data_folder": arguments.data_folder,
        "leave_out": tuple(arguments.leave_out or ()),
        "positions": dict(arguments.position or ()),
    }


def _stage_axes(text: str) -> StageAxisMap:
    try:
        return StageAxisMap.parse(text)
    except StoreError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


def _position(text: str) -> tuple[str, tuple[float, float, float]]:
    name, _, place = text.rpartition("=")
    try:
        z, y, x = (float(part) for part in place.split(","))
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is no FIELD=z,y,x") from problem
    if not name or not all(isfinite(part) for part in (z, y, x)):
        raise argparse.ArgumentTypeError(f"{text!r} is no FIELD=z,y,x")
    return name, (z, y, x)
