"""What the start of napari is spared changes nothing that is shown, and comes when it is wanted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from parfocal.viewer.child._spared import _LateNdimage

SCRIPT = """if True:
    import json, sys
    from importlib.util import find_spec
    from parfocal.viewer.child._spared import spare_napari
    spare_napari()
    import numpy as np
    from napari.components import ViewerModel
    from napari.layers import Image
    told = {}
    viewer = ViewerModel()
    picture = np.arange(4800.0).reshape(60, 80)
    layer = viewer.add_layer(Image(picture, contrast_limits=(0, 4800), units=("um", "um")))
    told["spared"] = [n for n in ("xarray", "pandas", "scipy.ndimage") if n in sys.modules]
    told["thumbnail"] = layer.thumbnail.mean(axis=2).any(axis=1).sum().item()
    from napari.utils.theme import _themes
    from napari.resources._icons import _theme_path
    told["icons"] = {n: len(list(_theme_path(n).glob("*.svg"))) for n in _themes}
    told["written"] = [p.stat().st_mtime_ns for p in sorted(_theme_path("dark").iterdir())]
    from scipy import ndimage
    told["filtered"] = ndimage.uniform_filter(picture, 3).shape
    if find_spec("xarray"):  # with the peers of the benchmarks only
        import xarray
        labelled = xarray.DataArray(picture, dims=("down", "along"))
        told["axes"] = Image(labelled, contrast_limits=(0, 4800)).axis_labels
    print(json.dumps(told))"""


def told_by_a_start(cache: Path) -> dict[str, Any]:
    out = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "NAPARI_CONFIG": str(cache / "n.yaml")},
        capture_output=True,
        text=True,
    )
    assert out.returncode == 0, out.stderr
    told: dict[str, Any] = json.loads(out.stdout.splitlines()[-1])
    return told


def test_a_start_imports_no_arrays_of_others_and_writes_its_icons_once(tmp_path: Path) -> None:
    first = told_by_a_start(tmp_path)
    assert first["spared"] == []
    assert first["thumbnail"] > 20
    assert first["icons"]["dark"] == first["icons"]["light"] > 100
    assert first["filtered"] == [60, 80]
    assert first.get("axes", ["down", "along"]) == ["down", "along"]
    lost = next(tmp_path.glob("napari/*/_themes/light/*.svg"))
    lost.unlink()  # somebody cleared a part of the cache
    assert told_by_a_start(tmp_path)["written"] == first["written"]
    assert lost.exists()


@pytest.mark.parametrize("shape", [(2048, 1100), (24, 30), (3, 700), (1, 1), (7, 5), (512, 512)])
def test_a_thumbnail_is_zoomed_as_by_scipy(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 9999, shape).astype(np.uint16)
    side = np.clip(np.divide((32, 32), shape).min() * np.array(shape), 1, (32, 32))
    factors = tuple(side / shape)
    ours = _LateNdimage("ndimage").zoom(picture, factors, prefilter=False, order=0)
    assert np.array_equal(ours, ndimage.zoom(picture, factors, prefilter=False, order=0))
    smooth = _LateNdimage("ndimage").zoom(picture, factors, order=1)
    assert np.array_equal(smooth, ndimage.zoom(picture, factors, order=1))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what napari's settings are made of
def test_a_start_writes_no_settings_and_a_user_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from napari.settings import get_settings

    from parfocal.viewer.child._settings import prepare_settings, save_settings

    settings, written = get_settings(), []
    monkeypatch.setattr(type(settings), "save", lambda *_: written.append(1))
    monkeypatch.setattr(settings, "config_path", Path("napari.yaml"))
    before = settings.appearance.font_size
    try:
        prepare_settings()
        settings.appearance.font_size = before + 1
        assert written == []
        save_settings(at_each_change=True)
        settings.appearance.font_size = before
        assert written == [1]
    finally:
        save_settings(at_each_change=True)
