"""Each source of a voxel size wins over the next, and says so; what disagrees is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_recordings import grid, put_all, spec_of
from voxel_size_stores import array, fingerprint, group, image, plate

from parfocal.cli import run_verb
from parfocal.store import Recording, StoreError, StoreReader, VoxelSize, info, resolve_voxel_size

OME_XML = (
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
    '<Pixels ID="Pixels:0" SizeZ="8" PhysicalSizeX="5.1" PhysicalSizeY="5.2" '
    'PhysicalSizeZ="5.3"/></Image></OME>'
)
BDV_XML = (
    '<SpimData version="0.2"><SequenceDescription><ViewSetups><ViewSetup><id>0</id>'
    "<voxelSize><unit>um</unit><size>6.1 6.2 6.3</size></voxelSize>"
    "</ViewSetup></ViewSetups></SequenceDescription></SpimData>"
)
EXPERIMENT = {
    "MicroscopeState": {"microscope_name": "Macro", "step_size": -7.3, "zoom": "2x"},
    "CameraParameters": {
        "Macro": {"fov_x": 71.0, "img_x_pixels": 10, "fov_y": 72.0, "img_y_pixels": 10}
    },
}


def zyx(found: VoxelSize) -> tuple[float, float, float]:
    return found.z, found.y, found.x


def edit(place: Path, change: Callable[[dict[str, Any]], object], zarr_format: int) -> None:
    """Change the attributes that are there."""
    file = place / ("zarr.json" if zarr_format == 3 else ".zattrs")
    document = json.loads(file.read_text())
    change(document["attributes"] if zarr_format == 3 else document)
    file.write_text(json.dumps(document))


# the steps in order: where the size is, how it is taken away, what is then found
STEPS: list[tuple[str, tuple[float, float, float], str, tuple[str, ...]]] = [
    ("component:A/1/0", (1.1, 1.2, 1.3), "A/1/0", ("ome", "multiscales")),
    ("component:A/1/0", (1.4, 1.5, 1.6), "A/1/0", ("voxel_size_um_zyx",)),
    ("component:raw/data", (2.1, 2.2, 2.3), "raw/data", ("scale_tpczyx",)),
    ("component:raw/older", (2.4, 2.5, 2.6), "raw/older", ("scale",)),
    ("store_metadata", (3.1, 3.2, 3.3), "parfocal/metadata", ("voxel_size_um",)),
    ("root_attrs", (4.1, 4.2, 4.3), "", ("physical_pixel_size_zyx",)),
    ("component_ome_xml:raw/older", (5.3, 5.2, 5.1), "raw/older", ("ome_xml",)),
    ("store_metadata_bdv", (6.3, 6.2, 6.1), "parfocal/metadata", ("bdv_xml",)),
    ("root_attrs_navigate", (7.3, 7.2, 7.1), "", ("source_experiment",)),
    ("store_file_ome_xml", (8.3, 8.2, 8.1), "OME", ("file",)),
    ("default", (1.0, 1.0, 1.0), "", ()),
]


@pytest.fixture(params=[2, 3])
def layered(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, int]:
    """A store in which every step has an answer of its own."""
    zarr_format = request.param
    root = tmp_path / "all.ome.zarr"
    others = {"physical_pixel_size_zyx": [4.1, 4.2, 4.3], "source_experiment": EXPERIMENT}
    plate(root, zarr_format=zarr_format, **others)
    own = {"voxel_size_um_zyx": [1.4, 1.5, 1.6], "derived_from": "raw/data"}
    image(root / "A/1/0", [[1, 1, 1.1, 1.2, 1.3]], others=own, zarr_format=zarr_format)
    raw = {"scale_tpczyx": [1, 1, 1, 2.1, 2.2, 2.3], "source_component": "raw/older"}
    array(root / "raw/data", (1, 1, 1, 8, 64, 64), raw, zarr_format)
    older = {"scale": [1, 1, 2.4, 2.5, 2.6], "ome_xml": OME_XML}
    array(root / "raw/older", (1, 1, 1, 8, 64, 64), older, zarr_format)
    metadata = {"voxel_size_um": {"z": 3.1, "y": 3.2, "x": 3.3}, "bdv_xml": BDV_XML}
    group(root / "parfocal/metadata", metadata, zarr_format)
    (root / "OME").mkdir()
    (root / "OME/METADATA.ome.xml").write_text(OME_XML.replace("5.", "8."))
    return root, zarr_format


@pytest.mark.parametrize("gone", range(len(STEPS)), ids=[step[0] for step in STEPS])
def test_each_step_wins_over_the_next_and_says_so(layered: tuple[Path, int], gone: int) -> None:
    root, zarr_format = layered
    for _, _, place, keys in STEPS[:gone]:
        if keys == ("file",):
            (root / "OME/METADATA.ome.xml").unlink()
        elif keys[0] == "ome":
            file = "zarr.json" if zarr_format == 3 else ".zattrs"
            text = (root / place / file).read_text().replace('"scale", "scale":', '"scale", "no":')
            (root / place / file).write_text(text)
        else:
            edit(root / place, lambda attributes, key=keys[0]: attributes.pop(key), zarr_format)
    source, size, _, _ = STEPS[gone]
    for component in (None, "A/1/0", "A/1"):
        found = resolve_voxel_size(root, component)
        assert (found.source, zyx(found)) == (source, pytest.approx(size))
        # every later source disagrees, and so both it and the winner are listed
        later = STEPS[gone:-1] if gone < len(STEPS) - 2 else []
        assert [line.partition(" (")[0] for line in found.conflicts] == [one[0] for one in later]


@pytest.mark.parametrize("value", [None, "2", "nan", 0, -1, float("nan"), float("inf"), True, []])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_junk_number_is_refused_and_told(tmp_path: Path, value: Any, place: int) -> None:
    size: list[Any] = [3.0, 2.0, 2.0]
    size[place] = value
    group(tmp_path, {"voxel_size_um_zyx": [7, 8, 9]})
    image(tmp_path / "a", [[1, 1, *size]], others={"voxel_size_um_zyx": size})
    found = resolve_voxel_size(tmp_path, "a")
    assert (zyx(found), found.source) == ((7, 8, 9), "root_attrs")
    assert [note.partition(" [")[0] for note in found.notes] == [
        "component:a: the scale",
        "component:a: voxel_size_um_zyx",
    ]


@pytest.mark.parametrize(
    ("key", "value", "size"),
    [
        ("voxel_size_um_zyx", [3, 2, 1], (3, 2, 1)),
        ("voxel_size_um_zyx", [1, 1, 3, 2, 1], None),
        ("voxel_size_um_zyx", [2, 1], None),
        ("voxel_size_um_zyx", "321", None),
        ("voxel_size_um", {"z": 3, "y": 2, "x": 1}, (3, 2, 1)),
        ("voxel_size_um", {"z": 3, "x": 1}, None),
        ("scale_tczyx", [9, 9, 3, 2, 1], (3, 2, 1)),
        ("scale_tczyx", [0, None, 3, 2, 1, 9], (3, 2, 1)),
        ("scale_tczyx", [3, 2, 1], None),
        ("scale_tczyx", [9, 3, 2, 1], None),
        ("scale_tpczyx", [9, 9, 9, 3, 2, 1], (3, 2, 1)),
        ("physical_scale_tpczyx", [9, 9, 9, 3, 2, 1, 9], (3, 2, 1)),
        ("pixel_size_tpczyx", [9, 9, 3, 2, 1], None),
        ("scale", [3, 2, 1], (3, 2, 1)),
        ("scale", [9, 9, 3, 2, 1], (3, 2, 1)),
        ("scale", [9, 9, 9, 3, 2, 1], (3, 2, 1)),
        ("scale", [9, 3, 2, 1], None),
        ("scale", 2, None),
    ],
)
def test_an_older_key_is_read_by_the_axes_that_it_names(
    tmp_path: Path, key: str, value: Any, size: tuple[float, float, float] | None
) -> None:
    group(tmp_path)
    array(tmp_path / "data", (8, 64, 64), {key: value})
    found = resolve_voxel_size(tmp_path)
    assert (zyx(found), found.source) == (
        (size or (1, 1, 1)),
        "component:data" if size else "default",
    )


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("nanometer", 1e-3), ("millimeter", 1e3), ("angstrom", 1e-4), ("µm", 1), ("μm", 1)],
)
def test_other_units_are_converted(tmp_path: Path, unit: str, factor: float) -> None:
    image(tmp_path, [[1, 1, 3, 2, 1]], unit=unit)
    found = resolve_voxel_size(tmp_path)
    assert zyx(found) == pytest.approx((3 * factor, 2 * factor, factor))
    assert (found.source, found.notes) == ("component:0", ())


def test_a_missing_unit_is_micrometres_and_told_and_a_pixel_is_no_length(tmp_path: Path) -> None:
    image(tmp_path, [[1, 1, 3, 2, 1]], unit=None)
    found = resolve_voxel_size(tmp_path)
    assert zyx(found) == (3, 2, 1)
    assert found.notes == ("component:0: its scale has no unit; µm is assumed",)
    image(tmp_path, [[1, 1, 3, 2, 1]], unit="pixel")
    assert resolve_voxel_size(tmp_path).source == "default"


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_every_level_has_its_own_anisotropic_size(tmp_path: Path, zarr_format: int) -> None:
    scales = [[1, 1, 2, 0.5, 0.25], None, [1, 1, 4, 2, 1]]
    image(tmp_path, scales, zarr_format=zarr_format)
    found = [resolve_voxel_size(tmp_path, str(number)) for number in range(3)]
    # the middle one says nothing: the first one's, times 8 → 8, 64 → 32, 64 → 32
    assert [zyx(one) for one in found] == [(2, 0.5, 0.25), (2, 1, 0.5), (4, 2, 1)]
    assert [one.source for one in found] == ["component:0", "component:1", "component:2"]
    assert not any(one.conflicts for one in found)


def test_scales_for_the_whole_image_multiply(tmp_path: Path) -> None:
    image(tmp_path, [[1, 1, 1, 1, 1], [1, 1, 1, 2, 2]], shared=[1, 1, 3, 0.5, 0.25])
    assert zyx(resolve_voxel_size(tmp_path, "1")) == (3, 1, 0.5)
    # alone it is about full resolution: the level below is 64 → 32 coarser
    image(tmp_path, [None, None], shared=[1, 1, 3, 0.5, 0.25])
    assert zyx(resolve_voxel_size(tmp_path, "0")) == (3, 0.5, 0.25)
    assert zyx(resolve_voxel_size(tmp_path, "1")) == (3, 1, 0.5)


def test_a_level_by_no_whole_factor_has_the_ratio_of_the_shapes(tmp_path: Path) -> None:
    image(tmp_path, [[1, 1, 2, 1, 1], None], [(1, 1, 8, 15, 64), (1, 1, 8, 10, 64)])
    assert zyx(resolve_voxel_size(tmp_path, "1")) == (2, 1.5, 1)


def test_keys_at_the_root_of_an_image_are_root_attributes(tmp_path: Path) -> None:
    image(tmp_path, [None, None], others={"voxel_size_um_zyx": [3, 2, 1]})
    found = resolve_voxel_size(tmp_path, "1")
    assert (zyx(found), found.source, found.conflicts) == ((3, 4, 2), "root_attrs", ())


def test_the_stores_metadata_come_before_what_its_run_was_told(tmp_path: Path) -> None:
    image(tmp_path, [None])
    group(tmp_path / "parfocal/run", {"parfocal": {"voxel_size_um": {"z": 9, "y": 9, "x": 9}}})
    assert resolve_voxel_size(tmp_path).z == 9
    group(tmp_path / "parfocal/metadata", {"parfocal": {"voxel_size_um_zyx": [3, 2, 1]}})
    found = resolve_voxel_size(tmp_path)
    assert (zyx(found), found.source) == ((3, 2, 1), "store_metadata")
    assert len(found.conflicts) == 2


@pytest.mark.parametrize("length", [20, 21])
def test_a_level_of_an_odd_length_is_still_twice_as_coarse(tmp_path: Path, length: int) -> None:
    for level, attributes in (
        ("a", {}),
        ("b", {}),
        ("c", {"downsample_factors_tpczyx": [1] * 4 + [3, 3]}),
    ):
        root = tmp_path / level
        group(root, {"voxel_size_um_zyx": [5, 1, 1]})
        array(root / "data", (1, 1, 1, 4, length, length))
        short = (length + (level == "a")) // 2
        array(root / "data_pyramid/level_1", (1, 1, 1, 4, short, short), attributes)
    sizes = [zyx(resolve_voxel_size(tmp_path / level, "data_pyramid/level_1")) for level in "abc"]
    assert sizes == [(5, 2, 2), (5, 2, 2), (5, 3, 3)]


def test_what_agrees_within_a_thousandth_is_no_conflict(tmp_path: Path) -> None:
    group(tmp_path / "parfocal/metadata", {"voxel_size_um_zyx": [2.001, 0.5, 0.5]})
    image(tmp_path, [[1, 1, 2, 0.5, 0.5]])
    assert resolve_voxel_size(tmp_path).conflicts == ()
    group(tmp_path / "parfocal/metadata", {"voxel_size_um_zyx": [2.003, 0.5, 0.5]})
    assert resolve_voxel_size(tmp_path).conflicts == (
        "component:0 (coordinateTransformations): z 2, y 0.5, x 0.5 µm",
        "store_metadata (voxel_size_um_zyx): z 2.003, y 0.5, x 0.5 µm",
    )


def test_fields_that_disagree_are_a_conflict_of_the_store_and_not_of_a_field(
    tmp_path: Path,
) -> None:
    plate(tmp_path, fields=4)
    for number, width in enumerate([0.5, 0.5, 0.7, 0.7]):
        image(tmp_path / f"A/1/{number}", [[1, 1, 2, width, width]])
    conflicts = resolve_voxel_size(tmp_path).conflicts
    assert [line.partition(" ")[0] for line in conflicts] == ["component:A/1/0", "component:A/1/2"]
    assert resolve_voxel_size(tmp_path, "A/1/2").conflicts == ()


def test_an_image_without_z_takes_no_depth_from_elsewhere(tmp_path: Path) -> None:
    image(tmp_path, [[0.5, 0.5]], [(64, 64)], {"voxel_size_um_zyx": [9, 0.5, 0.5]}, axes="yx")
    found = resolve_voxel_size(tmp_path)
    assert (zyx(found), found.conflicts) == ((1, 0.5, 0.5), ())
    assert found.notes == ("there is no z axis: the 1 along z stands for nothing",)


def test_labels_have_the_size_of_their_image(tmp_path: Path) -> None:
    image(tmp_path, [[1, 1, 2, 0.5, 0.5]])
    image(tmp_path / "labels/cells", [None], others={"image-label": {}})
    document = json.loads((tmp_path / "labels/cells/zarr.json").read_text())
    document["attributes"]["ome"]["image-label"] = {"source": {"image": "../../"}}
    (tmp_path / "labels/cells/zarr.json").write_text(json.dumps(document))
    found = resolve_voxel_size(tmp_path, "labels/cells")
    assert (zyx(found), found.source) == ((2, 0.5, 0.5), "component:0")


def test_a_recording_agrees_with_itself_at_every_component(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(p=2, z=2)))
    put_all(recording, grid(p=2, z=2))
    recording.close()
    for component in (None, "", "A/1", "A/1/0", "A/1/0/0", "A/1/1", "A/1/1/0"):
        found = resolve_voxel_size(path, component)
        assert (zyx(found), found.conflicts, found.notes) == ((2, 0.5, 0.25), (), ())
    assert resolve_voxel_size(path, "A/1/1").source == "component:A/1/1"
    edit(path / "A/1/0", lambda attributes: attributes.pop("ome"), 3)
    found = resolve_voxel_size(path, "A/1/0")
    assert (zyx(found), found.source) == ((2, 0.5, 0.25), "store_metadata")


def test_reading_changes_nothing_on_the_disk(layered: tuple[Path, int]) -> None:
    root, _ = layered
    before = fingerprint(root)
    for component in (None, "A/1", "A/1/0", "raw/data", "parfocal/metadata"):
        resolve_voxel_size(root, component)
    info(root)
    StoreReader(root)
    assert fingerprint(root) == before


@pytest.mark.parametrize("component", ["../other", "B/1/0", "/../x", "C:/x", "a\0b"])
def test_a_component_that_is_not_there_is_one_sentence(tmp_path: Path, component: str) -> None:
    group(tmp_path)
    with pytest.raises(StoreError, match=r"component"):
        resolve_voxel_size(tmp_path, component)
    with pytest.raises(StoreError, match=r"is no Zarr store"):
        resolve_voxel_size(tmp_path / "absent")


def test_info_prints_source_conflicts_and_notes(
    layered: tuple[Path, int], capsys: pytest.CaptureFixture[str]
) -> None:
    root, _ = layered
    assert run_verb(["info", str(root), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["voxel_size_um"] == {"z": 1.1, "y": 1.2, "x": 1.3}
    assert value["voxel_size_source"] == "component:A/1/0"
    assert len(value["voxel_size_conflicts"]) == len(STEPS) - 1
    assert (
        value["voxel_size_conflicts"][4] == "store_metadata (voxel_size_um): z 3.1, y 3.2, x 3.3 µm"
    )
    assert run_verb(["info", str(root)]) == 0
    said = capsys.readouterr().out
    assert "warning      its sources disagree about the voxel size; the first is used:" in said
    assert "store_metadata (voxel_size_um): z 3.1, y 3.2, x 3.3 µm" in said


def test_info_says_in_words_that_nobody_measured_the_voxel_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image(tmp_path, [None])
    assert run_verb(["info", str(tmp_path)]) == 0
    assert "the store does not say its voxel size; 1, 1, 1 is a guess" in capsys.readouterr().out
