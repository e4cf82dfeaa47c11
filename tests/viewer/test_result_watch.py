"""Which results a viewer finds and where they lie; no window is needed."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from parfocal.store import append_table, publish_result, write_labels, write_table
from parfocal.viewer import _result_watch
from parfocal.viewer._label_array import LabelArray
from parfocal.viewer._label_document import colors_of
from parfocal.viewer._result_labels import LabelPlace, LabelPlanes
from parfocal.viewer._result_marks import FieldsKnown
from parfocal.viewer._result_watch import LabelResult, ResultWatch
from viewer.cells import FIELDS, SHAPE, SLICES, TIMES, record
from viewer.grounds import ground_and
from viewer.waiting import eventually

TWO = FieldsKnown((("left", "A/1/0"), ("right", "A/1/1")), (2.0, 0.5, 0.25))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("results") / "cells.ome.zarr")


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(made, tmp_path / "cells.ome.zarr"))


@pytest.fixture
def watch(store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResultWatch]:
    """A quick one."""
    monkeypatch.setattr(_result_watch, "_LOOK_S", 0.02)
    monkeypatch.setattr(_result_watch, "_REST", 0)
    with closing(ResultWatch(store)) as watch:
        yield watch


def label(store: Path, image: str, name: str, value: int = 7, **others: Any) -> None:
    with write_labels(store, image, name, **others) as labels:
        labels.put(0, np.full(SHAPE, value, "uint32"), 1)


def test_labels_tables_and_the_newest_run_are_found_and_followed(
    store: Path, watch: ResultWatch
) -> None:
    assert watch.results == {}
    label(store, "A/1/1", "fired")
    assert eventually(lambda: "labels::fired" in watch.results)
    fired = watch.results["labels::fired"]
    from parfocal.store import ResultImage

    for value in (1, 2):
        image = ResultImage("A/1/0", dtype="float32")
        with publish_result(store, "segmentation", [image]) as result:
            pass
        label(store, "results/segmentation/latest/A/1/0", "nuclei", value, run=result.run)

        def shows(value: int = value) -> bool:
            found = watch.results.get("labels:segmentation:nuclei")
            if not isinstance(found, LabelResult):
                return False
            return bool((found.planes.part((0, 0, 1), 0, [3], [4]) == value).all())

        assert eventually(shows)
    assert watch.results["labels:segmentation:nuclei"].found.title == "segmentation · nuclei"
    assert watch.results["labels::fired"] is fired  # what did not change stays the same
    write_table(store, "tracks", [{"track": 1, "t": 0, "p": 0, "y": 2, "x": 3}])
    assert eventually(lambda: "table:tracks" in watch.results)
    append_table(store, "tracks", [{"track": 1, "t": 1, "p": 0, "y": 2, "x": 4}])
    assert eventually(lambda: len(watch.results["table:tracks"].marks.ids) == 2)
    assert watch.results["table:tracks"].title == "tracks"
    assert watch.sentences() == []


def test_a_damaged_result_is_one_sentence_and_the_others_are_shown(
    store: Path, request: pytest.FixtureRequest
) -> None:
    label(store, "A/1/0", "sound")
    label(store, "A/1/0", "bad")
    (store / "A/1/0/labels/bad/zarr.json").write_text('{"attr')
    label(store, "A/1/0", "lost")
    (store / "A/1/0/labels/lost/0/zarr.json").unlink()
    write_table(store, "broken", [{"y": 1, "x": 2, "p": 0}])
    part = store / "parfocal/tables/broken/part-000000.parquet"
    part.write_bytes(part.read_bytes()[:-30])
    (store / "A/1/1/labels").mkdir()
    (store / "A/1/1/labels/zarr.json").write_text("[")
    write_table(store, "homeless", [{"t": 0, "y": 1, "x": 2}])
    wanted = (
        "labels/bad/zarr.json is not JSON",
        "labels/lost",
        "broken/part-000000.parquet cannot be read",
        "A/1/1/labels/zarr.json is not JSON",
        "the table homeless does not say of which of the 2 fields",
    )
    said: list[str] = []
    watch: ResultWatch = request.getfixturevalue("watch")
    assert eventually(
        lambda: said.extend(watch.sentences()) or all(word in str(said) for word in wanted)
    )
    time.sleep(0.3)  # it looks again and again
    said += watch.sentences()
    for words in wanted:
        assert sum(words in sentence for sentence in said) == 1, (words, said)
    assert eventually(lambda: set(watch.results) == {"labels::sound"})
    assert all(sentence.count("\n") == 0 for sentence in said)


def test_nobody_looks_more_often_than_once_a_second(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    stamp = _result_watch.lists_stamp
    monkeypatch.setattr(
        _result_watch, "lists_stamp", lambda *_: looks.append(time.monotonic()) or stamp(*_)
    )
    with closing(ResultWatch(store)):
        time.sleep(2.5)
    assert 1 <= len(looks) <= 3
    assert all(later - earlier >= 0.99 for earlier, later in pairwise(looks))


def test_a_plane_of_labels_that_comes_while_it_is_looked_at_is_told_once(
    store: Path, watch: ResultWatch
) -> None:
    with write_labels(store, "A/1/0", "fired") as labels:
        assert eventually(lambda: "labels::fired" in watch.results)
        planes = watch.results["labels::fired"].planes
        watch.look_at([(1, 0, 2)])
        assert not planes.part((1, 0, 2), 0, [5], [5]).any()
        labels.put(0, np.full(SHAPE, 3), 2)
        time.sleep(0.1)
        assert watch.arrived() == set()  # another plane
        labels.put(1, np.full(SHAPE, 4), 2)
        assert eventually(lambda: watch.arrived() == {"labels::fired"})
        assert (planes.part((1, 0, 2), 0, [5], [5]) == 4).all()
        time.sleep(0.1)
        assert watch.arrived() == set()


def test_a_mask_of_the_plane_on_screen_is_not_told_as_late_as_the_next_look(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is followed shows another plane by then."""
    monkeypatch.setattr(_result_watch, "_LOOK_S", 600.0)
    with (
        write_labels(store, "A/1/0", "fired") as labels,
        closing(ResultWatch(store)) as watch,
    ):
        assert eventually(lambda: "labels::fired" in watch.results)
        planes = watch.results["labels::fired"].planes
        watch.look_at([(1, 0, 2)])
        assert not planes.part((1, 0, 2), 0, [5], [5]).any()
        labels.put(1, np.full(SHAPE, 4), 2)
        assert eventually(lambda: watch.arrived() == {"labels::fired"}, 30)


