"""Whatever is wrong with files, folders and words: one sentence with the path, exit code 1, and
nothing left behind."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from camera import Camera
from hand_clock import LaterClock
from rig import Rig, files_of

from parfocal.cli import run_verb
from parfocal.jobs import Database, JobError, retry_job

GOOD = "project: p\nwatch: [{0}/scan]\noutput: {0}/out\narchive: {0}/arc\nminimum_strip_gb: 0\n"


def said(*words: object) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_verb([str(word) for word in words])
    return code, err.getvalue()


def refused(*words: object) -> str:
    code, told = said(*words)
    assert code == 1
    assert told.startswith("parfocal: ")
    assert told.count("\n") == 1, told
    return told


def text(content: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(content) and None


def foreign(version: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with contextlib.closing(sqlite3.connect(path)) as opened:
            opened.execute("CREATE TABLE job (a)")
            opened.execute(f"PRAGMA user_version = {version}")

    return make


QUEUES = {
    "text": (text("no database at all"), "is not a database"),
    "noise": (lambda path: path.write_bytes(os.urandom(9000)) and None, "is not a database"),
    "folder": (Path.mkdir, "cannot be opened: unable to open"),
    "foreign": (foreign(0), "is a database of something else, and no queue"),
    "of no version": (foreign(1), "is a database of something else, and no queue"),
    "later": (foreign(99), "is of a later version of Parfocal"),
}


@pytest.mark.parametrize("kind", QUEUES)
@pytest.mark.parametrize("verb", ["jobs list", "worker --until-idle"])
def test_what_is_no_queue_is_left_as_it_is(tmp_path: Path, kind: str, verb: str) -> None:
    make, why = QUEUES[kind]
    queue = tmp_path / "q.sqlite"
    make(queue)
    before = files_of(tmp_path)
    told = refused(*verb.split(), "--queue", queue)
    assert str(queue) in told
    assert why in told
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("words", ["jobs list", "jobs show 1", "state show", "state reset x"])
def test_a_queue_that_is_only_asked_for_is_not_made(tmp_path: Path, words: str) -> None:
    queue = tmp_path / "mistyped.sqlite"
    assert f"there is no queue {queue}" in refused(*words.split(), "--queue", queue)
    assert not list(tmp_path.iterdir())


def test_a_queue_that_is_damaged_within_is_said_by_every_verb(tmp_path: Path) -> None:
    queue = tmp_path / "q.sqlite"
    database = Database(queue)
    rig = Rig(tmp_path, database, stable_seconds=0)
    for number in range(12):
        rig.admit(rig.raw / f"Run{number}")
    database.close()
    page = 4096
    raw = bytearray(queue.read_bytes())
    raw[2 * page : -page] = os.urandom(len(raw) - 3 * page)
    queue.write_bytes(raw)
    for verb in ("jobs list", "state show", "worker --until-idle"):
        logging.disable()
        try:
            told = refused(*verb.split(), "--queue", queue)
        finally:
            logging.disable(logging.NOTSET)
        assert str(queue) in told


CONFIGS = {
    "folder": (Path.mkdir, "cannot be read: Is a directory"),
    "empty": (text(""), "it holds no `key: value`"),
    "list": (text("[1, 2]"), "it holds no `key: value`"),
    "not closed": (text("a: ["), "line 1, is not YAML"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe\0") and None, "it is not text"),
    "odd keys": (text("? [a, b]\n: 1\n"), "scan.yaml"),
    "a number for a key": (text("1: 2\nproject: p\n"), "scan.yaml"),
    "deep": (text("a: " + "[" * 900), "is not YAML"),
    "a date": (text(GOOD.format("/x").replace("project: p", "project: 2024-01-01")), "line 1"),
    "a word": (text(GOOD.format("/x").replace("watch: [/x/scan]", "watch: /x/scan")), "line 2"),
    "a way": (text(GOOD.format("/x") + "notify: someone\n"), "line 6: notify"),
    "a table": (text(GOOD.format("/x") + "path_map: [a]\n"), "line 6: path_map"),
    "nothing": (text(GOOD.format("/x") + "threads:\nvoxel_size_um: [1, 2]\n"), "line 7: voxel_si"),
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_is_no_configuration_is_refused(tmp_path: Path, kind: str) -> None:
    make, why = CONFIGS[kind]
    file = tmp_path / "scan.yaml"
    make(file)
    for words in (("watch", file, "--once"), ("strip", tmp_path, "--config", file)):
        told = refused(*words, "--queue", tmp_path / "q.sqlite")
        assert str(file) in told
        assert why in told
    assert [path.name for path in tmp_path.iterdir()] == ["scan.yaml"]


def test_what_is_no_strip_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "scan.yaml"
    file.write_text(GOOD.format(tmp_path))
    (tmp_path / "Run5").write_text("a file")
    queue = ("--queue", tmp_path / "q.sqlite")
    for path, why in (("none", "is no strip"), ("Run4", "there is no folder"), ("Run5", "no fol")):
        assert why in refused("strip", tmp_path / path, "--config", file, *queue)
    assert not (tmp_path / "q.sqlite").exists()
    missing = tmp_path / "none.yaml"
    assert f"{missing} cannot be read" in refused("watch", missing, *queue)
    file.write_text(GOOD.format(tmp_path).replace("watch", "#"))
    assert "names no folders to watch" in refused("watch", file, *queue)


def test_places_that_are_files_ask_a_person_and_leave_nothing(rig: Rig) -> None:
    before = files_of(rig.raw)
    for place in ("stores", "backup"):
        (rig.root / place).write_text("a file")
    rig.admit(rig.raw / "Run1")
    jobs = rig.work()
    for stage, place in (("archive", "backup"), ("compress", "stores")):
        assert jobs[stage].state == "parked"
        assert str(rig.root / place) in jobs[stage].error
        assert "\n" not in jobs[stage].error
        (rig.root / place).unlink()
        retry_job(rig.database, jobs[stage].id)
    assert {job.state for job in rig.work().values()} == {"done"}
    assert files_of(rig.raw) == before


def test_broken_json_in_the_queue_or_beside_a_product_is_told(rig: Rig) -> None:
    rig.admit(rig.raw / "Run1")
    rig.do("archive")
    mark = rig.backup.with_name(f".{rig.backup.name}.strip.json")
    mark.write_text("[]")
    with rig.database.change() as sql:
        sql.execute("UPDATE job SET state = 'ready' WHERE kind = 'archive'")
    assert "was not made of this strip" in rig.do("archive").error
    with rig.database.change() as sql:
        sql.execute("UPDATE strip SET config = '{\"project\": 7}'")
    job = rig.do("compress")
    assert job.state == "parked"
    assert "holds no good configuration of brain/slice-000/camera-01/strip-001" in job.error
    with rig.database.change() as sql:
        sql.execute("UPDATE job SET note = '{'")
    with pytest.raises(JobError, match="note of job 1 is no JSON"):
        rig.jobs()


def test_a_tombstone_that_says_nothing_lets_nothing_go(rig: Rig) -> None:
    rig.configure(
        stable_seconds=0, output=None, mip=None, cleanup="delete", delete_consent="delete brain"
    )
    rig.admit(rig.raw / "Run1")
    rig.do("cleanup")
    fresh = Camera(seed=3).spool(rig.raw / "Run1", 0)
    stone = rig.raw / "Run1.tombstone-1.json"
    for broken in ("{", "[]", json.dumps({"files": [["a"]]})):
        stone.write_text(broken)
        with rig.database.change() as sql:
            sql.execute("UPDATE job SET state = 'ready' WHERE kind = 'cleanup'")
        job = rig.do("cleanup")
        assert (job.state, "does not say any more what may go" in job.error) == ("parked", True)
    assert fresh.is_file()


def test_a_queue_on_a_read_only_disk_is_said(tmp_path: Path) -> None:
    Database(tmp_path / "q.sqlite").close()
    script = (
        f"cd {tmp_path} && mount -t tmpfs tmpfs ro && cp q.sqlite ro/ && "
        f"mount -o remount,ro ro && "
        f"exec {sys.executable} -m parfocal jobs list --queue {tmp_path}/ro/q.sqlite"
    )
    (tmp_path / "ro").mkdir()
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("no namespace for a read-only disk here")
    assert done.returncode == 1
    assert done.stderr.startswith(f"parfocal: the queue {tmp_path}/ro/q.sqlite cannot be opened: ")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    database = Database(tmp_path / "queue.sqlite", LaterClock())
    made = Rig(tmp_path, database, stable_seconds=0)
    Camera().write(made.raw / "Run1")
    yield made
    database.close()
