"""The demo as a real process on a machine without display and network: the whole road, once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from no_network import without_display, without_network
from parfocal.store import check, info, list_labels, read_labels, read_table


def demo(*words: str, offline: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*offline, sys.executable, "-m", "parfocal", "demo", *words],
        env=without_display(),
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )


def looks_like_something(path: str, least_colors: int) -> None:
    pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    assert len(pixels) > 500_000
    assert len(np.unique(pixels, axis=0)) > least_colors
    assert pixels.std() > 20


def half_of_the_cells_were_lit_and_answered(store: Path) -> None:
    """Labels, tracks and the masks that fired are in the store, and lit cells became brighter."""
    fields = ("A/1/0", "A/1/1")
    assert list_labels(store) == dict.fromkeys(fields, ("cells", "light"))
    events = read_table(store, "stimulations-light").to_pandas()
    assert sorted(zip(events.p, events.t, strict=True)) == [
        (p, t) for p in (0, 1) for t in range(3, 8)
    ]
    assert set(events.outcome) == {"fired"}
    assert (events.mask_t == events.t).all()
    tracks = read_table(store, "tracks-light").to_pandas()
    gain: dict[bool, list[float]] = {True: [], False: []}
    for p, field in enumerate(fields):
        cells, light = (
            np.asarray(read_labels(store, field, name).read().result())[:, 0, 2]
            for name in ("cells", "light")
        )
        for one in events[events.p == p].itertuples():
            assert np.count_nonzero(light[one.t]) == one.lit_pixels > 0
        first, last = (tracks[(tracks.p == p) & (tracks.t == t)].set_index("track") for t in (3, 7))
        assert set(first.label) == set(np.unique(cells[3])) - {0}
        for track in first.index.intersection(last.index):
            lit = bool(light[3][cells[3] == first.label[track]].all())
            gain[lit].append(last.mean_FITC[track] / first.mean_FITC[track])
    assert min(len(ratios) for ratios in gain.values()) >= 5
    assert np.median(gain[True]) > np.median(gain[False])


# an acquisition PC is offline: where a namespace can be had there is no network, for Qt and napari
@pytest.mark.timeout(240)
def test_the_demo_lights_cells_stores_checks_and_shows_it_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    done = demo("--json", "-o", str(tmp_path / "out"), offline=without_network())
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["state"] == "completed"
    assert value["check"]["ok"] is True
    assert value["viewer_matches"] is True
    store = Path(value["store"])
    assert store == tmp_path / "out" / "demo.ome.zarr"
    facts = info(store)
    assert value["frames"] == facts.acquired == facts.planned == 170  # ten of them of the light
    assert check(store, deep=True).ok
    half_of_the_cells_were_lit_and_answered(store)
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
