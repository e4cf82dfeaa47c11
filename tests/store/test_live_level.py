"""The first level can be filled while a store is recorded; after the run only holes are filled."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyramid_stores import LARGE, coarser_with_numpy, level, recorded
from store_recordings import grid, plane_of, spec_of
from victims import Victims

from parfocal.store import Index, Recording, check, recover, write_pyramid
from parfocal.store._level_writer import LevelWriter, Part
from parfocal.store._progress import Course


def record(path: Path, planned: list[Index], given: list[Index], **others: Any) -> Path:
    spec = spec_of(planned, shape=LARGE, **others.pop("spec", {}))
    recording = Recording.create(path, spec, checkpoint_s=None, live_level=True, **others)
    for index in given:
        recording.put(index, plane_of(index, LARGE))
    recording.close()
    return path


@pytest.fixture
def made_after(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The shards that the pyramid had to make itself."""
    files: list[str] = []
    write = LevelWriter.write

    def told(self: LevelWriter, part: Part, course: Course) -> None:
        files.append(part.file)
        write(self, part, course)

    monkeypatch.setattr(LevelWriter, "write", told)
    return files


def is_that_of_an_ordinary_pyramid(path: Path, plain: Path) -> None:
    write_pyramid(plain)
    for field in range(2):
        made, there = level(path, field, 1)
        wanted, held = level(plain, field, 1)
        np.testing.assert_array_equal(made, wanted)
        np.testing.assert_array_equal(there, held)


@pytest.mark.parametrize("voxel", [(2.0, 0.5, 0.5), (0.2, 0.5, 0.5)])
@pytest.mark.parametrize("depth", [1, 5])
def test_a_covered_level_is_only_listed(
    tmp_path: Path, made_after: list[str], depth: int, voxel: tuple[float, float, float]
) -> None:
    planned = grid(t=20, p=2, z=depth)
    words = {"voxel_um": voxel, "due_s": [0.01 * n for n in range(len(planned))]}
    path = record(tmp_path / "live.ome.zarr", planned, planned, spec=words)
    listed = json.loads((path / "A/1/0/zarr.json").read_text())
    assert len(listed["attributes"]["ome"]["multiscales"][0]["datasets"]) == 1
    assert check(path, deep=True).findings == ()
    assert write_pyramid(path).made == 2
    assert made_after == []
    assert check(path, deep=True).findings == ()
    plain = recorded(tmp_path / "plain.ome.zarr", planned, **words)
    is_that_of_an_ordinary_pyramid(path, plain)


def test_what_came_in_parts_or_not_at_all_is_filled_after_the_run(
    tmp_path: Path, made_after: list[str]
) -> None:
    planned = grid(t=4, p=2, z=4)
    missing = ((1, 0, 0, 2),)
    late = [(2, 1, 0, 3), (2, 1, 0, 1)]
    given = [index for index in planned if index not in missing and index not in late]
    words = {"voxel_um": (0.2, 0.5, 0.5)}
    path = tmp_path / "live.ome.zarr"
    spec = spec_of(planned, shape=LARGE, **words)
    recording = Recording.create(
        path, spec, checkpoint_s=None, live_level=True, seal_timeout_s=0.05
    )
    for index in given:
        recording.put(index, plane_of(index, LARGE))
    deadline = time.monotonic() + 20
    while len(recording.committed()) < len(given):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for index in late:
        recording.put(index, plane_of(index, LARGE))
    recording.close()
    write_pyramid(path)
    assert sorted(made_after) == ["c/1/0/0/0/0", "c/2/0/0/0/0"]
    assert check(path, deep=True).ok
    plain = recorded(tmp_path / "plain.ome.zarr", planned, missing=missing, **words)
    is_that_of_an_ordinary_pyramid(path, plain)


def test_without_it_nothing_is_made_while_recording(tmp_path: Path) -> None:
    path = recorded(tmp_path / "plain.ome.zarr")
    assert sorted(entry.name for entry in (path / "A/1/0").iterdir()) == ["0", "zarr.json"]