def test_a_damaged_shard_is_no_object_and_one_sentence(store: Path) -> None:
    label(store, "A/1/0", "fired")
    said: list[str] = []
    planes = LabelPlanes(
        {0: LabelPlace(store / "A/1/0/labels/fired", store / "A/1/0")}, said.append
    )
    (shard,) = (file for file in (store / "A/1/0/labels/fired/0/c").rglob("*") if file.is_file())
    sound = bytearray(shard.read_bytes())
    sound[10] ^= 0x55
    shard.write_bytes(sound)
    for _ in range(2):
        assert not planes.part((0, 0, 1), 0, [0, 1], [0]).any()
    assert len(said) == 1
    assert "labels/fired" in said[0]


@pytest.mark.parametrize(
    "key",
    [
        (0, 1, 1),
        (0, 1, 1, slice(20, 40), slice(None, None, 3)),
        (slice(0, 2), 1, slice(None), 7, slice(5, 1, -1)),
        (..., -1),
        (0, 0, slice(0, 0)),
        (slice(None), slice(None), 1, slice(150, 400), slice(-10, None)),
    ],
)
def test_slicing_labels_is_slicing_an_array(store: Path, key: Any) -> None:
    """Only one field has labels, and only some of their planes were written."""
    whole = np.zeros((TIMES, FIELDS, SLICES, *SHAPE), "uint32")
    whole[0, 1, 1] = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    with write_labels(store, "A/1/1", "cells") as labels:
        labels.put(0, whole[0, 1, 1], 1)
    said: list[str] = []
    planes = LabelPlanes(
        {1: LabelPlace(store / "A/1/1/labels/cells", store / "A/1/1")}, said.append
    )
    array = LabelArray(planes, ground_and(store), 0)
    assert array.shape == whole.shape
    np.testing.assert_array_equal(array[key], whole[key])
    assert said == []


def foreign(path: Path, version: str) -> tuple[np.ndarray, np.ndarray]:
    """A volume with cropped labels by ome-zarr's own writer."""
    from ome_zarr.format import format_from_version

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own default
        from ome_zarr.writer import write_image
        from ome_zarr.writer import write_labels as write_foreign

    random = np.random.default_rng(3)
    image = random.integers(0, 999, (5, 64, 48)).astype("uint16")
    labels = random.integers(0, 9, (5, 64, 48)).astype("int32")
    fmt = format_from_version(version)
    group = zarr.open_group(path, mode="w", zarr_format=fmt.zarr_format)
    options: dict[str, Any] = {
        "fmt": fmt,
        "axes": "zyx",
        "scale": {"z": 3.0, "y": 0.5, "x": 0.25},
        "axes_units": dict.fromkeys("zyx", "micrometer"),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its writer says of itself
        write_image(image, group, scale_factors=(2,), **options)
        write_foreign(labels, group, name="nuclei", scale_factors=(2,), **options)
    return image, labels


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_labels_of_a_store_by_ome_zarr_lie_as_its_own_reader_says(
    tmp_path: Path, version: str
) -> None:
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    path = tmp_path / "foreign.zarr"
    _, labels = foreign(path, version)
    before = sorted(tmp_path.rglob("*"))
    with closing(ResultWatch(path)) as watch:
        assert eventually(lambda: watch.results)
        assert watch.sentences() == []
    (result,) = watch.results.values()
    assert isinstance(result, LabelResult)
    assert result.found.title == "labels · nuclei"
    ground = ground_and(path)
    _, *others = Reader(parse_url(str(path)))()
    (node,) = [node for node in others if node.data]
    assert len(result.planes.levels) == len(node.data)
    for number, (level, data) in enumerate(zip(result.planes.levels, node.data, strict=True)):
        scale, translation = node.metadata["coordinateTransformations"][number]
        assert level.voxel_um == tuple(scale["scale"])
        assert level.origin_um == tuple(translation["translation"])
        array = LabelArray(result.planes, ground, number)
        np.testing.assert_array_equal(np.asarray(array)[0, 0], np.asarray(data))
    assert result.planes.lie.voxel == (1, 1, 1)
    np.testing.assert_array_equal(np.asarray(LabelArray(result.planes, ground, 0))[0, 0], labels)
    assert sorted(tmp_path.rglob("*")) == before  # looking wrote nothing


def test_colours_and_properties_of_others_are_read_with_patience(store: Path) -> None:
    label(store, "A/1/0", "cells", colors={3: (255, 0, 51, 255)})
    assert colors_of(store / "A/1/0/labels/cells")[3] == (1.0, 0.0, 0.2, 1.0)
    file = store / "A/1/0/labels/cells/zarr.json"
    told = json.loads(file.read_text())
    entries = [3, {"label-value": "x"}, {"label-value": 4, "rgba": ["a", 0, 0, 0]}, None]
    told["attributes"]["ome"]["image-label"]["colors"] = entries
    file.write_text(json.dumps(told))
    assert colors_of(store / "A/1/0/labels/cells") == {}
