"""`parfocal view STORE`: look at a store in napari."""

import argparse
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from parfocal.cli._dispatch import Outcome
from parfocal.store import info
from parfocal.viewer import Launch, Viewer, ViewerError, chosen_launch, show_here, virtual_display

_START_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", metavar="STORE", type=Path, help="an OME-Zarr store")
    parser.add_argument(
        "--shot",
        metavar="PNG",
        type=Path,
        help="take a picture of the window and close it (works without a display)",
    )
    parser.add_argument(
        "--launch",
        choices=("auto", "in-process", "child"),
        default="auto",
        help="napari in a process of its own or in this one; auto: in this one, and for --shot in"
        " its own, so that whatever stops napari is told in a sentence",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Open the viewer, and wait for its window to be closed or for its picture."""
    store, shot = arguments.store.absolute(), arguments.shot
    info(store)  # says in a sentence when this is no store, before a window opens
    if shot is not None and not shot.absolute().parent.is_dir():
        raise ViewerError(f"the picture {shot} cannot be written: there is no such folder")
    how: Launch = "child" if shot is not None and arguments.launch == "auto" else arguments.launch
    show = _in_process if chosen_launch(how) == "in-process" else _in_child
    with nullcontext() if shot is None else virtual_display():
        viewer, displayed = show(store, None if shot is None else shot.absolute())
    return Outcome({"viewer": viewer, "displayed": displayed}, _sentence(store, shot))


def _in_child(store: Path, shot: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    with closing(Viewer(store.name)) as viewer:
        viewer.start(store)
        picture = None
        if shot is not None:
            picture = viewer.request("shot", path=str(shot), timeout=_START_S).result()
        displayed = viewer.request("displayed", timeout=_START_S).result()
        if shot is None:
            viewer.wait()
        viewer.close()
        status = viewer.status()
    if shot is None and status.problem:
        raise ViewerError(status.problem)
    described = {"launch": "child", "pid": status.pid, "state": str(status.state), "shot": picture}
    return described, displayed


def _in_process(store: Path, shot: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    requests: list[dict[str, Any]] = [{"op": "displayed"}]
    if shot is not None:
        requests += [{"op": "shot", "values": {"path": str(shot)}}, {"op": "close"}]
    displayed, *rest = show_here(store, store.name, requests)
    picture = rest[0] if rest else None
    return {"launch": "in-process", "pid": None, "state": "exited", "shot": picture}, displayed


def _sentence(store: Path, shot: Path | None) -> str:
    return f"closed {store}" if shot is None else f"{store} as napari shows it: {shot}"
