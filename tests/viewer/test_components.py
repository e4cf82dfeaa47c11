"""Which component has layers and which a slider: wells, fields, channels, z and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from parfocal.viewer import ViewerError
from parfocal.viewer._source import ChannelFacts, FieldFacts, LevelFacts, Sizes, SourceFacts
from parfocal.viewer.child._arrangement import Arrangement, arranged, fitting
from parfocal.viewer.child._choices import (
    choices_file,
    remember_components,
    remembered_components,
)
from parfocal.viewer.child._components import Components
from parfocal.viewer.child._names import field_name, time_name, well_name, z_name
from viewer.scenes import SHAPE, names, pixels, plate_spec, record, scene_of, settle, shown

WELLS = [("B3_0000", "B/3"), ("B3_0001", "B/3"), ("C4_0000", "C/4")]


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two wells, of which one has two fields and the other one."""
    return record(tmp_path_factory.mktemp("plate") / "plate.ome.zarr", plate_spec(WELLS))


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Nothing is remembered, before and after."""
    choices_file().unlink(missing_ok=True)
    yield
    choices_file().unlink(missing_ok=True)


def test_wells_and_their_fields_have_a_slider_each_and_what_is_not_there_is_marked(
    plate: Path,
) -> None:
    with scene_of(plate) as scene:
        assert names(scene) == ["DAPI", "FITC"]
        assert scene.viewer.dims.axis_labels == ("well", "time", "field", "z", "y", "x")
        assert scene.viewer.layers[0].data.shape[:4] == (2, 2, 2, 3)
        for p, words in enumerate(["B03 · field 0", "B03 · field 1", "C04 · field 0"]):
            scene.go_to(t=1, p=p, z=2)
            assert scene.text == f"{words} · 00:14:30 · z 4 µm"
            assert scene.coordinates() == {"t": 1, "p": p, "z": 2}
            settle(scene)
            for c, layer in enumerate(scene.viewer.layers):
                assert np.array_equal(shown(layer), pixels((1, p, c, 2)))
        scene.viewer.dims.set_current_step(2, 1)
        assert scene.text == "C04 · no field 1 · 00:14:30 · z 4 µm\nno such field: DAPI, FITC"
        assert scene.coordinates() == {"t": 1, "p": None, "z": 2}
        assert not shown(scene.viewer.layers[0]).any()
        assert not scene.acquired(scene.layers.on_screen()[0][2])


def test_each_component_can_have_layers_and_gets_its_slider_back(plate: Path) -> None:
    with scene_of(plate) as scene:
        scene.go_to(t=1, p=1, z=1)
        for component, labels, first, count in [
            ("well", ("time", "field", "z", "y", "x"), "well B03 · channel DAPI", 4),
            ("field", ("well", "time", "z", "y", "x"), "field 0 · channel DAPI", 4),
            ("z", ("well", "time", "field", "y", "x"), "channel DAPI · z 0 µm", 6),
            ("time", ("well", "field", "z", "y", "x"), "channel DAPI · time 00:00:00", 4),
        ]:
            scene.arrange(scene.components.changed({component: "slice"}), 64)
            assert scene.viewer.dims.axis_labels == labels
            assert names(scene)[0] == first
            assert len(names(scene)) == count
            assert scene.coordinates() == {"t": 1, "p": 1, "z": 1}
            settle(scene)
            for key, layer, index in scene.layers.on_screen():
                assert layer.metadata["parfocal"] | key.as_json() == layer.metadata["parfocal"]
                wanted = np.zeros(SHAPE) if index is None else pixels(index)
                assert np.array_equal(shown(layer), wanted), key
                assert (index is None) == (key.well == "C/4")  # it has no field 1
            scene.arrange(scene.components.changed({component: "stack"}), 64)
            assert names(scene) == ["DAPI", "FITC"]
            assert scene.coordinates() == {"t": 1, "p": 1, "z": 1}
        scene.arrange(scene.components.changed({"channel": "stack"}), 64)
        assert scene.viewer.dims.axis_labels == (
            *("well", "channel", "time", "field", "z"),
            *("y", "x"),
        )
        assert names(scene) == ["plate"]
        assert scene.viewer.layers[0].colormap.name == "magenta"
        scene.go_to(c=1)
        assert scene.viewer.layers[0].colormap.name == "green"
        assert scene.coordinates() == {"t": 1, "p": 1, "z": 1, "c": 1}
        assert scene.text == "B03 · field 1 · 00:14:30 · FITC · z 2 µm"
        settle(scene)
        assert np.array_equal(shown(scene.viewer.layers[0]), pixels((1, 1, 1, 1)))


def test_all_sliced_there_is_a_layer_for_every_plane_and_no_slider(plate: Path) -> None:
    sliced = Components().changed(dict.fromkeys(("well", "field", "z", "time"), "slice"))
    with scene_of(plate, sliced) as scene:
        assert scene.viewer.dims.ndim == 2
        assert len(names(scene)) == 36  # 3 fields, 2 channels, 3 planes, 2 timepoints
        assert names(scene)[0] == "well B03 · field 0 · channel DAPI · z 0 µm · time 00:00:00"
        settle(scene)
        for _, layer, index in scene.layers.on_screen():
            assert index is not None
            assert np.array_equal(shown(layer), pixels(index))


def test_a_store_without_a_plate_has_no_well_slider(tmp_path: Path) -> None:
    store = record(tmp_path / "a.ome.zarr", plate_spec([("Pos000", ""), ("Pos001", "")]))
    with scene_of(store) as scene:
        assert scene.viewer.dims.axis_labels == ("time", "field", "z", "y", "x")
        scene.go_to(p=1)
        assert scene.text.startswith("Pos001 · 00:00:00")
        scene.arrange(scene.components.changed({"well": "slice", "field": "slice"}), 64)
        assert names(scene)[-1] == "field Pos001 · channel FITC"


def facts_of(wells: int) -> SourceFacts:
    return SourceFacts(
        "big",
        "completed",
        Sizes(1, wells, 2, 1, 8, 8),
        "<u2",
        tuple(FieldFacts(f"{n}", f"{chr(65 + n // 24)}/{n % 24 + 1}") for n in range(wells)),
        (ChannelFacts("DAPI", "blue"), ChannelFacts("FITC", "green")),
        (LevelFacts((1, 8, 8), (1.0, 1.0, 1.0)),),
        None,
    )


def test_hundreds_of_layers_are_made_only_when_they_are_asked_for() -> None:
    facts, wells = facts_of(384), Components().changed({"well": "slice"})
    with pytest.raises(ViewerError, match="that would make 768 layers, and 64 are the most"):
        arranged(facts, wells)
    assert len(list(arranged(facts, wells, most=768).keys())) == 768
    arrangement, remark = fitting(facts, wells)
    assert list(arrangement.keys()) == list(Arrangement(facts, Components()).keys())
    assert remark == "well: a slider, since 768 layers are too many"
    assert fitting(facts_of(12), wells)[1] == ""


def test_what_is_no_component_or_mode_is_refused_in_a_sentence() -> None:
    with pytest.raises(ViewerError, match=r"no component 'wells'; there are step, well, field"):
        Components().changed({"wells": "slice"})
    with pytest.raises(ViewerError, match=r"well can be 'slice' .* not 'stacked'"):
        Components().changed({"well": "stacked"})


@pytest.mark.usefixtures("forgotten")
def test_a_choice_is_remembered_and_nonsense_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert remembered_components() == Components()
    chosen = Components().changed({"well": "slice", "channel": "stack"})
    remember_components(chosen)
    assert remembered_components() == chosen
    for nonsense in ("", "[]", '{"components": {"well": 3}}', '{"components": []}'):
        choices_file().write_text(nonsense)
        assert remembered_components() == Components()
    monkeypatch.setenv("XDG_CONFIG_HOME", "/dev/null")
    remember_components(chosen)
    assert remembered_components() == Components()


def test_things_have_the_names_that_a_microscopist_knows() -> None:
    facts = facts_of(30)
    assert [well_name(name) for name in ("A/1", "P/24", "AB/7", "b12", "3", "left")] == [
        *("A01", "P24", "AB07", "B12", "well 3", "left")
    ]
    assert field_name(facts, 3) == "field 3"
    assert (time_name(facts, 2), z_name(facts, 2)) == ("timepoint 2", "2 µm")
    assert z_name(replace(facts, voxel_known=False), 2) == "plane 2"
