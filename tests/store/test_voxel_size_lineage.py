"""A product has the size of what it was made from, however its ancestry is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voxel_size_stores import array, group, image

from parfocal.store import resolve_voxel_size
from parfocal.store._lineage import MOST_ANCESTORS

SIZE = {"voxel_size_um_zyx": [3, 2, 1]}


def chain(root: Path, length: int, last: dict[str, Any]) -> None:
    """n0 was made from n1, that from n2, and so on."""
    group(root)
    for number in range(length):
        key = "derived_from" if number % 2 else "source_component"
        array(root / f"n{number}", (4, 4, 4), {key: f"n{number + 1}"})
    array(root / f"n{length}", (4, 4, 4), last)


@pytest.mark.parametrize("length", [1, 2, MOST_ANCESTORS, MOST_ANCESTORS + 1])
def test_ancestors_are_followed_so_far_and_no_further(tmp_path: Path, length: int) -> None:
    chain(tmp_path, length, SIZE)
    found = resolve_voxel_size(tmp_path, "n0")
    if length <= MOST_ANCESTORS:
        assert (found.z, found.source, found.notes) == (3, f"component:n{length}", ())
    else:
        assert found.source == "default"
        assert found.notes == (f"more than 32 ancestors: n{length} is not looked at",)


def test_a_cycle_ends_and_is_told(tmp_path: Path) -> None:
    chain(tmp_path, 3, {"derived_from": "n0"})
    found = resolve_voxel_size(tmp_path, "n0")
    assert (found.source, found.notes) == ("default", ("the ancestry of n3 comes back to n0",))
    array(tmp_path / "self", (4, 4, 4), {"derived_from": "self", **SIZE})
    found = resolve_voxel_size(tmp_path, "self")
    assert (found.source, found.notes) == (
        "component:self",
        ("the ancestry of self comes back to self",),
    )


def test_a_dangling_ancestor_is_skipped_and_told(tmp_path: Path) -> None:
    group(tmp_path)
    array(tmp_path / "old", (4, 4, 4), SIZE)
    links = {
        "derived_from": ["gone", "../outside", 7, "s3://bucket/x"],
        "source_component": "/old/",
    }
    array(tmp_path / "new", (4, 4, 4), links)
    found = resolve_voxel_size(tmp_path, "new")
    assert (found.z, found.source) == (3, "component:old")
    assert found.notes == (
        "new: derived_from '../outside' is no path in the store",
        "new: derived_from 7 is no path in the store",
        "new: derived_from 's3://bucket/x' is no path in the store",
        "new was made from gone, which is not in the store",
    )


def test_an_ancestor_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    chain(tmp_path, 1, SIZE)
    (tmp_path / "n1/zarr.json").write_text("{torn")
    found = resolve_voxel_size(tmp_path, "n0")
    assert found.source == "default"
    assert "n1/zarr.json is not JSON" in found.notes[0]


def test_a_collection_says_once_what_its_images_were_made_from(tmp_path: Path) -> None:
    group(tmp_path)
    image(tmp_path / "A/1/0", [[1, 1, 3, 2, 1]])
    group(tmp_path / "results/mip/latest", {"parfocal": {"derived_from": "A/1/0"}})
    image(tmp_path / "results/mip/latest/A/1/0", [None, None])
    found = resolve_voxel_size(tmp_path, "results/mip/latest/A/1/0/1")
    assert (found.z, found.y, found.x, found.source) == (3, 4, 2, "component:A/1/0")


def test_a_product_that_restates_its_size_contradicts_no_ancestor(tmp_path: Path) -> None:
    group(tmp_path)
    array(tmp_path / "data", (8, 4, 4), SIZE)
    own = {"voxel_size_um_zyx": [1, 1, 1], "derived_from": "data"}
    array(tmp_path / "resampled", (24, 8, 4), own)
    assert len(resolve_voxel_size(tmp_path, "resampled").conflicts) == 2
    array(
        tmp_path / "resampled",
        (24, 8, 4),
        {**own, "voxel_size_resolution_source": "component:data"},
    )
    found = resolve_voxel_size(tmp_path, "resampled")
    assert (found.z, found.source, found.conflicts) == (1, "component:resampled", ())


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("recorded", [True, False])
def test_an_old_pyramid_and_what_was_made_of_it_are_as_coarse(
    tmp_path: Path, recorded: bool, linked: bool
) -> None:
    shapes = [(1, 1, 1, 8, 64, 64), (1, 1, 1, 4, 32, 16), (1, 1, 1, 2, 16, 4)]
    paths = ["data", "data_pyramid/level_1", "data_pyramid/level_2"]
    for number, (path, shape) in enumerate(zip(paths, shapes, strict=True)):
        attributes: dict[str, Any] = {}
        if linked and number:
            attributes["source_component"] = paths[number - 1]
        if recorded and number:
            factors = [base / level for base, level in zip(shapes[0], shape, strict=True)]
            attributes["downsample_factors_tpczyx"] = factors
        array(tmp_path / path, shape, attributes)
    array(tmp_path / "product", (1, 1, 1, 2, 2, 2), {"derived_from": "data_pyramid/level_2"})
    expected = {
        "data": (3, 2, 1),
        paths[1]: (6, 4, 4),
        paths[2]: (12, 8, 16),
        "product": (12, 8, 16),
    }
    # the base says it itself, then only the store as a whole does
    for holder, source in (("data", "component:data"), ("", "root_attrs")):
        group(tmp_path, {} if holder else SIZE)
        array(tmp_path / "data", shapes[0], SIZE if holder else {})
        for path, size in expected.items():
            found = resolve_voxel_size(tmp_path, path)
            assert (found.z, found.y, found.x) == pytest.approx(size)
            assert (found.source, found.conflicts) == (source, ())


def test_of_several_ancestors_the_first_says_how_coarse_a_product_is(tmp_path: Path) -> None:
    group(tmp_path, SIZE)
    array(tmp_path / "data", (8, 64, 64))
    array(tmp_path / "data_pyramid/level_1", (8, 32, 32))
    array(tmp_path / "product", (8, 32, 32), {"derived_from": ["data_pyramid/level_1", "data"]})
    found = resolve_voxel_size(tmp_path, "product")
    assert (found.z, found.y, found.x, found.source) == (3, 4, 2, "root_attrs")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=8, max_size=8),
    st.sets(st.integers(0, 7)),
)
def test_any_ancestry_ends_at_its_nearest_size(
    tmp_path_factory: pytest.TempPathFactory, parents: list[list[int]], sized: set[int]
) -> None:
    root = tmp_path_factory.getbasetemp() / "graph"
    group(root)
    for number, links in enumerate(parents):
        size = {"voxel_size_um_zyx": [number + 1] * 3} if number in sized else {}
        array(root / f"n{number}", (4, 4, 4), {"derived_from": [f"n{n}" for n in links], **size})
    # the reference: breadth first, n8 and n9 dangle
    order = [0]
    for number in order:
        order += [n for n in dict.fromkeys(parents[number]) if n < 8 and n not in order]
    nearest = [number for number in order if number in sized]
    found = resolve_voxel_size(root, "n0")
    if nearest:
        assert (found.z, found.source) == (nearest[0] + 1, f"component:n{nearest[0]}")
        others = [f"component:n{number}" for number in nearest] if len(nearest) > 1 else []
        assert [line.partition(" ")[0] for line in found.conflicts] == others
    else:
        assert found.source == "default"
    dangling = any(n >= 8 for number in order for n in parents[number])
    assert any("not in the store" in note for note in found.notes) == dangling
