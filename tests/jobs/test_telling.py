"""People are told on their ways, at least once; and what a run needs comes before all work."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from camera import Camera
from receiver import Receiver
from rig import Rig

from parfocal.cli import run_verb
from parfocal.cli._queue import silent_acquisitions
from parfocal.jobs import Database, Watcher, read_config
from parfocal.jobs._deliver import deliver_next
from parfocal.run._breadcrumb import Breadcrumb, new_breadcrumb_path, state_folder, write_breadcrumb

DOCS = Path(__file__).parents[2] / "docs" / "strips.md"


class MailServer(socketserver.ThreadingTCPServer):
    """As much of SMTP as takes a letter."""

    allow_reuse_address = True

    def __init__(self) -> None:
        self.letters: list[str] = []
        super().__init__(("127.0.0.1", 0), Postman)


class Postman(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.letters.append(text.decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 yes\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    return Rig(tmp_path, database, stable_seconds=0)


def test_mail_slack_and_who_is_only_told_when_needed(rig: Rig, mail: MailServer) -> None:
    host, port = mail.server_address
    with Receiver().listening() as receiver:
        rig.configure(
            stable_seconds=0,
            notify=[
                {"email": "me@example.org", "smtp": f"{host}:{port}"},
                {"webhook": receiver.url, "format": "slack", "only": "needs me"},
            ],
        )
        rig.admit(Camera().write(rig.raw / "Run1"))
        broken = Camera().write(rig.raw / "Run2")
        (broken / "2000000000spool.dat").unlink()
        rig.admit(broken)
        rig.work()
        while deliver_next(rig.database):
            pass
    subjects = [re.search(r"^Subject: (.*)$", letter, re.MULTILINE)[1] for letter in mail.letters]
    good, bad = sorted(subjects)
    assert good.strip() == "Strip 1 of slice 0 (camera-01) processed"
    assert bad.startswith("brain/slice-000/camera-01/strip-002 (settle) wants a person:")
    assert sum("image/jpeg" in letter for letter in mail.letters) == 1
    (slack,) = receiver.taken
    assert "lacks 2000000000spool.dat" in slack["text"]


def test_a_slice_is_told_in_quarters_once_and_cameras_that_differ(rig: Rig) -> None:
    with Receiver().listening() as receiver:
        rig.configure(
            stable_seconds=0,
            output=None,
            mip=None,
            strips_per_slice=3,
            slices=2,
            notify=[{"webhook": receiver.url}],
        )
        folders = [Camera(files=2).write(rig.raw / f"Run{number}") for number in range(3)]
        folders.append(Camera(files=3).write(rig.raw / "Run2_C2"))
        late = time.time() + 300
        for path in folders[-1].iterdir():
            os.utime(path, (late, late))
        for folder in folders:
            rig.admit(folder)
            rig.work()
        for folder in (folders[0], folders[2]):
            rig.admit(folder, force=True)
            rig.work()
        while deliver_next(rig.database):
            pass
    subjects = [one["subject"] for one in receiver.taken]
    rollups = [one for one in subjects if "Strip" not in one and "brain (" not in one]
    slice_ = "Slice 0 (camera-01) of brain:"
    assert rollups == [
        f"{slice_} 25 % processed",
        f"{slice_} 50 % processed",
        f"{slice_} 75 % processed",
        f"{slice_} 100 % processed",
        "camera-01 of slice 0 of brain is ready",
        "Slice 0 (camera-02) of brain: 25 % processed",
    ]
    # of two slices one is there: half of the project, and what is forced is not told again
    assert [one for one in subjects if "brain (" in one] == [
        "brain (camera-01): 25 % processed",
        "brain (camera-01): 50 % processed",
    ]
    texts = [one["text"] for one in receiver.taken if one["subject"].startswith("Strip")]
    assert "full in" not in texts[0]
    assert re.search(r"^archive disk: \d+ GB used, .* free, full in \d+ h at this rate$", texts[2],
                     re.MULTILINE)  # fmt: skip
    (second,) = [one["text"] for one in receiver.taken if one["subject"].endswith("02) processed")]
    assert "check: camera-02 has 6 × 24 × 40, camera-01 has 4 × 24 × 40" in second
    assert re.search("check: the two cameras ended (29|30)[0-9] s apart", second)


def breadcrumb(silent_s: float) -> Breadcrumb:
    process = psutil.Process()
    return Breadcrumb(
        store=Path("/data/run.ome.zarr"),
        name="drug response",
        state="running",
        reason="",
        started=time.time() - 60,
        heartbeat=time.time() - silent_s,
        pid=os.getpid(),
        process_started=process.create_time(),
        host=socket.gethostname(),
        path=new_breadcrumb_path(state_folder(), 77),
    )


def test_the_worker_gives_way_to_a_run_of_this_computer(rig: Rig) -> None:
    rig.admit(Camera().write(rig.raw / "Run1"))
    run = breadcrumb(0)
    write_breadcrumb(run)
    ended = threading.Timer(3, run.forget)
    ended.start()
    try:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            began = time.time()
            words = ["worker", "--until-idle", "--queue", str(rig.database.path), "--json"]
            assert run_verb(words) == 0
    finally:
        run.forget()
        ended.join()
    assert json.loads(out.getvalue())["jobs"] == {"done": 8}
    first = rig.database.rows("SELECT min(utc) AS utc FROM event WHERE kind = 'done'")[0]["utc"]
    assert first > began + 2.9


def test_a_run_that_falls_silent_is_told_once(rig: Rig) -> None:
    with Receiver().listening() as receiver:
        rig.configure(notify=[{"webhook": receiver.url}])
        run = breadcrumb(40)
        write_breadcrumb(run)
        try:
            watcher = Watcher(rig.database, rig.config, silent_acquisitions)
            watcher.look()
            watcher.look()
        finally:
            run.forget()
        while deliver_next(rig.database):
            pass
    (told,) = receiver.taken
    assert re.match(r"the run drug response has said nothing for 4\d s: look at ", told["subject"])
    assert told["needs_me"] is True


def test_the_configuration_of_the_docs_is_a_good_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", DOCS.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "scan.yaml").write_text(block)
    config = read_config(tmp_path / "scan.yaml")
    name = config.name_of(Path("/rig/scan/Run1203_C2"))
    assert name is not None
    assert name.words == "Strip 3 of slice 12 (camera-02)"
