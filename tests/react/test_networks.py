"""Cellpose and StarDist: called as their APIs say, one at a time, and refused before a run.

Neither is installed for these tests: packages of the same names and calls stand in for them.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from parfocal.react import Pipeline, ReactError, Seen, catalogue, ready
from parfocal.react._ready import ReadyPipeline

NAMES = ("cellpose", "stardist", "tensorflow")
WITHOUT_THEM = all(importlib.util.find_spec(name) is None for name in NAMES)
COUNTING = """
import threading, time
import numpy as np
from scipy import ndimage
inside, most, made, asked = [], [0], [], []

def labels_of(image, **given):
    assert image.dtype == np.float32 and image.ndim == 2
    asked.append((float(image.max()), given))
    inside.append(1)
    most[0] = max(most[0], len(inside))
    time.sleep(0.02)
    inside.pop()
    return ndimage.label(image > image.max() / 2)[0].astype(np.uint16)
"""
CELLPOSE = """
import os
from pathlib import Path
from cellpose.counting import labels_of, made
MODEL_DIR = Path(os.environ["CELLPOSE_LOCAL_MODELS_PATH"])
MODEL_NAMES = ["cpsam_v2", "cpsam"]

def get_user_models():
    return ["ours"]

class CellposeModel:
    def __init__(self, gpu=False, pretrained_model="cpsam_v2"):
        if Path(pretrained_model).read_text() != "weights":
            raise RuntimeError("the file of weights is torn")
        made.append((gpu, pretrained_model))

    def eval(self, x, diameter=None, flow_threshold=0.4, cellprob_threshold=0.0, min_size=15):
        given = dict(diameter=diameter, flow=flow_threshold, min_size=min_size)
        return labels_of(x, **given), [None, None, None], np.zeros(256)

import numpy as np
"""
STARDIST = """
from pathlib import Path
from stardist.counting import labels_of, made

class StarDist2D:
    def __init__(self, config, name=None, basedir="."):
        assert config is None
        folder = Path(basedir) / name
        print("Loading network weights from 'weights_best.h5'.")
        if (folder / "weights_best.h5").read_bytes() != b"weights":
            raise OSError("unable to open file (file signature not found)")
        made.append(str(folder))

    def predict_instances(self, img, axes=None, prob_thresh=None, nms_thresh=None,
                          show_tile_progress=True):
        given = dict(axes=axes, prob_thresh=prob_thresh)
        return labels_of(img, **given), {"points": []}
"""
PICTURE = np.full((40, 50), 100, np.uint16)
PICTURE[5:15, 5:20] = 900
PICTURE[25:35, 30:45] = 700


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The packages, and folders for their models, which are empty."""
    packages = tmp_path / "packages"
    for name, models in (("cellpose", CELLPOSE), ("stardist", STARDIST), ("tensorflow", "")):
        (packages / name).mkdir(parents=True)
        (packages / name / "__init__.py").touch()
        (packages / name / "models.py").write_text(models)
        (packages / name / "counting.py").write_text(COUNTING)
    monkeypatch.syspath_prepend(packages)
    monkeypatch.setenv("CELLPOSE_LOCAL_MODELS_PATH", str(tmp_path / "weights"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in NAMES]:
        del sys.modules[name]


def cellpose_weights(home: Path, text: str = "weights", name: str = "cpsam_v2") -> Path:
    (home / "weights").mkdir(exist_ok=True)
    file = home / "weights" / name
    file.write_text(text)
    return file


def stardist_model(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"n_rays": 32}))
    (folder / "weights_best.h5").write_bytes(weights)
    return folder


def finding(name: str, **parameters: object) -> ReadyPipeline:
    made = ready(Pipeline.model_validate({"segment": {name: parameters} if parameters else name}))
    made.prewarm()
    return made


def areas(pipeline: ReadyPipeline) -> list[int]:
    cells = pipeline.cells(Seen(0, 0, PICTURE.shape, {"DAPI": PICTURE}))
    assert cells is not None
    return [int(area) for area in cells.table["area"]]


