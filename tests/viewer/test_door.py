"""The door of a viewer that nobody holds: its owner's programs alone come in, one at a time."""

from __future__ import annotations

import contextlib
import secrets
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parfocal.viewer import Viewer, ViewerError, ViewerRecord, detached_viewers
from parfocal.viewer import _host as host
from parfocal.viewer._control import MOST_BYTES, encode_message
from parfocal.viewer._identity import ProcessIdentity
from viewer.waiting import eventually
from viewer.windowless import left_outside, spawn

VISITORS = """
import sys, threading
from parfocal.viewer import Viewer, ViewerError, detached_viewers
(record,) = detached_viewers()
print("here", flush=True)
sys.stdin.readline()
try:
    viewer = Viewer.meet(record)
    print("met", flush=True)
    sys.stdin.readline()
    viewer.detach()
except ViewerError as refusal:
    print(refusal, flush=True)
"""


def knocking(record: ViewerRecord) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(10)
    connection.connect(str(record.door))
    return connection


def greeting(record: ViewerRecord, **other: object) -> bytes:
    visitor = ProcessIdentity.own().as_json()
    said = {"protocol": 1, "op": "meet", "token": record.token, "visitor": visitor} | other
    return encode_message(said)


def answer(record: ViewerRecord, sent: bytes) -> bytes:
    with knocking(record) as connection:
        with contextlib.suppress(BrokenPipeError):
            connection.sendall(sent)
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            return connection.recv(4096)
        return b""


WRONG = {
    "no token": {"token": None},
    "a wrong token": {"token": "0" * 64},
    "a token with more than ASCII": {"token": "ü"},
    "half a letter as token": {"token": "\ud800"},
    "a number as token": {"token": 7},
    "another operation": {"op": "close"},
    "nobody": {"visitor": None},
    "a visitor of no number": {"visitor": {"pid": "1", "started": 1}},
}


@pytest.mark.parametrize("other", WRONG.values(), ids=WRONG.keys())
def test_who_does_not_greet_as_we_do_is_told_nothing(
    kept: ViewerRecord, other: dict[str, object]
) -> None:
    assert answer(kept, greeting(kept, **other)) == b""
    assert detached_viewers() != ()


def test_another_version_is_told_so(kept: ViewerRecord) -> None:
    assert b"another version of Parfocal" in answer(kept, greeting(kept, protocol=99))


def test_whatever_is_sent_to_the_door_ends_only_that_connection(kept: ViewerRecord) -> None:
    deep = b"[" * 60_000

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.binary(max_size=300)
        | st.binary(max_size=300).map(lambda raw: struct.pack("<I", len(raw)) + raw)
        | st.integers(0, 2**32 - 1).map(lambda n: struct.pack("<I", n) + b"{}")
        | st.just(struct.pack("<I", len(deep)) + deep)
        | st.integers(1, 60).map(lambda n: greeting(kept)[:-n])
    )
    def at_the_door(raw: bytes) -> None:
        with knocking(kept) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(100) == b""

    at_the_door()
    viewer = Viewer.meet(kept)
    assert viewer.request("settle").result(10) == {"heard": "settle"}
    viewer.close()


def test_garbage_of_a_visitor_that_was_let_in_ends_its_visit_and_the_next_one_is_let_in(
    kept: ViewerRecord,
) -> None:
    for garbage in (secrets.token_bytes(400), struct.pack("<I", MOST_BYTES + 1), b"\x01"):
        with knocking(kept) as connection:
            connection.sendall(greeting(kept))
            assert b'"met"' in connection.recv(4096)
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        assert eventually(lambda: len(detached_viewers()) == 1)
    viewer = Viewer.meet(kept)
    assert "limit is 65536" in viewer.log
    assert "ended in the middle" in viewer.log
    viewer.detach()


def test_silent_and_slow_visitors_are_let_go_and_keep_nobody_out(kept: ViewerRecord) -> None:
    silent = [knocking(kept) for _ in range(6)]
    assert Viewer.meet(kept).detach() is not None
    began = time.monotonic()
    slow = knocking(kept)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for byte in greeting(kept):
            slow.sendall(bytes([byte]))
            time.sleep(0.05)
    assert time.monotonic() - began < 10
    for connection in (*silent, slow):
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(10) == b""
        connection.close()


