"""The acquisition's own record gives a voxel size: OME-XML, BDV, Navigate, wherever it is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voxel_size_stores import array, group, image, ngff

from parfocal.store import resolve_voxel_size
from parfocal.store._acquisition_xml import bdv_spacing, ome_xml_spacing
from parfocal.store._navigate import navigate_spacing

CAMERA = {
    "x_pixels": 2048,
    "y_pixels": 2048,
    "img_x_pixels": 1024,
    "img_y_pixels": 512,
    "fov_x": 512.0,
    "fov_y": 512.0,
    "pixel_size": 6.5,
    "binning": "2x4",
}
STATE = {"microscope_name": "Nano", "step_size": -0.4, "zoom": "13x", "number_z_steps": 10}


def experiment(**changes: Any) -> dict[str, Any]:
    """Navigate's experiment with some values changed, or absent when None."""
    camera = {**CAMERA, **{key: value for key, value in changes.items() if key in CAMERA}}
    state = {**STATE, **{key: value for key, value in changes.items() if key in STATE}}
    return {
        "MicroscopeState": {key: value for key, value in state.items() if value is not None},
        "CameraParameters": {
            "Nano": {key: value for key, value in camera.items() if value is not None},
            "Macro": {"fov_x": 1.0, "img_x_pixels": 1},
            "pixel_size": 99.0,
        },
    }


NO_VIEW: dict[str, Any] = {"fov_x": None, "fov_y": None}


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({}, (0.4, 1.0, 0.5)),
        ({"img_x_pixels": None, "img_y_pixels": None}, (0.4, 0.25, 0.25)),
        ({"fov_y": None}, (0.4, 0.5, 0.5)),
        ({"fov_x": 0}, (0.4, 1.0, 1.0)),
        (NO_VIEW, (0.4, 2.0, 1.0)),
        ({**NO_VIEW, "binning": 2}, (0.4, 1.0, 1.0)),
        ({**NO_VIEW, "binning": [1, 3]}, (0.4, 1.5, 0.5)),
        ({**NO_VIEW, "binning": "junk"}, (0.4, 0.5, 0.5)),
        ({**NO_VIEW, "zoom": 26, "binning": None}, (0.4, 0.25, 0.25)),
        ({**NO_VIEW, "zoom": "0.5x", "binning": "1x1"}, (0.4, 13.0, 13.0)),
        ({**NO_VIEW, "zoom": "N/A"}, (0.4, 6.5, 6.5)),
        ({**NO_VIEW, "zoom": 0}, (0.4, 6.5, 6.5)),
        ({**NO_VIEW, "pixel_size": None}, (0.4, 7.62 * 4, 7.62 * 2)),
        ({"step_size": 0}, None),
        ({"step_size": None}, None),
        ({"step_size": "0.4"}, None),
        ({"step_size": float("nan")}, None),
        ({"step_size": 0, "number_z_steps": 1}, (None, 1.0, 0.5)),
    ],
)
def test_navigate_in_its_order(changes: dict[str, Any], size: tuple[float, ...] | None) -> None:
    record = experiment(**changes)
    if "pixel_size" in changes:
        # the camera's common value stands in for the microscope's
        record["CameraParameters"]["pixel_size"] = 7.62 * 13
    found = navigate_spacing(record)
    if size is None:
        assert found is None
    else:
        assert found is not None
        assert (found.z, found.y, found.x) == pytest.approx(size)


@pytest.mark.parametrize(
    "key", ["navigate_experiment", "source_experiment", "legacy", "MicroscopeState", "text"]
)
def test_where_navigate_is_kept(tmp_path: Path, key: str) -> None:
    kept = {
        "legacy": {"legacy": {"navigate_experiment": {"xy_pixel_size_um": 0.5, "z_step_um": -2}}},
        "MicroscopeState": experiment(fov_y=256.0, step_size=2),
        "text": {"source_experiment": json.dumps(experiment(fov_y=256.0, step_size=2))},
    }.get(key, {key: experiment(fov_y=256.0, step_size=2)})
    group(tmp_path)
    array(tmp_path / "data", (1, 1, 1, 8, 64, 64))
    array(tmp_path / "data_pyramid/level_1", (1, 1, 1, 8, 32, 16))
    group(tmp_path / "clearex/metadata", kept)
    found = resolve_voxel_size(tmp_path)
    assert (found.z, found.y, found.x, found.source) == (2, 0.5, 0.5, "store_metadata_navigate")
    level = resolve_voxel_size(tmp_path, "data_pyramid/level_1")
    assert (level.z, level.y, level.x) == (2, 1, 2)


def test_a_record_that_a_level_carries_is_about_full_resolution(tmp_path: Path) -> None:
    group(tmp_path)
    array(tmp_path / "data", (8, 64, 64))
    kept = {"navigate_experiment": experiment(fov_y=256.0, step_size=2)}
    array(tmp_path / "data_pyramid/level_1", (8, 32, 32), kept)
    found = resolve_voxel_size(tmp_path, "data_pyramid/level_1")
    assert (found.z, found.y, found.x) == (2, 1, 1)
    assert found.source == "component_navigate:data_pyramid/level_1"


def pixels(**attributes: str) -> str:
    inside = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<OME><Image><Pixels {inside}><TiffData/></Pixels></Image></OME>"


