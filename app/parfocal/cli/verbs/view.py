"""`parfocal view`: look at a store in napari, or at a run on a rig far away."""

import argparse
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.store import info
from parfocal.viewer import (
    Launch,
    Viewer,
    ViewerError,
    chosen_launch,
    read_key_frames,
    show_here,
    virtual_display,
)

_START_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", metavar="STORE", type=Path, nargs="?", help="an OME-Zarr store")
    parser.add_argument(
        "--connect",
        metavar="HOST:PORT",
        help="watch the rig that runs `parfocal serve-viewer` there, instead of a store",
    )
    parser.add_argument(
        "--key", metavar="FILE", type=Path, help="NAME.viewer.key of the rig's pair of keys"
    )
    parser.add_argument(
        "--shot",
        metavar="PNG",
        type=Path,
        help="take a picture of the window and close it (works without a display)",
    )
    parser.add_argument(
        "--keyframes",
        metavar="FILE",
        type=Path,
        help="use the key frames in this file instead of the store's own",
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
    shot = None if arguments.shot is None else arguments.shot.absolute()
    if shot is not None and not shot.parent.is_dir():
        raise ViewerError(
            f"the picture {arguments.shot} cannot be written: there is no such folder"
        )
    if arguments.connect is not None:
        return _watch_rig(arguments, shot)
    if arguments.store is None or arguments.key is not None:
        raise ViewerError("name a STORE to look at, or a rig with --connect HOST:PORT --key FILE")
    store = arguments.store.absolute()
    info(store)  # says in a sentence when this is no store, before a window opens
    if (keyframes := arguments.keyframes) is not None:
        read_key_frames(keyframes)
    how: Launch = "child" if shot is not None and arguments.launch == "auto" else arguments.launch
    with nullcontext() if shot is None else virtual_display():
        if chosen_launch(how) == "in-process":
            viewer, displayed = _in_process(store, shot, keyframes)
        else:
            viewer, displayed = _in_child(
                store.name, shot, lambda child: child.start(store, keyframes=keyframes)
            )
    return Outcome({"viewer": viewer, "displayed": displayed}, _sentence(store, arguments.shot))


def _watch_rig(arguments: argparse.Namespace, shot: Path | None) -> Outcome:
    from parfocal.viewer.remote import Endpoint, RigAddress, ask_rig

    if arguments.store is not None or arguments.key is None or arguments.launch == "in-process":
        raise ViewerError(
            "a rig is watched with --connect HOST:PORT --key FILE alone, in a process of its own"
        )
    if (keyframes := arguments.keyframes) is not None:
        read_key_frames(keyframes)
    address = RigAddress(Endpoint.read(arguments.connect), arguments.key.absolute())
    with long_work() as work:
        rig = ask_rig(address, work.cancelled)
    title = f"{rig.name} at {address.endpoint.host}"
    connect = address.as_json()
    with nullcontext() if shot is None else virtual_display():
        viewer, displayed = _in_child(
            title,
            shot,
            lambda child: child.start(None, keyframes=keyframes, connect=connect),
        )
    return Outcome({"viewer": viewer, "displayed": displayed}, _sentence(title, arguments.shot))


def _in_child(
    title: str, shot: Path | None, start: Callable[[Viewer], None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    with closing(Viewer(title)) as viewer:
        start(viewer)
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


def _in_process(
    store: Path, shot: Path | None, keyframes: Path | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    requests: list[dict[str, Any]] = [{"op": "displayed"}]
    if shot is not None:
        requests += [{"op": "shot", "values": {"path": str(shot)}}, {"op": "close"}]
    displayed, *rest = show_here(store, store.name, requests, keyframes=keyframes)
    picture = rest[0] if rest else None
    return {"launch": "in-process", "pid": None, "state": "exited", "shot": picture}, displayed


def _sentence(shown: Path | str, shot: Path | None) -> str:
    return f"closed {shown}" if shot is None else f"{shown} as napari shows it: {shot}"
