"""The history of a store grows at its end only, and a change of it is found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_recordings import grid, put_all, spec_of

from parfocal.store import (
    Content,
    Recording,
    StoreError,
    content_identity,
    read_provenance,
    record_provenance,
    recover,
    write_pyramid,
)
from parfocal.store._provenance_chain import digest

LOG = "parfocal/provenance/records.jsonl"
HEAD = "parfocal/provenance/zarr.json"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(t=2)))
    put_all(recording, grid(t=2))
    recording.close()
    return path


def fill(store: Path, count: int = 3) -> int:
    """Records until there are some; returns how many there are."""
    for number in range(count):
        record_provenance(store, "analysis", parameters={"number": number}, inputs=["A/1/0"])
    return len(read_provenance(store))


def lines_of(store: Path) -> list[bytes]:
    return (store / LOG).read_bytes().splitlines(keepends=True)


def test_a_record_says_tools_parameters_inputs_and_outputs(store: Path) -> None:
    before = len(read_provenance(store))
    made = record_provenance(
        store,
        "segment",
        parameters={"sigma": 1.5, "path": Path("a/b"), "window": (1, 2)},
        code_version="7",
        inputs=["A/1/0", Content("/elsewhere/model.pt", "sha256:00")],
        outputs=["A/1/0/0"],
        run="r1",
        tools={"cellpose": "4.0"},
    )
    read = read_provenance(store)[-1]
    assert read == made
    assert read.number == before
    assert read.parameters == {"sigma": 1.5, "path": "a/b", "window": [1, 2]}
    assert (read.code_version, read.run, read.tools["cellpose"]) == ("7", "r1", "4.0")
    assert {"python", "parfocal", "tensorstore"} <= set(read.tools)
    assert [one.path for one in read.inputs] == ["A/1/0", "/elsewhere/model.pt"]
    assert read.inputs[0].identity.startswith("sha256:")
    assert len(read.sha256) == 64


def rewritten(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], None]:
    def apply(store: Path) -> None:
        (store / LOG).write_bytes(b"".join(change(lines_of(store))))

    return apply


def rehashed(line: bytes, **changes: Any) -> bytes:
    """What a careful forger writes: the record changed and its own hash made to fit."""
    record = {**json.loads(line), **changes}
    record["sha256"] = digest(record)
    return json.dumps(record).encode() + b"\n"


FORGERIES: dict[str, Callable[[Path], None]] = {
    "edited": rewritten(
        lambda all: [*all[:-2], all[-2].replace(b"analysis", b"analyses"), all[-1]]
    ),
    "last edited": rewritten(lambda all: [*all[:-1], all[-1].replace(b"analysis", b"analyses")]),
    "edited and hashed anew": rewritten(
        lambda all: [*all[:-2], rehashed(all[-2], action="other"), all[-1]]
    ),
    "last edited and hashed anew": rewritten(
        lambda all: [*all[:-1], rehashed(all[-1], action="other")]
    ),
    "first removed": rewritten(lambda all: all[1:]),
    "middle removed": rewritten(lambda all: [*all[:-2], all[-1]]),
    "last removed": rewritten(lambda all: all[:-1]),
    "reordered": rewritten(lambda all: [*all[:-2], all[-1], all[-2]]),
    "one repeated": rewritten(lambda all: [*all, all[-1]]),
    "last cut short": rewritten(lambda all: [*all[:-1], all[-1][:-9]]),
    "all removed": lambda store: (store / LOG).unlink(),
    "number made nan": rewritten(
        lambda all: [*all[:-1], all[-1].replace(b'"number":2', b'"number":NaN')]
    ),
}


@pytest.mark.parametrize("how", FORGERIES)
def test_a_changed_history_is_refused_and_not_added_to(store: Path, how: str) -> None:
    fill(store)
    FORGERIES[how](store)
    with pytest.raises(StoreError, match=r"parfocal/provenance: .*restore"):
        read_provenance(store)
    kept = (store / LOG).read_bytes() if (store / LOG).exists() else b""
    with pytest.raises(StoreError, match="restore"):
        record_provenance(store, "analysis")
    assert ((store / LOG).read_bytes() if (store / LOG).exists() else b"") == kept


@pytest.mark.parametrize("torn", [b'{"action":"x","rec', b'{"action":"x"}', b"\0\0\0\0", b"\0\n"])
def test_a_torn_record_is_left_out_and_cut_off_by_the_next(store: Path, torn: bytes) -> None:
    count = fill(store)
    with (store / LOG).open("ab") as log:
        log.write(torn)
    assert len(read_provenance(store)) == count
    record_provenance(store, "after")
    assert [each.action for each in read_provenance(store)][-2:] == ["analysis", "after"]
    assert torn.strip() not in (store / LOG).read_bytes()


def test_a_record_whose_count_was_not_written_any_more_counts(store: Path) -> None:
    fill(store)
    head = (store / HEAD).read_bytes()
    record_provenance(store, "last")
    (store / HEAD).write_bytes(head)  # killed between the record and the count
    assert read_provenance(store)[-1].action == "last"
    record_provenance(store, "next")
    assert [each.action for each in read_provenance(store)][-2:] == ["last", "next"]


APPEND = """
import sys
from parfocal.store import record_provenance
for number in range(int(sys.argv[2])):
    record_provenance(sys.argv[1], sys.argv[3], parameters={"n": number})
    print(number, flush=True)
