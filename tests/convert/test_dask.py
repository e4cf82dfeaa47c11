"""A conversion on a Dask cluster is the same conversion, whatever becomes of its workers."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import pytest
from clusters import Cluster, scheduler
from zarr_stores import COMPRESSORS, write_volume, written

from parfocal.convert import ConvertError, Way, Wishes, _dask_connection, convert
from parfocal.store import check

pytestmark = pytest.mark.usefixtures("small_shards")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers."""
    with ExitStack() as stack:
        made = stack.enter_context(scheduler(tmp_path_factory.mktemp("dask")))
        for ready in (0, 2):  # both start at once
            stack.enter_context(made.worker(ready=ready))
        yield made


@pytest.fixture(autouse=True)
def fresh_log(cluster: Cluster) -> None:
    cluster.forget()


def note_connections(patch: pytest.MonkeyPatch) -> set[str]:
    """Every address that this process connects to."""
    reached, connect = set(), socket.socket.connect

    def noting(self: socket.socket, address: tuple[str, int]) -> None:
        if self.family != socket.AF_UNIX:
            reached.add(f"{address[0]}:{address[1]}")
        connect(self, address)

    patch.setattr(socket.socket, "connect", noting)
    return reached


@pytest.mark.parametrize("codec", ["blosc-lz4", "bz2"])
def test_a_cluster_makes_the_bytes_that_threads_make_each_shard_once(
    codec: str, tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_volume(tmp_path / "old.zarr", compressors=COMPRESSORS[codec])
    convert(tmp_path / "old.zarr", tmp_path / "here.ome.zarr")
    reached = note_connections(monkeypatch)
    ways: list[Way] = []
    report = convert(
        tmp_path / "old.zarr", tmp_path / "there.ome.zarr", tell=ways.append, dask=cluster.address
    )
    assert report.verified
    assert reached == {cluster.address.removeprefix("tcp://")}
    assert written(tmp_path / "there.ome.zarr") == written(tmp_path / "here.ome.zarr")
    assert check(tmp_path / "there.ome.zarr", deep=True).ok
    ended = Counter(shard for _, what, shard in cluster.log if what == "ends")
    assert len(ended) > 4
    assert set(ended.values()) == {1}
    assert len({worker for worker, *_ in cluster.log}) == 2
    done = [way.done_bytes for way in ways]
    assert done == sorted(done)
    assert len(set(done)) == len(ended)
    assert ways[-1].fraction == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "here.ome.zarr", "old.zarr", "there.ome.zarr",
    ]  # fmt: skip


def test_a_worker_that_is_killed_within_a_shard_is_replaced_by_the_others(
    tmp_path: Path, cluster: Cluster
) -> None:
    write_volume(tmp_path / "old.zarr")
    convert(tmp_path / "old.zarr", tmp_path / "here.ome.zarr")
    with cluster.worker(KILLED_IN_SHARD="2") as victim:
        convert(tmp_path / "old.zarr", tmp_path / "there.ome.zarr", dask=cluster.address)
        assert victim.wait(10) == -signal.SIGKILL
    assert written(tmp_path / "there.ome.zarr") == written(tmp_path / "here.ome.zarr")
    lost = {shard for worker, _, shard in cluster.log if worker == str(victim.pid)}
    ended = Counter(
        shard for worker, what, shard in cluster.log if (worker, what) != (str(victim.pid), "ends")
        if what == "ends"
    )  # fmt: skip
    assert lost
    assert max(ended.values()) == 1
    # what it had begun and not ended was done by another
    whole = {shard for worker, what, shard in cluster.log if what == "ends"}
    assert lost <= whole
    assert len(whole) == 24


def test_a_conversion_on_a_cluster_is_cancelled_at_once_and_gone_on_with_here(
    tmp_path: Path, cluster: Cluster
) -> None:
    write_volume(tmp_path / "old.zarr")
    convert(tmp_path / "old.zarr", tmp_path / "here.ome.zarr")
    cancelled, asked = Event(), []

    def stop(way: Way) -> None:
        if not asked and way.done_bytes:
            asked.append(time.monotonic())
            cancelled.set()

    with pytest.raises(ConvertError, match="cancelled; what is done is kept"):
        convert(
            tmp_path / "old.zarr",
            tmp_path / "there.ome.zarr",
            tell=stop,
            cancelled=cancelled,
            dask=cluster.address,
        )
    assert time.monotonic() - asked[0] < 1
    before = len(cluster.log)
    assert 0 < before < 2 * 24
    report = convert(tmp_path / "old.zarr", tmp_path / "there.ome.zarr")
    assert report.resumed
    assert len(cluster.log) == before
    assert written(tmp_path / "there.ome.zarr") == written(tmp_path / "here.ome.zarr")


