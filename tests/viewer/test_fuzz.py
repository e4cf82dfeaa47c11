"""Nothing that is sent to a viewer, by whoever holds it, brings its window down or runs code."""

from __future__ import annotations

import contextlib
import re
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parfocal.viewer import Viewer, ViewerError, detached_viewers
from viewer.cells import record
from viewer.waiting import eventually
from viewer.windowless import left_outside

MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
# No path of these leads out of the folder that the viewer was started in.
words = st.text(max_size=20).map(lambda text: text.replace("/", "∕").replace(".", "·"))
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 5)
    | st.floats()
    | words
    | st.sampled_from(["\0", "\ud800", "9" * 5000, "__import__('os').abort()", "${jndi}", "%n%s"])
)
nonsense = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
)
names = st.sampled_from(
    ["t", "p", "z", "channel", "folder", "path", "dark", "on", "self", "answer"]
)

GARBAGE = {
    "noise": secrets.token_bytes(5000),
    "too long": b"\xff\xff\xff\xff" + b"x" * 100,
    "deep": struct.pack("<I", 60_000) + b"[" * 60_000,
    "a pickle": struct.pack("<I", 4) + b"\x80\x04N.",
    "not UTF-8": struct.pack("<I", 5) + b'"\xff\xfe"',
    "no request": struct.pack("<I", 26) + b'{"op":"settle","id":"one"}',
    "cut off": struct.pack("<I", 5000) + b"{}",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store to look at."""
    return record(tmp_path_factory.mktemp("data") / "cells.ome.zarr")


@pytest.fixture(scope="module")
def held(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Viewer]]:
    """One window; the last of the list holds it."""
    patch = pytest.MonkeyPatch()
    patch.chdir(tmp_path_factory.mktemp("here"))  # where a fuzzed path is taken from
    viewers = [Viewer("fuzzed")]
    viewers[0].start(store)
    patch.undo()
    assert viewers[0].request("settle", timeout=60).result()["drawn"]
    yield viewers
    for left in detached_viewers():
        Viewer.meet(left).close()
    viewers[0].close()
    assert eventually(lambda: not left_outside())


def operations(viewer: Viewer) -> list[str]:
    """Those of this version, but for the one that ends it."""
    known = str(viewer.request("no such thing").exception(10)).partition("it knows ")[2]
    return [op for op in re.findall(r"\w+", known) if op != "close"]


def goes_on(viewer: Viewer) -> bool:
    return bool(viewer.request("settle").result(30)["drawn"]) and "Pos" in str(
        viewer.request("displayed").result(30)["text"]
    )


def test_wrong_values_are_refused_by_every_operation(held: list[Viewer]) -> None:
    viewer = held[-1]
    known = operations(viewer)
    assert {"show_plane", "displayed", "settle", "shot", "theme", "follow", "raise"} <= set(known)

    @MANY
    @given(st.sampled_from(known), st.dictionaries(names | words, nonsense, max_size=4))
    def ask(op: str, values: dict[str, Any]) -> None:
        values = {key: value for key, value in values.items() if key not in ("op", "timeout")}
        values.pop("self", None)
        with contextlib.suppress(ViewerError):
            assert isinstance(viewer.request(op, timeout=20, **values).result(30), dict)

    ask()
    for axis in ("t", "p", "z"):  # infinity is no plane
        with pytest.raises(ViewerError):
            viewer.request("show_plane", **{axis: float("inf")}).result(20)
    assert goes_on(viewer)
    assert viewer.status().state in ("ready", "busy")


def test_an_unknown_operation_is_refused_by_name(held: list[Viewer]) -> None:
    @MANY
    @given(words)
    def ask(op: str) -> None:
        with contextlib.suppress(ViewerError):
            held[-1].request(f"no {op}").result(30)

    ask()
    assert goes_on(held[-1])


def test_garbage_ends_the_visit_and_the_same_window_is_met_again(held: list[Viewer]) -> None:
    pid = held[0].status().pid
    for what, raw in GARBAGE.items():
        viewer = held[-1]
        assert viewer._conversation is not None
        viewer._conversation._outbox.put(raw)
        viewer._conversation.hang_up()  # after the garbage
        assert eventually(lambda: len(detached_viewers()) == 1), what
        with pytest.raises(ViewerError):
            viewer.request("settle", timeout=0.5).result(10)
        if viewer is not held[0]:
            viewer._detached.set()  # its watch of the process is not needed any more
        held.append(Viewer.meet(detached_viewers()[0]))
        assert goes_on(held[-1]), what
        assert held[-1].status().pid == pid
    held[-1].detach()
