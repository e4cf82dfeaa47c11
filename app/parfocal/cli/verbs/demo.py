"""Play the main job end to end on the built-in microscope, and say what came of it."""

import argparse
import sys
from pathlib import Path

from parfocal import ParfocalError
from parfocal.cli._dispatch import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say where the store and the pictures go."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        type=Path,
        help="where the store goes (default: the data folder of the settings)",
    )
    parser.add_argument(
        "--shot", metavar="PNG", type=Path, help="picture of the window (default: in DIR)"
    )
    parser.add_argument(
        "--viewer-shot", metavar="PNG", type=Path, help="picture of the viewer (default: in DIR)"
    )
    parser.add_argument(
        "--old-store",
        metavar="ZARR",
        type=Path,
        help="instead: make a store as programs wrote them years ago, to try `migrate` on",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Play it; where there is no display, on a virtual one."""
    if arguments.old_store is not None:
        return _old_store(arguments)
    from parfocal.viewer import ViewerError, display_problem, virtual_display

    with virtual_display():
        if problem := display_problem():
            raise ViewerError(problem)  # Qt would abort the process instead
        from parfocal.ui.demo import run_demo

        result = run_demo(
            arguments.output,
            shot=arguments.shot,
            viewer_shot=arguments.viewer_shot,
            say=_say,
        )
    value = {
        "store": str(result.store),
        "state": result.state,
        "frames": result.frames,
        "shot": str(result.pictures.window),
        "viewer_shot": str(result.pictures.viewer),
        "check": result.check.as_json(),
        "viewer_matches": result.viewer_matches,
    }
    text = (
        f"{result.frames} frames in {result.store} ({result.state}, check passed)\n"
        f"the window in mid-run: {result.pictures.window}\n"
        f"the viewer: {result.pictures.viewer}"
    )
    return Outcome(value, text)


def _old_store(arguments: argparse.Namespace) -> Outcome:
    from parfocal.cli._old_store import write_old_store

    path: Path = arguments.old_store
    others = {
        "-o": arguments.output,
        "--shot": arguments.shot,
        "--viewer-shot": arguments.viewer_shot,
    }
    if said := " and ".join(name for name, value in others.items() if value is not None):
        raise ParfocalError(f"--old-store makes {path} and nothing else: leave out {said}")
    write_old_store(path)
    text = f"{path}: a Zarr v2 store in which nobody says how large a voxel is"
    return Outcome({"store": str(path)}, text)


def _say(step: str) -> None:
    sys.stderr.write(f"demo: {step}\n")
    sys.stderr.flush()