def test_small_planes_have_no_level_to_fill(tmp_path: Path) -> None:
    path = tmp_path / "small.ome.zarr"
    recording = Recording.create(path, spec_of(grid(t=2)), live_level=True)
    for index in grid(t=2):
        recording.put(index, plane_of(index))
    recording.close()
    assert sorted(entry.name for entry in (path / "A/1/0").iterdir()) == ["0", "zarr.json"]
    assert write_pyramid(path).made == 0


VICTIM = """
import sys
sys.path.insert(0, sys.argv[2])
from pyramid_stores import LARGE
from store_recordings import grid, plane_of, spec_of
from parfocal.store import Recording
planned = grid(t=200, p=2, z=2)
recording = Recording.create(sys.argv[1], spec_of(planned, shape=LARGE), live_level=True)
print("ready", flush=True)
for index in planned:
    recording.put(index, plane_of(index, LARGE))
"""


@pytest.mark.parametrize("moment", [0.2, 0.6])
def test_a_killed_recording_is_recovered_with_its_half_level(tmp_path: Path, moment: float) -> None:
    path = tmp_path / "live.ome.zarr"
    words = [sys.executable, "-c", VICTIM, str(path), str(Path(__file__).parent)]
    victim = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    assert victim.stdout.readline() == "ready\n"
    time.sleep(moment)
    victim.kill()
    victim.wait()
    victim.stdout.close()
    recover(path)
    assert check(path, deep=True).ok
    write_pyramid(path)
    assert check(path, deep=True).ok
    for field in range(2):
        pixels, held = level(path, field, 0)
        made, there = level(path, field, 1)
        wanted, kept = coarser_with_numpy(pixels, held, (1, 2, 2), "mean")
        np.testing.assert_array_equal(made, wanted)
        np.testing.assert_array_equal(there, kept)


def test_a_shard_that_reaches_beyond_the_level_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As many planes came as the level has room for there, but of later timepoints."""
    planned = grid(t=40)
    path = tmp_path / "live.ome.zarr"
    spec = spec_of(planned, shape=LARGE, due_s=[float(n) for n in range(40)])
    recording = Recording.create(path, spec, live_level=True, seal_timeout_s=20)
    frames = recording.geometry.frames
    first = 40 // frames * frames
    assert first < 40 < first + frames
    recording.extend([(t, 0, 0, 0) for t in range(40, 60)], [0.0] * 20)
    skipped = range(first, first + frames - (40 - first))
    for t in skipped:
        recording.skip((t, 0, 0, 0), "late")
    for t in [*range(frames), *range(first, 60), *range(frames, first)]:
        if t not in skipped:
            recording.put((t, 0, 0, 0), plane_of((t, 0, 0, 0), LARGE))
        while t == frames - 1 and not recording.committed():  # the level is begun: 40 timepoints
            time.sleep(0.01)
    recording.close()
    assert caplog.messages == []
    live = {file.name for file in (path / "A/1/0/1/c").iterdir()}
    assert live == {str(n) for n in range(first // frames)}
    write_pyramid(path)
    assert check(path, deep=True).ok


@pytest.mark.parametrize(
    "marker", [r"^write .*/0/1/zarr\.json\.new$", r"^rename .*/0/1/zarr\.json"]
)
def test_a_recording_that_is_killed_as_it_begins_the_level_gets_its_pyramid(
    tmp_path: Path, marker: str
) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data/live.ome.zarr"
    victims = Victims(tmp_path / "errors.txt")
    options = {"grid": {"t": 4}, "shape": LARGE, "create": {"live_level": True}, "pause": 0.1}
    assert victims.run("record", path, **options, marker=marker) == "killed"
    victims.close()
    assert not (path / "A/1/0/1/zarr.json").exists()
    recover(path)
    assert write_pyramid(path).made == 1
    assert check(path, deep=True).ok
