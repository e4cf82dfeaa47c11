"""The benchmarks give rows that can be read by a program, and leave nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from parfocal.cli.bench._block_per_frame import block_per_frame
from parfocal.cli.bench._live_stream import mixed_frames, ring_frames
from parfocal.cli.bench._react import bare_mask
from parfocal.react import Pipeline, Seen, ready


def bench(
    folder: Path, *words: str, program: tuple[str, ...] = ("-m", "parfocal")
) -> subprocess.CompletedProcess[str]:
    """Run `parfocal bench`, with its scratch folder here."""
    return subprocess.run(
        [sys.executable, *program, "bench", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
    )


def test_a_short_soak_stores_every_frame_and_deletes_its_store(tmp_path: Path) -> None:
    done = bench(tmp_path, "soak", "--seconds", "1", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["name"], row["unit"], row["better"]) == ("record-soak", "MB/s", "higher")
    assert (row["peer"], row["runs"]) == (838.9, 1)
    assert row["ratio"] == pytest.approx(row["ours"] / row["peer"], abs=1e-3)
    assert 0 < row["ratio"] <= 1
    for words in (
        "100 frames of 2048² uint16",
        "all of them stored, 0 dropped",
        "(p50)",
        "(p99.9)",
        "s blocked",
        "closing took",
        "memory was the buffer budget",
        "60 planes compared",
    ):
        assert words in row["note"]
    assert list(tmp_path.iterdir()) == []


# the same measurement with few and small pictures: a tenth of the time
FEW_PICTURES = """
import sys
from parfocal.__main__ import main
from parfocal.cli.bench import _react
_react.ROWS = {"react-vs-bare": (256, 3), "react-2048": (512, 2)}
_react.ROUNDS = 2
sys.exit(main(sys.argv[1:]))
"""


def test_the_closed_loop_is_measured_beside_the_bare_functions(tmp_path: Path) -> None:
    done = bench(tmp_path, "react", "--runs", "1", "--json", program=("-c", FEW_PICTURES))
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert list(rows) == ["react-vs-bare", "react-2048", "react-four-fields"]
    assert [row["better"] for row in rows.values()] == ["lower", "lower", "higher"]
    for row in rows.values():
        assert row["ours"] > 0
        assert row["peer"] > 0
        assert "p50" in row["note"]
        assert "p95" in row["note"]


def test_both_sides_of_the_closed_loop_benchmark_make_the_same_mask() -> None:
    image = np.random.default_rng(2).normal(100, 5, (96, 96))
    image[20:34, 20:34] += 400
    image[50:66, 40:70] += 300
    bare = bare_mask(image.astype(np.uint16))
    pipeline = ready(Pipeline.model_validate({"segment": "otsu", "stimulate": "whole-cell"}))
    seen = Seen(0, 0, image.shape, {"DAPI": image.astype(np.uint16)})
    assert bare.any()
    assert np.array_equal(pipeline.mask(seen, pipeline.cells(seen)), bare)


def test_the_strip_of_100_000_events_is_painted_beside_one_fill(tmp_path: Path) -> None:
    done = bench(tmp_path, "ui", "--runs", "1", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["name"], row["unit"], row["better"]) == ("strip-paint", "ms", "lower")
    assert row["ours"] > 0
    assert row["peer"] > 0
    assert "100000 events" in row["note"]
    assert "each refresh" in row["note"]


@pytest.mark.soak
def test_the_start_of_window_and_viewer_is_measured_from_outside(tmp_path: Path) -> None:
    done = bench(tmp_path, "start", "--runs", "1", "--json")
    assert done.returncode == 0, done.stderr
    window, viewer, waited = json.loads(done.stdout)
    assert (window["name"], window["peer"], window["unit"]) == ("window-start", 1.2, "s")
    assert (viewer["name"], viewer["peer"], viewer["unit"]) == ("viewer-start", 2.0, "s")
    assert (waited["name"], waited["peer"]) == ("viewer-start-waiting", 2.0)
    for row in (window, viewer, waited):
        assert row["ours"] > 0
        assert "at work" in row["note"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["nothing"],
            "there are acquire, convert, design, live, react, record, soak, stalls, start, strip,"
            " ui",
        ),
        (["soak", "--seconds", "0"], "--seconds takes 1 to 86400, not 0"),
        (["soak", "--seconds", "80000"], "GB free, and the soak needs"),
    ],
)
def test_a_senseless_benchmark_is_refused(tmp_path: Path, words: list[str], sentence: str) -> None:
    done = bench(tmp_path, *words)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_ring_and_the_block_a_frame_carry_the_same_frames_to_another_process() -> None:
    rate, accepted = ring_frames(40, 128)
    assert rate > 0
    assert 0 < accepted <= 40
    assert block_per_frame(40, 128) > 0
    mixed, looked_at = mixed_frames(40, 128)
    assert mixed == 0
    assert 0 < looked_at <= 40


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_live_benchmark_has_its_rows_and_leaves_nothing(tmp_path: Path) -> None:
    done = bench(tmp_path, "live", "--runs", "1", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert list(rows) == [
        "live-vs-block-per-frame",
        "live-acquire-with-viewer",
        "live-acquire-stopped-viewer",
        "live-free-running",
        "live-displayed",
    ]
    assert {(row["unit"], row["better"]) for row in rows.values()} == {("frames/s", "higher")}
    assert " 0 of " in rows["live-displayed"]["note"]
    assert list(tmp_path.iterdir()) == []
