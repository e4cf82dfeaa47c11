"""The control pipe: small JSON messages; garbage ends its conversation and nothing else."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parfocal.viewer import Viewer, ViewerError
from parfocal.viewer import _host as host
from parfocal.viewer._control import (
    MOST_BYTES,
    ControlError,
    check_request,
    read_message,
    write_message,
)

GARBAGE = {
    "too long": struct.pack("<I", MOST_BYTES + 1) + b"{}",
    "huge": b"\xff\xff\xff\xff" + b"x" * 100,
    "not JSON": struct.pack("<I", 4) + b"\x80\x04N.",  # a pickle
    "not an object": struct.pack("<I", 2) + b"[]",
    "deeply nested": struct.pack("<I", 60000) + b"[" * 60000,
}


def packed(message: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    write_message(stream, message)
    return stream.getvalue()


def test_messages_come_out_as_they_went_in() -> None:
    messages = [{"op": "shot", "values": {"path": "C:\\Bilder\\“ü”.png"}}, {}, {"a": [1, None]}]
    stream = io.BytesIO(b"".join(packed(message) for message in messages))
    assert [read_message(stream) for _ in messages] == messages
    assert read_message(stream) is None


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused_without_reading_what_it_claims(raw: bytes) -> None:
    with pytest.raises(ControlError):
        read_message(io.BytesIO(raw))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_an_error(raw: bytes) -> None:
    stream = io.BytesIO(raw)
    try:
        while (message := read_message(stream)) is not None:
            assert isinstance(message, dict)
    except ControlError:
        pass


def test_a_message_over_the_limit_is_never_sent() -> None:
    stream = io.BytesIO()
    with pytest.raises(ControlError, match="over the limit"):
        write_message(stream, {"path": "x" * MOST_BYTES})
    assert stream.getvalue() == b""


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"op": 3, "id": 1, "values": {}},
        {"op": "settle", "id": True, "values": {}},
        {"op": "settle", "id": -1, "values": {}},
        {"op": "settle", "id": "1", "values": {}},
        {"op": "settle", "id": 1, "values": []},
        {"op": "settle", "id": 1},
    ],
)
def test_json_that_is_no_request_is_garbage_too(message: dict[str, object]) -> None:
    with pytest.raises(ControlError):
        check_request(message)
    check_request({"op": "settle", "id": 1, "values": {}})


def test_what_cannot_be_written_as_json_is_refused_to_who_asked_and_the_next_request_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = """
import sys
from parfocal.viewer._control import read_message, write_message
read, out = sys.stdin.buffer, sys.stdout.buffer
read_message(read)
write_message(out, {"id": read_message(read)["id"], "result": {"heard": True}})
read.read()
"""
    monkeypatch.setattr(host, "take_or_start", lambda: spawn(code))
    viewer = Viewer()
    viewer.start(Path())
    circle: list[object] = []
    circle.append(circle)
    for value in (Path(), {1, 2}, circle, "x" * MOST_BYTES):
        with pytest.raises(ViewerError, match=r"JSON|over the limit"):
            viewer.request("shot", path=value).result(0)
    assert viewer.request("settle").result(10) == {"heard": True}
    viewer.close()


def test_a_viewer_that_speaks_garbage_is_let_go_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = "import sys, time; sys.stdout.buffer.write(b'napari says hello'); sys.stdout.flush();"
    code += "sys.stdin.buffer.read()"
    monkeypatch.setattr(host, "take_or_start", lambda: spawn(code))
    viewer = Viewer()
    viewer.start(Path())
    answer = viewer.request("settle")
    with pytest.raises(ViewerError):
        answer.result(timeout=10)
    assert viewer.wait(10)
    assert viewer.status().state == "exited"
    assert "cannot be understood" in viewer.status().problem
    viewer.close()


def test_answers_find_their_requests_in_any_order_and_late_ones_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = """
import os, sys, time
from parfocal.viewer._control import read_message, write_message
read, out = sys.stdin.buffer, sys.stdout.buffer
read_message(read)
write_message(out, {"status": {"accepted": 3, "displayed": 2, "dropped": 1}})
first, second, third = (read_message(read) for _ in range(3))
write_message(out, {"id": 77, "result": {}})
write_message(out, {"id": third["id"], "error": "there is no t 9"})
write_message(out, {"id": second["id"], "result": {"drawn": True}})
read.read()
"""
    monkeypatch.setattr(host, "take_or_start", lambda: spawn(code))
    viewer = Viewer()
    viewer.start(Path())
    silent = viewer.request("shot", timeout=0.3, path="a.png")
    drawn = viewer.request("settle")
    refused = viewer.request("show_plane", t=9)
    assert drawn.result(10) == {"drawn": True}
    with pytest.raises(ViewerError, match="there is no t 9"):
        refused.result(10)
    with pytest.raises(ViewerError, match="did not answer shot in time"):
        silent.result(10)
    status = viewer.status()
    assert (status.state, status.accepted, status.displayed, status.dropped) == ("ready", 3, 2, 1)
    viewer.close()
    assert viewer.status().exit_code == 0
    with pytest.raises(ViewerError, match="was closed"):
        viewer.request("settle").result(0)


def test_a_viewer_that_does_not_answer_refuses_more_than_it_can_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host, "take_or_start", lambda: spawn("import time; time.sleep(60)"))
    viewer = Viewer()
    with pytest.raises(ViewerError, match="is not started"):
        viewer.request("settle").result(0)
    viewer.start(Path())
    futures = [viewer.request("theme", dark=True, note="x" * 2000) for _ in range(70)]
    refused = [future for future in futures if future.done()]
    assert len(refused) == 6
    with pytest.raises(ViewerError, match="64 unanswered requests"):
        refused[0].result(0)
    viewer.close(timeout=0.1)
    assert all(future.done() for future in futures)
    assert "did not close when it was asked to" in viewer.status().problem


def spawn(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
