"""`parfocal keygen`: make the pair of keys by which a rig and a workstation know each other."""

import argparse
from pathlib import Path

from parfocal.cli._dispatch import Outcome
from parfocal.viewer.remote import write_pair


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="NAME",
        type=Path,
        default=Path("parfocal"),
        help="the files are NAME.rig.key and NAME.viewer.key (default: %(default)s)",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a pair of this name, which then opens nothing any more",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Write both files and say what becomes of them; the secrets are never printed."""
    rig, viewer, key = write_pair(arguments.output, overwrite=arguments.overwrite)
    value = {
        "rig": {"file": str(rig), "public_key": key.public.hex()},
        "viewer": {"file": str(viewer), "public_key": key.peer.hex()},
    }
    text = (
        f"{rig} stays on the rig; start there: "
        f"parfocal serve-viewer --listen ADDR:PORT --key {rig}\n"
        f"{viewer} goes to the workstation, by a stick or scp and not by mail: whoever has it can"
        " watch.\n"
        f"Make it yours alone there (chmod 600) and start: "
        f"parfocal view --connect HOST:PORT --key {viewer.name}"
    )
    return Outcome(value, text)
