"""What `ingest` and `migrate` share: their arguments, their bar, and what they say."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from parfocal.cli._corrections import add_corrections, corrections
from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.convert import ConversionReport, ConvertError, Way, Wishes, convert, dry_run
from parfocal.store import StageAxisMap, StoreError

__all__ = ["add_conversion_arguments", "converted"]

MB = 1e6


def add_conversion_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what both verbs know."""
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DST", help="the new .ome.zarr"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace DST; the old one stays for `rollback`"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be done to each array; write nothing",
    )
    parser.add_argument("--array", metavar="PATH", help="which array is meant")
    parser.add_argument("--axes", metavar="tczyx", help="what its axes are")
    parser.add_argument(
        "--voxel-size", metavar="z,y,x", type=_voxel_size, help="in µm, where the source is wrong"
    )
    parser.add_argument(
        "--stage-axis-map",
        metavar="z=+x,y=none,x=-f",
        type=_stage_axes,
        help="along which axis of the stage, and which way, the image's axes run",
    )
    parser.add_argument(
        "--pattern",
        metavar="NAMES",
        help="what the names of a folder's files say, as '{well}_s{field}_w{channel}.tif'",
    )
    parser.add_argument(
        "--planes", type=_planes, metavar="N", help="how many frames of a spool folder are a volume"
    )
    parser.add_argument(
        "--accept-partial",
        action="store_true",
        help="convert a set of files of which some are missing",
    )
    add_corrections(parser)


def converted(arguments: argparse.Namespace, sources: Sequence[Path], action: str) -> Outcome:
    """Convert one source, or say what that would be."""
    if len(sources) != 1:
        raise ConvertError(f"{len(sources)} sources were given; convert one after the other")
    (source,) = sources
    options = {"pattern": arguments.pattern, "accept_partial": arguments.accept_partial}
    options |= {"planes": arguments.planes, **corrections(arguments)}
    wishes = Wishes(
        arguments.array,
        arguments.axes,
        arguments.voxel_size,
        {name: value for name, value in options.items() if value},
        arguments.stage_axis_map,
    )
    if arguments.dry_run:
        report = dry_run(source, arguments.output, wishes)
    else:
        with long_work() as work:
            report = convert(
                source,
                arguments.output,
                wishes,
                action=action,
                overwrite=arguments.overwrite,
                tell=lambda way: work.show(way.fraction, _words(way)),
                cancelled=work.cancelled,
            )
    return Outcome(report.as_json(), _text(report))


def _planes(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of planes")
    return int(text)


def _voxel_size(text: str) -> tuple[float, float, float]:
    try:
        z, y, x = (float(part) for part in text.split(","))
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is no z,y,x as 2.5,0.108,0.108") from problem
    if not all(0 < part < float("inf") for part in (z, y, x)):
        raise argparse.ArgumentTypeError(f"{text!r} is not above zero everywhere")
    return z, y, x


def _stage_axes(text: str) -> StageAxisMap:
    try:
        return StageAxisMap.parse(text)
    except StoreError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


def _words(way: Way) -> str:
    left = "" if way.left_s is None else f", {way.left_s:.0f} s left"
    return f"{way.bytes_per_s / MB:.0f} MB/s{left}  {way.what}"


def _text(report: ConversionReport) -> str:
    lines = [f"{report.kind}: {report.bytes / MB:.1f} MB of pixels"]
    lines += [f"  {each['action']:<10} {each['path']}: {each['reason']}" for each in report.arrays]
    lines += [f"assumed: {guess}" for guess in report.guessed]
    lines += [f"warning: {warning}" for warning in report.warnings]
    if report.dry_run:
        return "\n".join([*lines, f"nothing was written; it would become {report.store}"])
    rate = report.bytes / MB / max(report.seconds, 1e-9)
    lines.append(
        f"{report.store}, every chunk verified, in {report.seconds:.1f} s ({rate:.0f} MB/s)"
    )
    if report.previous is not None:
        lines.append("the store that was there is kept; `parfocal rollback` puts it back")
    return "\n".join(lines)
