"""A pipeline is a value with a file; what cannot work is refused with a sentence that names it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parfocal.react import (
    Catalogue,
    Pipeline,
    ReactError,
    catalogue,
    pipeline_from,
    read_pipeline,
    ready,
    write_pipeline,
)

WHOLE = {
    "segment": {"otsu": {"smooth": 2.5}},
    "measure": ["shape", {"intensity": {"channels": ["FITC"]}}, {"ring-ratio": {"channel": "a"}}],
    "track": "laptrack",
    "stimulate": {"half-cell": {"axis": "cell", "angle": 90}},
    "channel": "DAPI",
    "give_up": 5.0,
}
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1)
choices = st.one_of(
    names, st.dictionaries(names, st.dictionaries(names, st.integers()), min_size=1, max_size=1)
)


@pytest.mark.parametrize("ending", [".yaml", ".json"])
def test_a_file_gives_back_the_pipeline_that_was_written(tmp_path: Path, ending: str) -> None:
    pipeline = Pipeline.model_validate(WHOLE)
    path = tmp_path / f"cells{ending}"
    write_pipeline(pipeline, path)
    assert read_pipeline(path) == pipeline
    assert pipeline.as_tree() == WHOLE  # as a person wrote it
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@given(segment=choices, measure=st.lists(choices), track=st.none() | choices)
def test_every_pipeline_is_the_same_as_what_it_is_written_as(
    segment: Any, measure: Any, track: Any
) -> None:
    given = {"segment": segment, "measure": measure, "track": track}
    pipeline = Pipeline.model_validate(given)
    assert Pipeline.model_validate(pipeline.as_tree()) == pipeline


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a part nobody has": ({"segment": "otsy"}, r"no segmenter 'otsy'; there are .*otsu"),
    "a parameter nobody has": ({"segment": {"otsu": {"smoth": 2}}}, r"'otsu'.*no key 'smoth'"),
    "a value out of range": (
        {"segment": {"otsu": {"smooth": -1}}},
        r"'otsu'.*smooth = -1 is not right: input should be greater",
    ),
    "a seed that draws nothing": (
        {"segment": "otsu", "stimulate": {"random-share": {"seed": -1}}},
        r"'random-share'.*seed = -1 is not right: input should be greater",
    ),
    "a parameter left out": (
        {"segment": "otsu", "measure": ["ring-ratio"]},
        r"'ring-ratio': the key 'channel' is missing",
    ),
    "light on cells that nothing finds": (
        {"stimulate": "whole-cell"},
        r"'whole-cell' wants cells that nothing finds: say how to `segment`",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_refused_before_the_run(case: str) -> None:
    tree, sentence = REFUSED[case]
    with pytest.raises(ReactError, match=sentence):
        ready(Pipeline.model_validate(tree))


def test_a_file_that_is_no_pipeline_is_refused_with_its_path(tmp_path: Path) -> None:
    for text, sentence in {
        "segment: otsu": r"has to say `parfocal-pipeline: 1`",
        "parfocal-pipeline: 1\nsegmnt: otsu": r"there is no key 'segmnt'",
        "parfocal-pipeline: 1\ntrack: laptrack": r"say `segment`",
        "a: [": r"is no pipeline",
    }.items():
        path = tmp_path / "cells.yaml"
        path.write_text(text)
        with pytest.raises(ReactError, match=sentence) as refused:
            read_pipeline(path)
        assert str(path) in str(refused.value)
    with pytest.raises(ReactError, match=r"there is no pipeline at .*none\.yaml"):
        read_pipeline(tmp_path / "none.yaml")
    with pytest.raises(ReactError, match=r"phase 'a': there is no key 'b'"):
        pipeline_from({"b": 1}, "phase 'a':")


def test_every_built_in_part_is_offered_and_can_be_used() -> None:
    found = catalogue().parts()
    assert {(one.kind, one.name) for one in found} >= {
        ("segment", "otsu"),
        ("measure", "shape"),
        ("measure", "intensity"),
        ("measure", "ring-ratio"),
        ("track", "laptrack"),
        ("stimulate", "half-cell"),
        ("stimulate", "line"),
    }
    assert {one.source for one in found} == {"built in"}
    for one in found:
        if one.fault:  # Cellpose and StarDist, where they are not installed
            assert "which is not installed; type: pip install" in one.fault
            continue
        assert Catalogue().part(one.kind, one.name).__doc__


def test_the_room_costs_a_start_no_heavy_import() -> None:
    heavy = ("skimage", "scipy", "pandas", "laptrack", "networkx", "pyarrow.parquet", "PyQt6")
    code = (
        "import sys, parfocal.react as r; r.catalogue().parts();"
        "r.ready(r.Pipeline.model_validate({'segment': 'otsu', 'track': 'laptrack'}));"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
