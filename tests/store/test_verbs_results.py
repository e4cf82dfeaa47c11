"""`parfocal info` lists what was made of a store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from result_stores import double, recorded

from parfocal.cli import run_verb
from parfocal.store import write_labels, write_table


def test_info_lists_results_labels_and_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    assert run_verb(["info", str(store), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["results"], told["labels"], told["tables"]) == ([], {}, [])
    runs = [double(store).run for _ in range(2)]
    write_labels(store, "A/1/1", "nuclei")
    write_table(store, "tracks", [{"cell": 1}])
    assert run_verb(["info", str(store), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["run"]: one["latest"] for one in told["results"]} == dict(
        zip(runs, (False, True), strict=True)
    )
    assert told["labels"] == {"A/1/1": ["nuclei"]}
    assert told["tables"] == ["tracks"]
    assert run_verb(["info", str(store)]) == 0
    text = capsys.readouterr().out
    for line in ("results      double (2)", "labels       nuclei (1)", "tables       tracks"):
        assert line in text
