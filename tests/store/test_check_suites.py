"""A check judges attributes as the official conformance cases of NGFF 0.4 and 0.5 do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from parfocal.store._check_schema import Kind, judge_document

SUITES = Path(__file__).parents[3] / "shared" / "data" / "ngff-suites"
COUNTS = {
    ("0.4", "image"): 30,
    ("0.4", "label"): 9,
    ("0.4", "plate"): 31,
    ("0.4", "well"): 6,
    ("0.4", "strict_image"): 5,
    ("0.4", "strict_label"): 2,
    ("0.4", "strict_plate"): 6,
    ("0.4", "strict_well"): 3,
    ("0.5", "image"): 28,
    ("0.5", "label"): 9,
    ("0.5", "plate"): 31,
    ("0.5", "well"): 5,
    ("0.5", "strict_image"): 5,
    ("0.5", "strict_label"): 1,
    ("0.5", "strict_plate"): 5,
    ("0.5", "strict_well"): 2,
}


@pytest.mark.skipif(not SUITES.is_dir(), reason="../shared/data is not here")
@pytest.mark.parametrize(("version", "suite"), COUNTS)
def test_every_official_case_is_judged_as_its_suite_says(version: str, suite: str) -> None:
    kind = cast(Kind, suite.removeprefix("strict_"))
    strict = suite.startswith("strict_")
    cases = json.loads((SUITES / version / f"{suite}_suite.json").read_text())["tests"]
    wrong = [
        (case["formerly"], faults)
        for case in cases
        for faults in [judge_document(case["data"], version, kind, strict=strict)]
        if bool(faults) == case["valid"]
    ]
    assert not wrong
    assert len(cases) >= COUNTS[version, suite]


def image(**changes: Any) -> dict[str, Any]:
    axes = [{"name": name, "type": "space"} for name in "yx"]
    scale = {"type": "scale", "scale": [1.0, 1.0]}
    level = {"path": "0", "coordinateTransformations": [scale]}
    return {"axes": axes, "datasets": [level], **changes}


def two_levels(*transformations: dict[str, Any], path: str = "1") -> list[dict[str, Any]]:
    steps = list(transformations) or [{"type": "scale", "scale": [1, 1]}]
    return [*image()["datasets"], {"path": path, "coordinateTransformations": steps}]


def plate(**changes: Any) -> dict[str, Any]:
    wells = [{"path": "A/1", "rowIndex": 0, "columnIndex": 0}]
    rows, columns = [{"name": "A"}, {"name": "B"}], [{"name": "1"}, {"name": "2"}]
    return {"rows": rows, "columns": columns, "wells": wells, **changes}


def well(path: str, row: int, column: int, **more: Any) -> dict[str, Any]:
    return {"path": path, "rowIndex": row, "columnIndex": column, **more}


def cases() -> Iterator[tuple[str, Kind, Any]]:
    """A rule that no schema can say, and what breaks it."""
    space = [{"name": name, "type": "space"} for name in "yx"]
    late_time = [*space, {"name": "t", "type": "time"}]
    scale, shift = (
        {"type": "scale", "scale": [1, 1]},
        {"type": "translation", "translation": [1, 1]},
    )
    yield "axes", "image", image(axes=late_time)
    yield "axes", "image", image(axes=[space[0], {"name": "y", "type": "space", "unit": "meter"}])
    yield "levels", "image", image(datasets=two_levels(path="0"))
    yield "path-outside", "image", image(datasets=two_levels(path="../1"))
    yield "path-outside", "image", image(datasets=two_levels(path="/1"))
    yield "transformations", "image", image(datasets=two_levels(shift, scale))
    yield "plate-rows", "plate", plate(rows=[{"name": "A"}, {"name": "A", "x": 1}])
    yield "plate-columns", "plate", plate(columns=[{"name": "1"}, {"name": "1", "x": 1}])
    yield "plate-wells", "plate", plate(wells=[well("A/1", 0, 0), well("A/1", 0, 0, x=1)])
    yield "plate-order", "plate", plate(wells=[well("1/A", 0, 0)])
    yield "plate-order", "plate", plate(wells=[well("A/2", 0, 0)])
    yield "plate-order", "plate", plate(wells=[well("A/1", 2, 0)])
    yield "plate-order", "plate", plate(wells=[well("A/1", 0, 2)])
    yield "plate-acquisitions", "plate", plate(acquisitions=[{"id": 0}, {"id": 0, "name": "b"}])
    yield "well-images", "well", {"images": [{"path": "0"}, {"path": "0", "acquisition": 1}]}
    colours = [{"label-value": 1}, {"label-value": 1, "rgba": [0, 0, 0, 0]}]
    yield "label-values", "label", {"colors": colours}
    yield "labels", "labels", ["cells", "cells"]
    yield "path-outside", "labels", ["../cells"]


@pytest.mark.parametrize(("rule", "kind", "value"), list(cases()))
def test_what_no_schema_can_say_is_a_rule(rule: str, kind: Kind, value: Any) -> None:
    key = {"image": "multiscales", "label": "image-label"}.get(kind, kind)
    held = [value] if kind == "image" else value
    faults = judge_document({"ome": {"version": "0.5", key: held}}, "0.5", kind)
    assert {fault.rule for fault in faults} == {rule}
    assert all(fault.where and fault.message for fault in faults)


def test_what_only_should_be_there_is_said_on_request_alone() -> None:
    document = {"ome": {"version": "0.5", "plate": plate()}}
    assert judge_document(document, "0.5", "plate") == []
    (said,) = judge_document(document, "0.5", "plate", strict=True)
    assert (said.rule, said.recommended) == ("recommended", True)
    assert "'name'" in said.message


def test_thousands_of_label_colours_are_judged_at_once() -> None:
    colours = [{"label-value": number, "rgba": [0, 0, 0, 0]} for number in range(3_000)]
    document = {"ome": {"version": "0.5", "image-label": {"colors": colours}}}
    assert judge_document(document, "0.5", "label") == []
    colours.append(colours[0])
    (fault,) = judge_document(document, "0.5", "label")
    assert (fault.rule, fault.where) == ("schema", "ome['image-label'].colors")
    assert "stands there twice" in fault.message