def test_a_damaged_chunk_is_named_by_whoever_read_it(tmp_path: Path, cluster: Cluster) -> None:
    write_volume(tmp_path / "old.zarr")
    chunk = tmp_path / "old.zarr/0/3/1/0/1/1"
    chunk.write_bytes(chunk.read_bytes()[:40])
    with pytest.raises(ConvertError, match=r"0/3/1/0/1/1 is damaged") as refused:
        convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", dask=cluster.address)
    assert "\n" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["old.zarr"]


def test_an_address_where_no_cluster_is_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    write_volume(tmp_path / "old.zarr")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{held.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "parfocal", "migrate", "old.zarr", "-o", "n.ome.zarr",
             "--dask", address],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"parfocal: the Dask scheduler at {address} cannot be reached: ")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["old.zarr"]


def test_nobody_pays_for_dask_who_names_no_cluster() -> None:
    words = "import sys, parfocal.convert; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], timeout=60, check=False).returncode == 0


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1", "inproc://x", "tcp://host", "http://127.0.0.1:80", "tcp://h:99999"]
)
def test_what_is_no_address_is_refused_before_anything_is_opened(
    address: str, tmp_path: Path
) -> None:
    with pytest.raises(ConvertError, match=r"is no address of a Dask scheduler, as tcp://"):
        convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", Wishes(), dask=address)


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.7\r\n", b"", b"\0" * 64], ids=len)
def test_what_listens_there_and_is_no_scheduler_is_said(
    greeting: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_dask_connection, "CONNECT_S", 1.0)
    write_volume(tmp_path / "old.zarr")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        callers: list[socket.socket] = []

        def greet() -> None:
            with contextlib.suppress(OSError):
                while True:
                    callers.append(server.accept()[0])
                    callers[-1].sendall(greeting)

        thread = Thread(target=greet)
        thread.start()
        try:
            with pytest.raises(ConvertError, match=f"scheduler at {address} cannot be reached"):
                convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", dask=address)
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for caller in callers:
                caller.close()
    assert [path.name for path in tmp_path.iterdir()] == ["old.zarr"]


def test_a_worker_without_this_parfocal_is_named(tmp_path: Path, cluster: Cluster) -> None:
    write_volume(tmp_path / "old.zarr")
    (tmp_path / "other/parfocal").mkdir(parents=True)
    (tmp_path / "other/parfocal/__init__.py").write_text("__version__ = '0.0.1'")
    with (
        cluster.worker(counted=False, PYTHONPATH=str(tmp_path / "other")),
        pytest.raises(ConvertError, match=r"worker tcp://.* cannot convert: .*; install Parfocal"),
    ):
        convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", dask=cluster.address)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.zarr", "other"]


def test_a_cluster_whose_workers_are_all_gone_is_said_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_dask_connection, "WORKERLESS_S", 1.0)
    write_volume(tmp_path / "old.zarr")
    convert(tmp_path / "old.zarr", tmp_path / "here.ome.zarr")
    (tmp_path / "dask").mkdir()
    with scheduler(tmp_path / "dask") as own:
        with (
            own.worker(KILLED_IN_SHARD="5"),
            pytest.raises(ConvertError, match=f"{own.address} stopped working: it has no worker"),
        ):
            convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", dask=own.address)
        ended = sum(what == "ends" for _, what, _ in own.log)
        own.forget()
        with own.worker():
            report = convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", dask=own.address)
        assert report.resumed
        assert sum(what == "ends" for _, what, _ in own.log) < 24 - ended + 2
    assert written(tmp_path / "new.ome.zarr") == written(tmp_path / "here.ome.zarr")


def test_a_scheduler_that_hangs_or_goes_away_is_given_up_and_the_rest_is_done_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_dask_connection, "SILENT_S", 2.0)
    write_volume(tmp_path / "old.zarr")
    convert(tmp_path / "old.zarr", tmp_path / "here.ome.zarr")
    (tmp_path / "dask").mkdir()
    before = 0

    def broken_off(number: int) -> str:
        """What is said when the scheduler gets a signal after the first shard."""

        def send(way: Way) -> None:
            if way.done_bytes > before:
                own.process.send_signal(number)

        began = time.monotonic()
        with pytest.raises(ConvertError) as said:
            convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", tell=send, dask=own.address)
        assert time.monotonic() - began < 20
        return str(said.value)

    with scheduler(tmp_path / "dask") as own, own.worker():
        hangs = broken_off(signal.SIGSTOP)
        own.process.send_signal(signal.SIGCONT)
        (journal,) = tmp_path.glob(".new.ome.zarr.partial-*.journal")
        before = (len(journal.read_bytes().splitlines()) - 1) * 2**15
        gone = broken_off(signal.SIGKILL)
    for said in (hangs, gone):
        assert said.startswith(f"the Dask cluster at {own.address} stopped working: ")
        assert "\n" not in said
    assert convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr").resumed
    assert written(tmp_path / "new.ome.zarr") == written(tmp_path / "here.ome.zarr")
