"""Who copies on another computer may see other files than we do; then there is no archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from camera import Camera
from rig import Rig

from parfocal.jobs import Database
from parfocal.jobs import _file_work as file_work_module


def test_a_copy_of_what_somebody_else_saw_is_no_archive(
    tmp_path: Path, database: Database, monkeypatch: Any
) -> None:
    rig = Rig(tmp_path, database, stable_seconds=0, output=None, mip=False)
    rig.admit(Camera().write(rig.raw / "Run1"))
    copied = file_work_module.WORK["copy"]
    empty = tmp_path / "not mounted there"
    empty.mkdir()

    def blind(told: Any, pace: Any) -> Any:
        return copied({**told, "raw": str(empty)}, pace)

    monkeypatch.setattr(file_work_module, "WORK", {**file_work_module.WORK, "copy": blind})
    job = rig.work()["archive"]
    assert (job.state, job.attempt) == ("ready", 1)
    assert "other files" in job.error
    assert not rig.backup.exists()
