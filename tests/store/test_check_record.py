"""A check compares what a recording says of itself with what it holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from check_findings import Break, copied, findings, listed
from store_recordings import grid, put_all, spec_of

from parfocal.store import Recording, check
from parfocal.store._planes import PlaneState, read_planes, write_planes

PLANNED = grid(t=2, c=2, z=3)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(PLANNED))
    put_all(recording, PLANNED)
    recording.close()
    return path


def marked(state: PlaneState) -> Break:
    def change(path: Path) -> None:
        states = read_planes(path)
        assert states is not None
        states[1, 0, 1, 2] = state
        write_planes(path, states)

    return change


def without_a_table_row(path: Path) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(path / "parfocal/run/frames.parquet")
    pq.write_table(table.slice(1), path / "parfocal/run/frames.parquet")


RECORDED: list[tuple[str, str, Break]] = [
    ("planes-lost", "A/1/0/0", lambda path: (path / "A/1/0/0/c/0/0/0/0/0").unlink()),
    ("no-chunks", "A/1/0/0", lambda path: shutil.rmtree(path / "A/1/0/0/c")),
    ("planes-disagree", "parfocal/run", marked(PlaneState.SKIPPED)),
    ("planes-disagree", "parfocal/run", marked(PlaneState.UNPLANNED)),
    ("planes-disagree", "parfocal/run", lambda path: shutil.rmtree(path / "parfocal/run/planes")),
    (
        "planes-disagree",
        "A/1/0/0",
        listed(lambda array: array.update(shape=[3, 2, 3, 24, 20]), "A/1/0/0"),
    ),
    ("frame-table", "parfocal/run/frames.parquet", without_a_table_row),
    (
        "frame-table",
        "parfocal/run/frames.parquet",
        lambda path: (path / "parfocal/run/frames.parquet").write_bytes(b"?"),
    ),
    ("record", "parfocal/run", lambda path: (path / "parfocal/run/zarr.json").write_text("{")),
    (
        "not-closed",
        "parfocal/run",
        listed(lambda own: own.update(state="recording"), "parfocal/run"),
    ),
]


@pytest.mark.parametrize(("rule", "where", "breaks"), RECORDED)
def test_what_a_recording_says_and_does_not_hold_is_found(
    sound: Path, tmp_path: Path, rule: str, where: str, breaks: Break
) -> None:
    path = copied(sound, tmp_path)
    breaks(path)
    found = findings(path)
    assert (found[rule].path, found[rule].severity) == (where, "error")


def test_a_field_whose_folder_is_gone_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(p=2)))
    put_all(recording, grid(p=2))
    recording.close()
    shutil.rmtree(path / "A/1/1")
    found = findings(path)
    assert found["damaged"].severity == "error"
    assert found["field-missing"].path == "A/1/1"


def test_a_recording_under_way_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(PLANNED))
    try:
        put_all(recording, PLANNED[:4])
        found = findings(path)
    finally:
        recording.close()
    assert {(name, said.severity) for name, said in found.items()} == {("recording", "warning")}


def test_a_file_that_is_no_chunk_is_named(sound: Path, tmp_path: Path) -> None:
    path = copied(sound, tmp_path)
    stray = [path / "A/1/0/0/c/0/0/0/0/note.txt", path / "A/1/0/0/c/0/0/9/0/0"]
    for file in stray:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    report = check(path, deep=True)
    named = {found.path for found in report.findings if found.rule == "stray-file"}
    assert named == {file.relative_to(path).as_posix() for file in stray}
    assert report.ok
