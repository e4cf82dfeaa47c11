"""Start this program once more, as a process of its own; from source and frozen alike."""

import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

__all__ = ["own_command", "start_on_its_own", "start_own"]


def own_command() -> list[str]:
    """What starts this program; a verb or the name of a child follows."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    # -P: a folder named napari where the user happens to stand must not be imported
    return [sys.executable, "-P", "-m", "parfocal"]


def start_own(*words: str, **streams: Any) -> "subprocess.Popen[bytes]":
    """Start it; an OSError says why it could not be. What it says goes to `streams`.

    Neither Ctrl-C nor the end of a terminal is for it, and on Windows it opens no console.
    """
    return subprocess.Popen(
        [*own_command(), *words],
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        **streams,
    )


def start_on_its_own(
    *words: str, account: Path, name: str, most_bytes: int | None = None
) -> "subprocess.Popen[bytes]":
    """Start one that outlives us and reads nothing; what it says is added to its account, which
    is begun anew once it has more than `most_bytes`. `name` is that of the thread that reaps it.
    """
    long = most_bytes is not None and account.exists() and account.stat().st_size > most_bytes
    with account.open("wb" if long else "ab") as log:
        process = start_own(*words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    # a child that ends is to be waited for; when this program ends first, the system does that
    Thread(target=process.wait, name=name, daemon=True).start()
    return process
