"""A result is used again only when running its analysis again would give the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from result_stores import FIELDS, double, doubling, recorded

from parfocal.store import (
    ReusableResult,
    find_reusable,
    publish_result,
    record_provenance,
    write_labels,
    write_table,
)
from parfocal.store._results_arrays import open_array

A, B = {"sigma": 1.0}, {"sigma": 2.0}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return recorded(tmp_path / "cells.ome.zarr")


def found(store: Path, parameters: dict[str, Any] = A, **others: Any) -> ReusableResult | None:
    asked = {"analysis": "double", "code_version": "1", "inputs": FIELDS, **others}
    return find_reusable(store, parameters=parameters, **asked)


def run(store: Path, parameters: dict[str, Any] = A, name: str = "double", **others: Any) -> str:
    return double(store, name, parameters=parameters, code_version="1", **others).run


def change_a_pixel(array: Path) -> None:
    opened = open_array(array, write=True)
    opened[0, 0, 0, 3, 3] = opened[0, 0, 0, 3, 3].read().result() ^ 1


def test_the_same_again_is_the_newest_result(store: Path) -> None:
    assert found(store) is None
    made = run(store)
    again = found(store)
    assert again is not None
    assert (again.analysis, again.run) == ("double", made)
    assert again.outputs == ("results/double/latest",)
    assert found(store, {"sigma": np.float64(1)}) is not None


def test_another_parameter_version_or_input_runs_again(store: Path) -> None:
    run(store)
    assert found(store, B) is None
    assert found(store, code_version="2") is None
    assert found(store, inputs=FIELDS[:1]) is None
    assert found(store, inputs=FIELDS[::-1]) is None
    assert found(store, inputs=["A/1/0", "A/1/9"]) is None
    assert found(store, analysis="other") is None


def test_a_then_b_then_a_runs_again(store: Path) -> None:
    run(store, A)
    run(store, B)
    assert found(store, A) is None
    assert found(store, B) is not None
    run(store, A)
    assert found(store, A) is not None
    assert found(store, B) is None


def test_a_changed_pixel_of_an_input_runs_again(store: Path) -> None:
    run(store)
    change_a_pixel(store / "A/1/1/0")
    assert found(store) is None


def test_a_flipped_bit_of_an_input_is_seen_since_its_file_was_touched(store: Path) -> None:
    run(store)
    shard = next(file for file in (store / "A/1/0/0/c").rglob("*") if file.is_file())
    raw = bytearray(shard.read_bytes())
    raw[20] ^= 1
    shard.write_bytes(raw)
    assert found(store) is None


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_result_that_is_not_as_it_was_made_runs_again(store: Path, harm: str) -> None:
    run(store)
    array = store / "results/double/latest/A/1/0/0"
    if harm == "gone":
        shutil.rmtree(array / "c")
    else:
        opened = open_array(array, write=True)
        opened[0, 0, 0, 0, 0] = np.float32(-1)
    assert found(store) is None


def test_a_copy_of_the_store_knows_its_results(store: Path, tmp_path: Path) -> None:
    run(store)
    copy = Path(shutil.copytree(store, tmp_path / "copy.ome.zarr", copy_function=shutil.copy))
    assert found(copy) is not None


def test_an_upstream_rerun_invalidates_all_that_hangs_below(store: Path) -> None:
    """first → second → third: each is made of the newest of the one before."""
    chain = ("first", "second", "third")

    def sources(number: int) -> list[str]:
        above = f"results/{chain[number - 1]}/latest/" if number else ""
        return [f"{above}{field}" for field in FIELDS]

    def current() -> list[bool]:
        asked = [
            found(store, analysis=name, inputs=sources(number)) for number, name in enumerate(chain)
        ]
        return [one is not None for one in asked]

    for number, name in enumerate(chain):
        run(store, name=name, sources=sources(number))
    assert current() == [True, True, True]
    run(store, name="first")  # the same pixels came out, and yet it was made again
    assert current() == [True, False, False]
    run(store, name="second", sources=sources(1))
    assert current() == [True, True, False]
    run(store, name="third", sources=sources(2))
    assert current() == [True, True, True]
    change_a_pixel(store / "A/1/0/0")
    assert current() == [False, False, False]


def test_labels_and_tables_hang_together_too(store: Path) -> None:
    def segment() -> None:
        with publish_result(store, "segment", inputs=["A/1/0"], code_version="1") as writer:
            with write_labels(store, "A/1/0", "nuclei", run=writer.run, overwrite=True) as labels:
                labels.put(0, np.ones((24, 20), "uint32"))
            writer.add_output(labels.path)

    def track() -> None:
        labels = ["A/1/0/labels/nuclei"]
        with publish_result(store, "track", inputs=labels, code_version="1") as writer:
            write_table(store, "tracks", [{"cell": 1, "t": 0}])
            writer.add_output("parfocal/tables/tracks")

    segment()
    track()
    track_inputs = ["A/1/0/labels/nuclei"]
    assert found(store, {}, analysis="segment", inputs=["A/1/0"]) is not None
    assert found(store, {}, analysis="track", inputs=track_inputs) is not None
    segment()
    assert found(store, {}, analysis="segment", inputs=["A/1/0"]) is not None
    assert found(store, {}, analysis="track", inputs=track_inputs) is None
    track()
    assert found(store, {}, analysis="track", inputs=track_inputs) is not None
    write_table(store, "tracks", [{"cell": 2, "t": 0}])
    assert found(store, {}, analysis="track", inputs=track_inputs) is None


@pytest.mark.parametrize("name", ["export", "export-mip"])
def test_an_export_always_runs(store: Path, name: str) -> None:
    record_provenance(store, name, parameters=A, code_version="1", inputs=FIELDS, run="r")
    assert found(store, analysis=name) is None


def test_a_run_that_was_not_published_is_not_found(store: Path) -> None:
    doubling(store, parameters=A, code_version="1").discard()
    assert found(store) is None