@pytest.mark.skipif(not WITHOUT_THEM, reason="they are installed here")
@pytest.mark.parametrize("name", ["cellpose", "stardist"])
def test_without_its_package_a_segmenter_says_what_to_install(name: str) -> None:
    pipeline = Pipeline.model_validate({"segment": name})
    sentence = (
        rf"the segmenter '{name}' needs the package '{name}', which is not installed; type: "
        rf'pip install "{name}>='
    )
    with pytest.raises(ReactError, match=sentence):
        ready(pipeline)
    (listed,) = (one for one in catalogue().parts() if one.name == name)
    assert "which is not installed" in listed.fault


def test_cellpose_gives_its_labels_with_the_parameters_of_the_pipeline(stand_ins: Path) -> None:
    file = cellpose_weights(stand_ins)
    pipeline = finding("cellpose", diameter=20, gpu=False)
    assert areas(pipeline) == [150, 150]
    from cellpose import counting  # the stand-in

    assert counting.made == [(False, str(file))]  # once, before the first picture
    brightest, given = counting.asked[-1]
    assert (brightest, given["diameter"], given["flow"]) == (900.0, 20.0, 0.4)
    own = cellpose_weights(stand_ins, name="my.weights")
    assert areas(finding("cellpose", model=str(own))) == [150, 150]
    assert counting.made[-1] == (True, str(own))


def test_stardist_is_given_a_picture_between_nought_and_one(
    stand_ins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # where Keras unpacks what it fetched, and a model of one's own
    kept = stand_ins / "keras/models/StarDist2D/2D_versatile_fluo/2D_versatile_fluo_extracted"
    stardist_model(kept)
    pipeline = finding("stardist", probable=0.6)
    assert areas(pipeline) == [150, 150]
    from stardist import counting  # the stand-in

    assert counting.made == [str(kept)]
    brightest, given = counting.asked[-1]
    assert brightest == pytest.approx(1.0, abs=0.05)
    assert given == {"axes": "YX", "prob_thresh": 0.6}
    own = stardist_model(stand_ins / "ours")
    assert areas(finding("stardist", model=str(own))) == [150, 150]
    assert counting.made[-1] == str(own)
    said = capsys.readouterr()
    assert said.out == ""  # a verb's output is one JSON value
    assert "Loading network weights" in said.err


@pytest.mark.parametrize("name", ["cellpose", "stardist"])
def test_a_network_is_asked_by_one_thread_after_the_other(stand_ins: Path, name: str) -> None:
    cellpose_weights(stand_ins)
    stardist_model(stand_ins / "keras/models/StarDist2D/2D_versatile_fluo")
    pipeline = finding(name)
    threads = [threading.Thread(target=areas, args=(pipeline,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counting = sys.modules[f"{name}.counting"]
    assert len(counting.asked) == 5  # the first one warmed it up
    assert counting.most == [1]
    assert len(counting.made) == 1


def test_a_model_that_is_not_there_or_does_not_load_is_refused_before_the_run(
    stand_ins: Path,
) -> None:
    refused: list[tuple[str, dict[str, object], str]] = [
        ("cellpose", {}, r"weights of Cellpose .*cpsam_v2 are not on this computer.*type.*python"),
        ("cellpose", {"model": "cyto9"}, r"no model 'cyto9' of Cellpose; there are cpsam_v2"),
        ("stardist", {}, r"no StarDist model with weights in .*2D_versatile_fluo.* type"),
    ]
    for name, parameters, sentence in refused:
        with pytest.raises(ReactError, match=sentence):
            finding(name, **parameters)
    cellpose_weights(stand_ins, "torn")
    with pytest.raises(
        ReactError,
        match="the segmenter 'cellpose' cannot be loaded: RuntimeError: the file of weights",
    ):
        finding("cellpose")
    stardist_model(stand_ins / "keras/models/StarDist2D/2D_versatile_fluo", b"")
    with pytest.raises(
        ReactError, match="the segmenter 'stardist' cannot be loaded: OSError: unable to open"
    ):
        finding("stardist")