XY = {"PhysicalSizeX": "250", "PhysicalSizeXUnit": "nm", "PhysicalSizeY": "0.5"}


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ({**XY, "PhysicalSizeZ": "0.002", "PhysicalSizeZUnit": "mm"}, (2, 0.5, 0.25)),
        ({**XY, "SizeZ": "1"}, (None, 0.5, 0.25)),
        ({**XY, "SizeZ": "5"}, None),
        ({**XY, "SizeZ": "1", "PhysicalSizeZ": "0"}, None),
        ({**XY, "SizeZ": "1", "PhysicalSizeYUnit": "pixel"}, None),
        ({**XY, "SizeZ": "1", "PhysicalSizeY": "wide"}, None),
        ({"PhysicalSizeX": "1", "SizeZ": "1"}, None),
        ({}, None),
    ],
)
def test_ome_xml(attributes: dict[str, str], size: tuple[float, ...] | None) -> None:
    found = ome_xml_spacing(pixels(**attributes), 0, "here", told := [])
    assert (found is None) == (size is None)
    assert bool(told) == (size is None and bool(attributes))
    if found is not None:
        assert (found.z, found.y, found.x) == pytest.approx(size)


@pytest.mark.parametrize(
    "text", ["", "<OME", "<OME>&nbsp;</OME>", '<?xml version="1.0" encoding="x"?><a/>']
)
def test_xml_that_is_none_is_told(text: str) -> None:
    assert ome_xml_spacing(text, 0, "here", told := []) is None
    assert bdv_spacing(text, 0, "here", told) is None
    assert len(told) == 2


def setup(number: int, size: str, unit: str = "um") -> str:
    return (
        f"<ViewSetup><id>{number}</id><size>9 9 9</size>"
        f"<voxelSize><unit>{unit}</unit><size>{size}</size></voxelSize></ViewSetup>"
    )


def test_bdv_by_setup_in_its_unit() -> None:
    text = f"<SpimData>{setup(0, '1 2 3')}{setup(4, '1000 500 4000', 'nm')}</SpimData>"
    sizes = [bdv_spacing(text, number, "here", told := []) for number in (0, 4, 9)]
    assert [(one.z, one.y, one.x) for one in sizes if one] == [(3, 2, 1), (4, 0.5, 1), (3, 2, 1)]
    assert told == []
    for junk in ("1 2", "a b c", "1 2 0", "1 2 nan"):
        assert bdv_spacing(f"<a>{setup(0, junk)}</a>", 0, "here", []) is None
    assert bdv_spacing(f"<a>{setup(0, '1 2 3', 'px')}</a>", 0, "here", []) is None
    assert bdv_spacing(f"<a>{setup(0, '1 2 3', '')}</a>", 0, "here", told) is not None
    assert told == ["here: its voxelSize has no unit; µm is assumed"]


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("listed", [True, False])
def test_a_series_has_the_size_of_its_own_image_in_ome_xml(
    tmp_path: Path, zarr_format: int, listed: bool
) -> None:
    layout = {"bioformats2raw.layout": 3}
    group(tmp_path, {"ome": layout} if zarr_format == 3 else layout, zarr_format)
    names = ["1", "0"] if listed else ["0", "1"]
    for name in names:
        image(tmp_path / name, [None, None], zarr_format=zarr_format)
    series = {"series": names} if listed else {}
    group(tmp_path / "OME", {"ome": series} if zarr_format == 3 else series, zarr_format)
    images = "".join(
        f'<Image><Pixels PhysicalSizeX="{n}" PhysicalSizeY="{n}" PhysicalSizeZ="{n}"/></Image>'
        for n in (1.5, 2.5)
    )
    (tmp_path / "OME/METADATA.ome.xml").write_text(f"<OME>{images}</OME>")
    sizes = [resolve_voxel_size(tmp_path, name) for name in names]
    assert [(one.x, one.source) for one in sizes] == [
        (1.5, "store_file_ome_xml"),
        (2.5, "store_file_ome_xml"),
    ]
    assert resolve_voxel_size(tmp_path, f"{names[1]}/1").x == 5.0


ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("../a")
)
JUNK = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=7), st.dictionaries(st.sampled_from("zyxabc"), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = [
    "voxel_size_um_zyx",
    "voxel_size_um",
    "scale",
    "scale_tpczyx",
    "parfocal",
    "legacy",
    "ome",
    "multiscales",
    "image-label",
    "derived_from",
    "source_component",
    "downsample_factors_tpczyx",
    "ome_xml",
    "bdv",
    "navigate_experiment",
    "MicroscopeState",
    "CameraParameters",
    "series",
    "plate",
    "well",
]
ATTRIBUTES = st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=5)


@settings(max_examples=60, deadline=None)
@given(ATTRIBUTES, ATTRIBUTES, ATTRIBUTES, JUNK, JUNK, JUNK)
def test_junk_anywhere_gives_a_size_above_zero_and_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory,
    root_attributes: dict[str, Any],
    image_attributes: dict[str, Any],
    array_attributes: dict[str, Any],
    scale: Any,
    axes: Any,
    shape: Any,
) -> None:
    root = tmp_path_factory.getbasetemp() / "junk"
    group(root, root_attributes)
    whole = ngff([[1, 1, 1, 1, 1], None])
    multiscale = whole["ome"]["multiscales"][0]
    multiscale["datasets"][0]["coordinateTransformations"][0]["scale"] = scale
    if axes is not None:
        multiscale["axes"] = axes
    group(root / "a", {**whole, **image_attributes})
    array(root / "a/0", [4, 4], array_attributes)
    array(root / "a/1", shape if isinstance(shape, list) else [2, 2], array_attributes)
    group(root / "OME", root_attributes)
    for component in (None, "", "a", "a/0", "a/1"):
        found = resolve_voxel_size(root, component)
        assert all(0 < size < float("inf") for size in (found.z, found.y, found.x))
        assert found.source
        assert not found.conflicts or found.conflicts[0].startswith(found.source)
