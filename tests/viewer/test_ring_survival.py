"""What becomes of viewers never costs the run anything: killed, stopped, or without memory."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from parfocal.viewer import Ring
from viewer.ring_parts import (
    HOLDER,
    READER,
    eventually,
    kill,
    open_files,
    plane,
    start,
    told,
    written,
)

LARGE = (2048, 2048)
# A run with frames of 512², 1 MB of shared memory or 16, and a frame for which there is no room.
RUN = """
import json, sys
from pathlib import Path
import numpy as np
from parfocal.plan import experiment_from_sequence
from parfocal.scope import open_microscope
from parfocal.viewer import RingReader
from parfocal.wiring import prepare_run
import useq

class Larger:
    name = "larger frames"
    def offer(self, frame):
        if frame.tag.index[0] % 5 == 2:
            session.ring.publish(np.zeros((2048, 2048), "uint16"), {})
    def counts(self):
        from parfocal.run import SinkCounts
        return SinkCounts(0, 0)

microscope = open_microscope("demo-camera", camera_size=(512, 512))
sequence = useq.MDASequence(
    time_plan={"interval": 0.01, "loops": 30}, channels=[{"config": "DAPI", "exposure": 1.0}]
)
larger = sys.argv[2] == "larger"
session = prepare_run(
    experiment_from_sequence(sequence, "x"), microscope, Path(sys.argv[1]),
    extra_sinks=(Larger(),) if larger else (),
)
live = session.live is not None
reader = RingReader.attach(session.live) if live else None
session.run.execute()
status = session.run.status()
newest = [frame.coordinates["t"] for frame in reader.fresh()] if live else []
if live:
    reader.close()
session.close()
microscope.close()
print(json.dumps({"state": status.state, "stored": status.frames_stored, "live": live,
    "newest": newest, "errors": [(e.source, e.message) for e in status.errors]}))
"""


def test_ten_thousand_frames_are_counted_exactly_and_neither_side_grows(ring: Ring) -> None:
    readers = [start(READER, written(ring), pause)[0] for pause in ("0", "0.003")]
    frames = [plane(value) for value in range(10)]
    me = psutil.Process()
    files, memory = open_files(), 0
    for t in range(10_000):
        ring.publish(frames[t % 10], {"t": t % 10, "c": 0})
        if t == 1000:
            files, memory = open_files(), me.memory_info().rss
        if t % 4 == 0:
            time.sleep(0.0002)  # or the readers would see only the last of them
    assert open_files() <= files
    assert me.memory_info().rss - memory < 4e6
    published, dropped = ring.published, ring.dropped
    ring.close()
    assert published + dropped == 10_000
    for process in readers:
        said = told(process)
        assert said["accepted"] + said["dropped"] == published
        assert said["accepted"] > 100
        assert (said["mixed"], said["late"], said["damaged"], said["files"]) == (0, 0, 0, 0)
        assert said["grown"] < 4e6


def test_readers_killed_in_mid_copy_hold_nothing_and_cost_no_frame(
    record_property: Callable[[str, object], None],
) -> None:
    ring = Ring.create(LARGE, "uint16", slots=4)
    frame, copied = plane(1, LARGE), []

    def publish(count: int) -> float:
        seconds = []
        for t in range(count):
            began = time.perf_counter()
            assert ring.publish(frame, {"t": t})
            seconds.append(time.perf_counter() - began)
        return float(np.percentile(seconds, 99))

    alone = publish(200)
    for wait in (0.0, 0.003, 0.007):
        reader, _ = start(READER, written(ring), "0")
        publish(20)
        time.sleep(wait)
        copied.append(psutil.Process(reader.pid).status() != psutil.STATUS_ZOMBIE)
        reader.kill()
        after = publish(60)
        reader.communicate()
    assert all(copied)
    leases = ring._now._leases
    for slot in range(4):
        assert leases.take(slot, writing=True)
        leases.give_back(slot)
    assert ring.dropped == 0
    record_property("p99_ms", {"alone": 1e3 * alone, "after a kill": 1e3 * after})
    ring.close()


def test_a_stopped_reader_with_a_lease_costs_the_writer_nothing() -> None:
    ring = Ring.create(LARGE, "uint16", slots=4)
    holder, said = start(HOLDER, written(ring), "1")
    assert said == "[True]"
    holder.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    for t in range(300):
        assert ring.publish(plane(0, (64, 64)), {"t": t})
    assert time.monotonic() - began < 10  # it never waited for it
    assert (ring.published, ring.dropped) == (300, 0)
    holder.send_signal(signal.SIGCONT)
    kill(holder)
    assert eventually(lambda: ring._now._leases.take(1, writing=True))
    ring.close()


def namespace_works() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "-m", "true"], check=False).returncode == 0


@pytest.mark.skipif(not namespace_works(), reason="unshare -m needs Linux and root")
@pytest.mark.parametrize("case", ["full from the start", "full for larger frames"])
def test_a_run_without_shared_memory_is_complete_and_says_why_nobody_could_watch(
    tmp_path: Path, case: str
) -> None:
    size, kind = ("1m", "") if case == "full from the start" else ("16m", "larger")
    script = f'mount -t tmpfs -o size={size} tmpfs /dev/shm && exec "$@"'
    run = (sys.executable, "-c", RUN, str(tmp_path / "run.ome.zarr"), kind)
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *run],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["state"], said["stored"]) == ("completed", 30)
    sentence = "needs {} MB of shared memory in /dev/shm, which cannot be had: No space left"
    if case == "full from the start":
        assert (said["live"], said["errors"]) == (False, [])
        assert sentence.format(5) in done.stderr
    else:
        assert said["live"]
        assert said["newest"][0] >= 5  # the small ones went on
        (error,) = said["errors"]
        assert sentence.format(84) in error[1]
