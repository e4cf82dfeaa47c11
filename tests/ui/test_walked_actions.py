"""Every action is done once in the real window, and each dialog fits its screen and has names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent / "walked_actions.py"
# what these want is not there: test_viewers_panel.py, test_jobs_*.py, test_run_holds.py and
# test_store_recovery.py have it
ELSEWHERE = {
    *(
        f"viewer.{what}"
        for what in ("attach", "close", "end", "keep_open", "leave", "remove", "restart", "said")
    ),
    *(f"jobs.{what}" for what in ("answer", "cancel", "force", "pause", "retry", "tray")),
    "run.end_wait",
    "store.recover",
}


@pytest.mark.parametrize("scale", [pytest.param(1, marks=pytest.mark.soak), 2])
def test_every_action_can_be_done_and_every_dialog_fits(tmp_path: Path, scale: int) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)],
        env={**os.environ, "QT_SCALE_FACTOR": str(scale)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["faults"] == []
    assert told["scale"] == scale
    assert told["not walked"] == []
    assert set(told["not possible"]) - ELSEWHERE == set()
    assert len(told["opened"]) >= 14
    assert told["too large"] == []
    assert told["nameless"] == []
