"""The demo as a real process on a machine without a display: the whole road, once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from parfocal.store import check, info


def demo(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY"}
    }
    return subprocess.run(
        [sys.executable, "-m", "parfocal", "demo", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def looks_like_something(path: str, least_colors: int) -> None:
    pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    assert len(pixels) > 500_000
    assert len(np.unique(pixels, axis=0)) > least_colors
    assert pixels.std() > 20


def test_the_demo_runs_stores_checks_and_shows_it_and_nothing_is_left(tmp_path: Path) -> None:
    done = demo("--json", "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["state"] == "completed"
    assert value["check"]["ok"] is True
    assert value["viewer_matches"] is True
    store = Path(value["store"])
    assert store == tmp_path / "out" / "demo.ome.zarr"
    facts = info(store)
    assert value["frames"] == facts.acquired == facts.planned == 160
    assert check(store, deep=True).ok
    looks_like_something(value["shot"], 200)
    looks_like_something(value["viewer_shot"], 500)
    assert "Traceback" not in done.stderr
    assert {path.name for path in store.parent.iterdir()} == {
        "demo.ome.zarr",
        "demo-window.png",
        "demo-viewer.png",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's own")
def test_a_folder_that_cannot_be_made_is_one_sentence() -> None:
    done = demo("-o", "/proc/nowhere")
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "/proc/nowhere" in done.stderr
