"""An acquisition PC has no network: nothing of the program may reach for it, children included."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def _namespace_works() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "-n", "true"], check=False).returncode == 0


@pytest.mark.skipif(not _namespace_works(), reason="unshare -n needs Linux and root")
@pytest.mark.timeout(180)
def test_demo_runs_where_there_is_no_network_at_all(tmp_path: Path) -> None:
    # Qt and child processes are seen by no guard in Python; a network namespace holds for them all.
    # It also is the one full demo of the test command: window, run, store, check, viewer.
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "parfocal", "demo", "--json", "-o", str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["state"] == "completed"
    assert answer["check"]["ok"]
    for picture in ("shot", "viewer_shot"):
        assert Path(answer[picture]).stat().st_size > 10_000
