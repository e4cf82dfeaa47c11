"""The records of viewers that nobody holds: they lead to the very process, and are swept."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from parfocal.viewer import Viewer, ViewerError, ViewerRecord, detached_viewers
from parfocal.viewer import _host as host
from parfocal.viewer._identity import ProcessIdentity
from parfocal.viewer._meeting import knock
from parfocal.viewer._record import DOOR, LOG, PREFIX
from viewer.windowless import left_outside, spawn


def test_a_kept_viewer_that_is_killed_is_swept_by_whoever_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with spawn() as process:
        monkeypatch.setattr(host, "take_or_start", lambda: process)
        viewer = Viewer()
        viewer.start(Path("/data/b.ome.zarr"))
        record = viewer.detach()
        process.kill()
        # written anew, as by a program that has ended long since
        assert viewer.wait(10)
        record.folder.mkdir()
        (record.folder / DOOR).touch()
        (record.folder / LOG).touch()
        record.write()
        assert left_outside() != []
        assert detached_viewers() == ()
        assert left_outside() == []


def test_a_viewer_of_a_rig_has_no_store_and_answers_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with spawn() as process:
        monkeypatch.setattr(host, "take_or_start", lambda: process)
        viewer = Viewer()
        viewer.start(None, connect={"address": "tcp://127.0.0.1:9"})
        assert viewer.request("there").result(10) == {"heard": "there"}
        viewer.close()
        assert viewer.status().exit_code == 0


def test_a_number_that_another_process_has_by_now_is_not_met_and_not_ended(
    kept: ViewerRecord,
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        now = ProcessIdentity.of(other.pid)
        assert now is not None
        earlier = ProcessIdentity(now.pid, now.started - 5)
        assert not earlier.lives
        assert not earlier.signal(9)
        stale = replace(kept, pid=earlier.pid, started=earlier.started)
        stale = replace(stale, folder=kept.folder.with_name(f"{PREFIX}gone"))
        stale.write()
        with pytest.raises(ViewerError, match="has ended"):
            knock(stale, 1.0)
        assert other.poll() is None
        assert not stale.path.exists()
        # and of one that lives, but is not behind this door
        with pytest.raises(ViewerError, match="another process answers"):
            knock(replace(kept, pid=now.pid, started=now.started), 1.0)
        other.communicate(b"\n")
    assert [one.pid for one in detached_viewers()] == [kept.pid]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"pid": 1}', '{"pid": "x"}', "\0", "[" * 50_000]
)
def test_a_file_that_is_no_record_is_passed_over(kept: ViewerRecord, text: str) -> None:
    path = kept.path.with_name(f"torn-{kept.path.name}")
    path.write_text(text)
    assert [one.pid for one in detached_viewers()] == [kept.pid]
    path.unlink()


def test_records_of_other_computers_and_later_versions_are_left_in_peace(
    kept: ViewerRecord,
) -> None:
    elsewhere = replace(kept, host="another-pc", pid=2**22 + 1)
    elsewhere.write()
    later = json.loads(kept.path.read_text()) | {"colour": "blue"}
    kept.path.write_text(json.dumps(later))
    assert [one.pid for one in detached_viewers()] == [kept.pid]
    assert elsewhere.path.exists()
    elsewhere.path.unlink()


def test_nobody_outside_can_lead_the_sweep_to_other_files(
    kept: ViewerRecord, tmp_path: Path
) -> None:
    (tmp_path / LOG).write_text("precious")
    with pytest.raises(ViewerError, match="no folder of a viewer"):
        ViewerRecord.from_json(kept.as_json() | {"folder": str(tmp_path)})
    assert (tmp_path / LOG).exists()
