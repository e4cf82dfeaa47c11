"""The engine hands over every frame, in order, in its own thread, and no failure passes unsaid."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus, Metadata
from pymmcore_plus.experimental.unicore import CameraDevice, StageDevice, XYStageDevice
from pymmcore_plus.mda import MDARunner
from scope_events import acquire, tagged, z_stack
from useq import MDAEvent, MDASequence

from parfocal.scope import Frame, FrameTag, Microscope, MicroscopeError


class StuckDrive(StageDevice):
    """A focus drive whose cable is out."""

    def set_position_um(self, val: float) -> None:
        raise OSError(f"no answer on COM3 ({val})")

    def get_position_um(self) -> float:
        return 0.0

    def home(self) -> None: ...
    def stop(self) -> None: ...
    def set_origin(self) -> None: ...


class StuckStage(XYStageDevice):
    def set_position_um(self, x: float, y: float) -> None:
        raise OSError(f"no answer on COM4 ({x}, {y})")

    def get_position_um(self) -> tuple[float, float]:
        return 0.0, 0.0

    def home(self) -> None: ...
    def stop(self) -> None: ...
    def set_origin_x(self) -> None: ...
    def set_origin_y(self) -> None: ...


class FaultyCamera(CameraDevice):
    """Gives `delivers` frames of a sequence and then falls silent; a snap fails."""

    delivers = 3

    def get_exposure(self) -> float:
        return 1.0

    def set_exposure(self, exposure: float) -> None: ...

    def shape(self) -> tuple[int, int]:
        return 8, 8

    def dtype(self) -> type[np.uint16]:
        return np.uint16

    def start_sequence(
        self, n: int | None, get_buffer: Callable[..., np.ndarray]
    ) -> Iterator[Mapping[str, str]]:
        if n == 1:
            raise OSError("the shutter is stuck")
        for number in range(self.delivers):
            get_buffer(self.shape(), np.uint16)[:] = number
            yield {}


def load(microscope: Microscope, label: str, device: object) -> None:
    microscope.core.loadPyDevice(label, device)  # type: ignore[attr-defined]
    microscope.core.initializeDevice(label)


# ------------------------------------------------------------------------------ the tap


@pytest.mark.parametrize("sequenced", [False, True])
@pytest.mark.parametrize("profile", ["demo", "demo-camera"])
def test_every_frame_arrives_once_in_order_in_the_engine_thread(opened, profile, sequenced) -> None:
    microscope = opened(profile, camera_size=(64, 64))
    threads = set()
    events = [event for t in range(4) for event in z_stack(t)]
    frames: list[Frame] = []

    def take(frame: Frame) -> None:
        frames.append(frame)
        threads.add(threading.current_thread())

    microscope.engine.on_frame = take
    span = microscope.engine.event_iterator(events) if sequenced else iter(events)
    microscope.core.mda.run(span)
    assert [frame.tag for frame in frames] == [event.metadata["parfocal"] for event in events]
    assert [frame.index for frame in frames] == [(t, 0, 0, z) for t in range(4) for z in range(3)]
    assert threads == {threading.current_thread()}
    assert {frame.pixels.shape for frame in frames} == {(64, 64)}
    assert [frame.metadata["z_um"] for frame in frames] == [-2, 0, 2] * 4
    assert {frame.metadata["exposure_ms"] for frame in frames} == {2}
    assert {frame.metadata["hardware_triggered"] for frame in frames} == {sequenced}
    started = [frame.metadata["started_s"] for frame in frames]
    assert started == sorted(started)
    assert all(frame.metadata["runner_time_ms"] >= 0 for frame in frames)
    if sequenced:
        assert [frame.metadata["camera_counter"] for frame in frames] == list(range(12))


def test_frames_nobody_tagged_go_to_the_runner_only(demo: Microscope) -> None:
    shown: list[MDAEvent] = []
    demo.core.mda.events.frameReady.connect(lambda *seen: shown.append(seen[1]))
    assert acquire(demo, MDASequence(channels=["DAPI"], z_plan={"range": 2, "step": 1})) == []
    assert len(shown) == 3


def test_no_warning_about_the_focus_direction(demo: Microscope) -> None:
    # recorded and not raised: the runner logs what its last steps raise and goes on
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        acquire(demo, z_stack())
    assert [str(warning.message) for warning in warned] == []
    assert demo.stage().z == 2  # and it stays where the last event put it


def test_a_callback_that_fails_ends_the_run_and_the_sequence(demo_camera: Microscope) -> None:
    def full(frame: Frame) -> None:
        raise OSError("disk full")

    demo_camera.engine.on_frame = full
    span = demo_camera.engine.event_iterator([tagged((t, 0, 0, 0)) for t in range(50)])
    with pytest.raises(OSError, match="disk full"):
        demo_camera.core.mda.run(span)
    assert not demo_camera.core.isSequenceRunning()


def test_the_start_of_each_event_is_told(demo: Microscope) -> None:
    starts: list[MDAEvent] = []
    demo.engine.on_event_start = starts.append
    acquire(demo, z_stack())
    assert [event.metadata["parfocal"].index[3] for event in starts] == [0, 1, 2]


# ------------------------------------------------------------------------------ what is missing


def test_missing_frames_are_told_by_their_tag(demo: Microscope) -> None:
    load(demo, "Faulty", FaultyCamera())
    demo.core.setCameraDevice("Faulty")
    missing: list[FrameTag] = []
    demo.engine.on_missing = missing.append
    frames = acquire(demo, [tagged((t, 0, 0, 0), exposure=None) for t in range(5)], sequenced=True)
    assert [frame.index[0] for frame in frames] == [0, 1, 2]
    assert [tag.index[0] for tag in missing] == [3, 4]


def test_a_frame_lost_in_a_sequence_shifts_no_other(
    demo_camera: Microscope, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = demo_camera.core
    pop, counts = core.popNextImageMD, count()

    def lose_the_third(tags: Metadata) -> NDArray[np.generic]:
        image = pop(tags)
        return pop(tags) if next(counts) == 2 else image

    def patient() -> int:
        # two frames at once are needed where one is lost
        waiting = remaining()
        return 0 if waiting == 1 and core.isSequenceRunning() else waiting

    remaining = core.getRemainingImageCount
    monkeypatch.setattr(core, "popNextImageMD", lose_the_third)
    monkeypatch.setattr(core, "getRemainingImageCount", patient)
    missing: list[FrameTag] = []
    demo_camera.engine.on_missing = missing.append
    frames = acquire(
        demo_camera, [tagged((t, 0, 0, 0), exposure=2) for t in range(8)], sequenced=True
    )
    assert [frame.index[0] for frame in frames] == [0, 1, 3, 4, 5, 6, 7]
    assert [frame.metadata["camera_counter"] for frame in frames] == [0, 1, 3, 4, 5, 6, 7]
    assert [tag.index[0] for tag in missing] == [2]


def test_a_camera_that_gives_nothing_ends_the_run(demo: Microscope) -> None:
    camera = FaultyCamera()
    camera.delivers = 0
    load(demo, "Faulty", camera)
    demo.core.setCameraDevice("Faulty")
    with pytest.raises(MicroscopeError, match="'Faulty' gave none of the 5 frames"):
        acquire(demo, [tagged((t, 0, 0, 0), exposure=None) for t in range(5)], sequenced=True)


def test_healthy_hardware_misses_nothing(demo_camera: Microscope) -> None:
    demo_camera.core.setProperty("Camera", "FastImage", 1)
    missing: list[FrameTag] = []
    demo_camera.engine.on_missing = missing.append
    for _ in range(5):
        events = [tagged((t, 0, 0, 0), exposure=0.1) for t in range(100)]
        assert len(acquire(demo_camera, events, sequenced=True)) == 100
    assert missing == []


# ------------------------------------------------------------------------------ nothing swallowed


@pytest.mark.parametrize("sequenced", [False, True])
def test_a_focus_drive_that_does_not_answer_ends_the_run(demo: Microscope, sequenced: bool) -> None:
    load(demo, "Piezo", StuckDrive())
    demo.core.setFocusDevice("Piezo")
    events = [tagged((t, 0, 0, 0), z_pos=3.5) for t in range(3)]
    with pytest.raises(MicroscopeError, match=r"'Piezo'.*z 3\.5 µm: no answer on COM3"):
        acquire(demo, events, sequenced=sequenced)


@pytest.mark.parametrize("sequenced", [False, True])
def test_a_stage_that_does_not_answer_ends_the_run(demo: Microscope, sequenced: bool) -> None:
    load(demo, "Table", StuckStage())
    demo.core.setXYStageDevice("Table")
    events = [tagged((t, 0, 0, 0), x_pos=70.0, y_pos=1.0) for t in range(3)]
    with pytest.raises(MicroscopeError, match=r"'Table'.*x 70\.0, y 1\.0 µm: no answer on COM4"):
        acquire(demo, events, sequenced=sequenced)


def test_a_snap_that_fails_ends_the_run(demo: Microscope) -> None:
    load(demo, "Faulty", FaultyCamera())
    demo.core.setCameraDevice("Faulty")
    with pytest.raises(MicroscopeError, match=r"'Faulty'.*exposure of 1 ms: the shutter is stuck"):
        acquire(demo, [tagged(exposure=None)])


@pytest.mark.parametrize("sequenced", [False, True])
def test_an_unknown_channel_ends_the_run_and_the_known_ones_are_named(
    demo: Microscope, sequenced: bool
) -> None:
    events = [tagged((t, 0, 0, 0), channel="GFP") for t in range(2)]
    with pytest.raises(MicroscopeError, match=r"GFP"):
        acquire(demo, events, sequenced=sequenced)
    with pytest.raises(MicroscopeError, match=r"no channel 'GFP'.*Cy5, DAPI, FITC, Rhodamine"):
        acquire(demo, events)
    with pytest.raises(MicroscopeError, match=r"no channel group 'Filter'.*Channel"):
        acquire(demo, [tagged(channel={"group": "Filter", "config": "GFP"})])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            {"properties": [("Camera", "Colour", "blue")]},
            r"'Camera' could not set 'Colour' to 'blue'",
        ),
        ({"properties": [("Lamp", "Power", 3)]}, r"'Lamp' could not set 'Power'"),
        (
            {"roi": (200, 200, 100, 100)},
            r"'Camera' could not read the region of 100 × 100 pixels at 200, 200",
        ),
        ({"slm_image": np.zeros((2, 2), bool)}, "Projector 'Projector' could not show an image"),
    ],
)
def test_a_setting_that_fails_ends_the_run(
    demo: Microscope, asked: dict[str, object], sentence: str
) -> None:
    with pytest.raises(MicroscopeError, match=sentence):
        acquire(demo, [tagged(**asked)])  # type: ignore[arg-type]


def test_a_microscope_without_camera_or_stage_says_so(demo_camera: Microscope) -> None:
    with pytest.raises(MicroscopeError, match="no projector"):
        acquire(demo_camera, [tagged(slm_image=np.zeros((2, 2), bool))])
    demo_camera.core.setXYStageDevice("")
    with pytest.raises(MicroscopeError, match="no XY stage"):
        acquire(demo_camera, [tagged(x_pos=1.0, y_pos=1.0)])
    demo_camera.core.setFocusDevice("")
    with pytest.raises(MicroscopeError, match="no focus drive"):
        acquire(demo_camera, [tagged(z_pos=1.0)])
    demo_camera.core.setCameraDevice("")
    with pytest.raises(MicroscopeError, match="no camera"):
        acquire(demo_camera, [tagged()])


# ------------------------------------------------------------------------------ cancel


def run_in_thread(core: CMMCorePlus, events: Iterator[MDAEvent]) -> threading.Thread:
    runner: MDARunner = core.mda
    thread = threading.Thread(target=runner.run, args=(events,))
    thread.start()
    return thread


@pytest.mark.parametrize("profile", ["demo", "demo-camera"])
@pytest.mark.parametrize("exposure", [20, 400])
def test_cancel_ends_a_sequence_in_less_than_a_second(opened, profile: str, exposure: int) -> None:
    microscope = opened(profile, camera_size=(64, 64))
    frames, missing = [], []
    first = threading.Event()
    microscope.engine.on_frame = lambda frame: (frames.append(frame), first.set())
    microscope.engine.on_missing = missing.append
    events = [tagged((t, 0, 0, 0), exposure=exposure) for t in range(400)]
    thread = run_in_thread(microscope.core, microscope.engine.event_iterator(events))
    assert first.wait(10)
    asked = time.perf_counter()
    microscope.engine.stop_now()
    thread.join(10)
    assert time.perf_counter() - asked < 1
    assert not thread.is_alive()
    assert not microscope.core.isSequenceRunning()
    assert len(frames) < 100
    assert missing == []  # cancelled is not missing


def test_cancel_through_the_runner_reaches_a_sequence_too(demo_camera: Microscope) -> None:
    first = threading.Event()
    demo_camera.engine.on_frame = lambda _: first.set()
    events = [tagged((t, 0, 0, 0), exposure=20) for t in range(400)]
    thread = run_in_thread(demo_camera.core, demo_camera.engine.event_iterator(events))
    assert first.wait(10)
    asked = time.perf_counter()
    demo_camera.core.mda.cancel()
    thread.join(10)
    assert time.perf_counter() - asked < 1


def test_cancel_cuts_a_long_snap_short(demo: Microscope) -> None:
    frames: list[Frame] = []
    exposing = threading.Event()
    demo.engine.on_frame = frames.append
    demo.engine.on_event_start = lambda _: exposing.set()
    thread = run_in_thread(demo.core, iter([tagged(exposure=30_000)]))
    assert exposing.wait(10)
    time.sleep(0.05)
    asked = time.perf_counter()
    demo.engine.stop_now()
    thread.join(10)
    assert time.perf_counter() - asked < 1
    assert frames == []


def test_after_a_cancel_nothing_is_exposed_until_the_token_is_renewed(demo: Microscope) -> None:
    demo.engine.stop_now()
    assert acquire(demo, z_stack()) == []
    demo.engine.cancelled = threading.Event()
    assert len(acquire(demo, z_stack())) == 3