def test_of_two_programs_that_meet_it_at_once_one_has_it_and_the_other_is_told_who(
    kept: ViewerRecord,
) -> None:
    visitors = [
        subprocess.Popen(
            [sys.executable, "-c", VISITORS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for visitor in visitors:
        assert visitor.stdout is not None
        assert visitor.stdout.readline() == "here\n"
    for visitor in visitors:
        assert visitor.stdin is not None
        visitor.stdin.write("now\n")
        visitor.stdin.flush()
    said = {}
    for visitor in visitors:
        assert visitor.stdout is not None
        said[visitor.pid] = visitor.stdout.readline().strip()
    (has_it,) = [pid for pid, words in said.items() if words == "met"]
    (told,) = [words for pid, words in said.items() if pid != has_it]
    assert told == f"the viewer 'a title' is held by another Parfocal, process {has_it}"
    for visitor in visitors:
        visitor.communicate("done\n", timeout=20)
    assert len(detached_viewers()) == 1


def test_who_is_killed_lets_go_and_who_let_go_of_a_kept_one_leaves_it_kept(
    kept: ViewerRecord,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", VISITORS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as visitor:
        assert visitor.stdin is not None
        assert visitor.stdout is not None
        visitor.stdin.write("now\n")
        visitor.stdin.flush()
        assert [visitor.stdout.readline() for _ in range(2)] == ["here\n", "met\n"]
        assert detached_viewers() == ()
        visitor.kill()
    assert eventually(lambda: [one.says for one in detached_viewers()] == ["left alone"])
    again = Viewer.meet(kept)
    assert again.kept
    again.detach()
    assert eventually(lambda: [one.says for one in detached_viewers()] == ["kept open"])


def test_answers_go_to_who_asked_and_to_no_later_program(kept: ViewerRecord) -> None:
    with knocking(kept) as connection:
        connection.sendall(greeting(kept))
        assert b'"met"' in connection.recv(4096)
        connection.sendall(encode_message({"op": "later", "id": 1, "values": {}}))
    assert eventually(lambda: len(detached_viewers()) == 1)
    viewer = Viewer.meet(kept)
    assert viewer.request("second").result(10) == {"heard": "second"}
    viewer.detach()


def test_a_met_viewer_that_crashes_says_why_and_its_record_is_swept(
    started: Viewer, kept: ViewerRecord
) -> None:
    viewer = Viewer.meet(kept)
    with pytest.raises(ViewerError, match="too blue"):
        viewer.request("crash").result(10)
    assert viewer.wait(10)
    assert viewer.status().problem.endswith("did not say that it would: ValueError: too blue")
    assert "Traceback" in viewer.log
    viewer.close()
    assert started.wait(10)
    assert (started.status().exit_code, left_outside()) == (3, [])


def test_a_viewer_that_nobody_holds_and_whose_window_hangs_ends_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host, "take_or_start", lambda: spawn(1.0, "hangs"))
    viewer = Viewer()
    viewer.start(Path("/data/c.ome.zarr"))
    assert not viewer.wait(3)  # while somebody holds it, that is theirs to decide
    viewer.detach()  # which asks nothing of the window
    assert viewer.wait(10)
    assert viewer.status().exit_code == 0
    assert left_outside() == []


def test_a_log_that_nobody_reads_does_not_fill_the_disk(kept: ViewerRecord) -> None:
    with kept.log.open("ab") as log:
        log.write(b"WARNING: again\n" * 200_000)
    assert eventually(lambda: kept.log.stat().st_size == 0)


def test_a_title_too_long_for_the_pipe_is_refused_before_anything_is_started() -> None:
    viewer = Viewer("x" * MOST_BYTES)
    with pytest.raises(ViewerError, match="over the limit"):
        viewer.start(Path("/data/a.ome.zarr"))
    assert viewer.status().pid is None


def test_two_threads_may_let_go_and_ask_at_once(started: Viewer) -> None:
    futures = []
    asking = threading.Thread(
        target=lambda: futures.extend(started.request("settle") for _ in range(50))
    )
    asking.start()
    started.detach()
    asking.join()
    for future in futures:
        with contextlib.suppress(ViewerError):
            assert future.result(10) == {"heard": "settle"}