"""


def appending(store: Path, count: int, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", APPEND, str(store), str(count), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_do_not_fork_the_chain(store: Path) -> None:
    before = len(read_provenance(store))
    children = [appending(store, 20, name) for name in ("one", "two")]
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0
    records = read_provenance(store)[before:]
    assert len(records) == 40
    for name in ("one", "two"):
        mine = [each.parameters["n"] for each in records if each.action == name]
        assert mine == list(range(20))


def test_a_kill_loses_no_record_that_was_told(store: Path) -> None:
    before = len(read_provenance(store))
    child = appending(store, 100_000, "killed")
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(15)]
    os.kill(child.pid, signal.SIGKILL)
    told += [int(line) for line in child.communicate()[0].splitlines()]
    records = read_provenance(store)[before:]
    assert [each.parameters["n"] for each in records][: len(told)] == told
    assert len(records) - len(told) <= 1
    record_provenance(store, "after")
    assert read_provenance(store)[-1].action == "after"


def test_a_parameter_that_cannot_be_written_is_named(store: Path) -> None:
    with pytest.raises(StoreError, match="the parameter <object object"):
        record_provenance(store, "analysis", parameters={"x": object()})


def test_nothing_is_written_into_a_foreign_store(tmp_path: Path) -> None:
    (tmp_path / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group"}')
    with pytest.raises(StoreError, match="not made by Parfocal"):
        record_provenance(tmp_path, "analysis")
    assert [file.name for file in tmp_path.iterdir()] == ["zarr.json"]
    assert read_provenance(tmp_path) == ()


def test_a_part_that_is_not_there_is_named(store: Path) -> None:
    count = len(read_provenance(store))
    for path in ("A/1/7", "../outside"):
        with pytest.raises(StoreError, match=path):
            record_provenance(store, "analysis", inputs=[path])
    assert len(read_provenance(store)) == count


def test_a_store_begins_its_history_with_how_it_was_recorded(store: Path) -> None:
    (first,) = read_provenance(store)
    assert (first.number, first.action, first.inputs) == (0, "recording", ())
    assert first.parameters["state"] == "completed"
    assert (first.parameters["planned"], first.parameters["acquired"]) == (2, 2)
    assert [one.path for one in first.outputs] == ["A/1/0"]


def test_a_pyramid_says_of_what_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(p=2), shape=(800, 420)))
    put_all(recording, grid(p=2), (800, 420))
    recording.close()
    write_pyramid(path, method="stride")
    write_pyramid(path, method="stride")
    _, made = read_provenance(path)
    assert (made.action, made.parameters) == ("pyramid", {"method": "stride"})
    assert [one.path for one in made.inputs] == ["A/1/0/0", "A/1/1/0"]
    levels = ["A/1/0/1", "A/1/0/2", "A/1/1/1", "A/1/1/2"]
    assert [one.path for one in made.outputs] == levels
    for one in (*made.inputs, *made.outputs):
        assert one.identity == content_identity(path, one.path)


def test_a_recovery_says_what_it_kept(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(Path(__file__).parent)], check=False
    )
    assert child.returncode == -signal.SIGKILL
    kept = recover(path).kept
    (told,) = read_provenance(path)
    assert (told.action, told.parameters["kept"]) == ("recover", kept)
    recover(path)
    assert read_provenance(path) == (told,)


KILLED = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[2])
from store_recordings import grid, put_all, spec_of
from parfocal.store import Recording
planned = grid(t=8, z=2)
recording = Recording.create(sys.argv[1], spec_of(planned))
put_all(recording, planned[:6])
deadline = time.monotonic() + 10
while not recording.committed() and time.monotonic() < deadline:
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""
