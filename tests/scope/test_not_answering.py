"""Whatever the hardware does, a stop comes back within a second, and nothing stalls for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from faulty_devices import Blocking, NeverThere, OddCamera, load
from scope_events import acquire, tagged
from useq import HardwareAutofocus, MDAEvent

from parfocal.scope import (
    Decision,
    Frame,
    FrameTag,
    Microscope,
    MicroscopeError,
    MicroscopeNotAnswering,
    MicroscopeState,
    MicroscopeTimeout,
)
from parfocal.scope._frame_facts import FrameNumbers


class Acquisition:
    """Events under way in a thread of their own, and how they ended."""

    def __init__(self, microscope: Microscope, events: list[MDAEvent]) -> None:
        self.error: BaseException | None = None
        self._microscope = microscope
        self._events = events
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._microscope.core.mda.run(iter(self._events))
        except MicroscopeError as error:
            self.error = error

    def stop(self) -> float:
        """Stop it, and say how long that took."""
        asked = time.perf_counter()
        self._microscope.engine.stop_now()
        self._thread.join(10)
        assert not self._thread.is_alive()
        return time.perf_counter() - asked


def autofocus() -> MDAEvent:
    tag = FrameTag((0, 0, 0, 0), "autofocus", 0, 0)
    return MDAEvent(action=HardwareAutofocus(max_retries=1), metadata={"parfocal": tag})


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a device waits for that does not answer; it does when the test is over."""
    released = threading.Event()
    yield released
    released.set()


def until(said: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# ------------------------------------------------------------------------------ cancel


def test_cancel_ends_the_wait_for_a_stage_that_never_arrives_and_stops_it(demo: Microscope) -> None:
    stage = NeverThere()
    load(demo, "Table", stage)
    frames: list[Frame] = []
    demo.engine.on_frame = frames.append
    acquisition = Acquisition(demo, [tagged(x_pos=5.0, y_pos=5.0)])
    until(lambda: stage.busy())
    assert acquisition.stop() < 1
    assert (acquisition.error, frames, stage.busy()) == (None, [], False)
    assert demo.state is MicroscopeState.OPEN


def test_cancel_leaves_an_autofocus_that_blocks(
    demo: Microscope, never: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    focusing = threading.Event()
    monkeypatch.setattr(demo.core, "fullFocus", lambda: focusing.set() or never.wait(30))
    acquisition = Acquisition(demo, [autofocus(), tagged()])
    assert focusing.wait(5)
    assert acquisition.stop() < 1
    assert isinstance(acquisition.error, MicroscopeNotAnswering)
    assert demo.state is MicroscopeState.NOT_ANSWERING
    # it came back after all, and the next run finds a microscope that answers
    never.set()
    until(lambda: demo.state is MicroscopeState.OPEN)
    monkeypatch.undo()
    demo.engine.cancelled = threading.Event()
    assert len(acquire(demo, [autofocus(), tagged()])) == 1


def test_cancel_leaves_a_call_into_cpp_that_never_returns_and_the_microscope_is_reopened(
    opened: Callable[..., Microscope], monkeypatch: pytest.MonkeyPatch
) -> None:
    microscope = opened("demo-camera", camera_size=(64, 64))
    moving = threading.Event()

    def hang(x: float, y: float) -> None:
        moving.set()
        microscope.core.sleep(2500)  # of MMCore itself: no Python runs in it

    monkeypatch.setattr(microscope.core, "setXYPosition", hang)
    acquisition = Acquisition(microscope, [tagged(x_pos=1.0, y_pos=1.0, z_pos=7.0)])
    assert moving.wait(5)
    assert acquisition.stop() < 1
    assert isinstance(acquisition.error, MicroscopeNotAnswering)
    assert "arrive" in str(acquisition.error) or "get ready" in str(acquisition.error)
    assert microscope.state is MicroscopeState.NOT_ANSWERING
    asked = time.perf_counter()
    with pytest.raises(MicroscopeNotAnswering, match="reopen the microscope"):
        microscope.snap()
    assert time.perf_counter() - asked < 1
    microscope.close()
    assert time.perf_counter() - asked < 2
    again = opened("demo-camera", camera_size=(64, 64))
    assert again.core is not microscope.core
    assert len(acquire(again, [tagged(x_pos=1.0, y_pos=1.0)])) == 1


def test_after_a_stop_no_further_command_is_given(demo: Microscope) -> None:
    drive = Blocking()
    load(demo, "Piezo", drive)
    channel = demo.core.getCurrentConfig("Channel")
    acquisition = Acquisition(demo, [tagged(z_pos=1.0, channel="Cy5", exposure=17)])
    assert drive.asked.wait(5)
    assert acquisition.stop() < 1
    drive.release.set()
    until(lambda: demo.state is MicroscopeState.OPEN)
    assert drive.reached == [1.0]
    assert demo.core.getCurrentConfig("Channel") == channel
    assert demo.core.getExposure() != 17


def test_cancel_waits_for_an_exposure_of_a_camera_that_cannot_stop(opened) -> None:
    microscope = opened("demo-camera", camera_size=(64, 64))
    exposing = threading.Event()
    microscope.engine.on_event_start = lambda _: exposing.set()
    frames: list[Frame] = []
    microscope.engine.on_frame = frames.append
    acquisition = Acquisition(microscope, [tagged(exposure=1500)])
    assert exposing.wait(5)
    time.sleep(0.6)
    assert acquisition.stop() < 1.9
    assert (acquisition.error, frames) == (None, [])
    assert microscope.state is MicroscopeState.OPEN


# ------------------------------------------------------------------------------ deadlines


def test_a_stage_that_does_not_arrive_within_the_deadline_is_named(demo: Microscope) -> None:
    load(demo, "Table", NeverThere())
    demo.engine.deadline_s = 0.2
    with pytest.raises(MicroscopeTimeout, match=r"'Table'.*arrive at x 5, y 6 µm within 0\.2 s"):
        acquire(demo, [tagged(x_pos=5.0, y_pos=6.0)])
    assert demo.state is MicroscopeState.OPEN


def test_a_camera_that_does_not_answer_within_the_deadline_is_given_up(
    demo: Microscope, never: threading.Event
) -> None:
    camera = OddCamera()
    camera.blocks = never
    load(demo, "Odd", camera)
    demo.engine.deadline_s = 0.1
    asked = time.perf_counter()
    with pytest.raises(MicroscopeNotAnswering, match="take an exposure of 2 ms within"):
        acquire(demo, [tagged(channel=None)])
    assert time.perf_counter() - asked < 3


def test_a_sequence_that_dries_up_is_given_up_at_the_deadline(demo: Microscope) -> None:
    camera = OddCamera([0, 1, 2])
    load(demo, "Odd", camera)
    stalled = threading.Event()

    def slow() -> Iterator[int]:
        yield from (0, 1)
        stalled.wait(1.5)

    camera.numbers = slow()  # type: ignore[assignment]
    demo.engine.deadline_s = 0.3
    events = [tagged((t, 0, 0, 0), channel=None, exposure=None) for t in range(5)]
    with pytest.raises(MicroscopeTimeout, match=r"gave 2 of 5 frames and then none for 0\.301 s"):
        acquire(demo, events, sequenced=True)
    stalled.set()


# ------------------------------------------------------------------------------ skip, retry, abort


class Judge:
    """Decides, and remembers what it was asked."""

    def __init__(self, microscope: Microscope, *decisions: Decision) -> None:
        self.asked: list[tuple[int, str]] = []
        self.missing: list[FrameTag] = []
        self._decisions = decisions
        microscope.engine.on_trouble = self.decide
        microscope.engine.on_missing = self.missing.append

    def decide(self, _event: MDAEvent, error: MicroscopeError, attempt: int) -> Decision:
        self.asked.append((attempt, str(error)))
        return self._decisions[min(len(self.asked), len(self._decisions)) - 1]

    def missing_t(self) -> list[int]:
        return [tag.index[0] for tag in self.missing]


def taken(frames: list[Frame]) -> list[int]:
    return [frame.index[0] for frame in frames]


def test_an_event_whose_stage_is_late_is_skipped_and_the_next_is_taken(demo: Microscope) -> None:
    stage = NeverThere()
    load(demo, "Table", stage)
    demo.engine.deadline_s = 0.1
    judge = Judge(demo, "skip")
    late = tagged((0, 0, 0, 0), x_pos=1.0, y_pos=1.0)
    # the next one finds the stage still busy, the third finds it arrived
    demo.engine.on_missing = lambda tag: (judge.missing.append(tag), stage.stop())
    assert taken(acquire(demo, [late, tagged((1, 0, 0, 0))])) == [1]
    assert judge.missing_t() == [0]
    assert [attempt for attempt, _ in judge.asked] == [1]


def test_an_event_whose_stage_is_late_is_tried_again(demo: Microscope) -> None:
    stage = NeverThere(drives=0.25)
    load(demo, "Table", stage)
    demo.engine.deadline_s = 0.1
    judge = Judge(demo, "retry", "abort")

    def mend(event: MDAEvent, error: MicroscopeError, attempt: int) -> Decision:
        stage._drives = 0.01
        return judge.decide(event, error, attempt)

    demo.engine.on_trouble = mend
    assert taken(acquire(demo, [tagged((0, 0, 0, 0), x_pos=1.0, y_pos=1.0)])) == [0]
    assert (stage.moves, judge.missing) == (2, [])


@pytest.mark.parametrize(
    ("decisions", "got", "missing"),
    [(("skip",), [1], [0]), (("retry", "retry", "abort"), [0, 1], [])],
)
def test_a_camera_that_raises_is_skipped_or_tried_again(
    demo: Microscope, decisions: tuple[Decision, ...], got: list[int], missing: list[int]
) -> None:
    camera = OddCamera()
    camera.fails = 1 if decisions == ("skip",) else 2
    load(demo, "Odd", camera)
    judge = Judge(demo, *decisions)
    events = [tagged((t, 0, 0, 0), channel=None) for t in range(2)]
    assert taken(acquire(demo, events)) == got
    assert judge.missing_t() == missing
    assert all("the link is down" in sentence for _, sentence in judge.asked)


def test_what_is_left_of_a_sequence_is_taken_one_by_one_when_tried_again(demo: Microscope) -> None:
    camera = OddCamera([0, 1])
    camera.odd = {1: (4, 4)}
    load(demo, "Odd", camera)

    def mend(event: MDAEvent, error: MicroscopeError, attempt: int) -> Decision:
        camera.numbers, camera.odd = None, {}
        return "retry"

    demo.engine.on_trouble = mend
    events = [tagged((t, 0, 0, 0), channel=None, exposure=None) for t in range(4)]
    assert taken(acquire(demo, events, sequenced=True)) == [0, 1, 2, 3]


def test_an_autofocus_that_fails_ends_the_run_or_is_skipped(
    demo: Microscope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("no reflection")

    monkeypatch.setattr(demo.core, "fullFocus", fail)
    with pytest.raises(MicroscopeError, match=r"Autofocus 'Autofocus'.*no reflection"):
        acquire(demo, [autofocus(), tagged()])
    judge = Judge(demo, "skip")
    assert len(acquire(demo, [autofocus(), tagged()])) == 1
    assert judge.missing == []  # an autofocus makes no frame
    demo.core.setAutoFocusDevice("")
    demo.engine.on_trouble = None
    with pytest.raises(MicroscopeError, match="this microscope has none"):
        acquire(demo, [autofocus()])


# ------------------------------------------------------------------------------ frames that are not


def test_a_wrong_sized_frame_in_mid_run_is_an_error_for_its_index(demo: Microscope) -> None:
    camera = OddCamera()
    camera.odd = {2: (4, 6)}
    load(demo, "Odd", camera)
    events = [tagged((t, 0, 0, 0), channel=None, exposure=None) for t in range(5)]
    with pytest.raises(MicroscopeError, match=r"6 × 4 pixels at t 2, p 0, c 0, z 0;.*8 × 8"):
        acquire(demo, events, sequenced=True)
    assert not demo.core.isSequenceRunning()
    judge = Judge(demo, "skip")
    assert taken(acquire(demo, events, sequenced=True)) == [0, 1, 3, 4]
    assert judge.missing_t() == [2]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    ("numbers", "got"),
    [
        ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5]),  # the first is lost
        ([0, 1, 4, 5], [0, 1, 4, 5]),
        ([0, 2, 4], [0, 2, 4]),  # and the camera ends early
        ([2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5]),
    ],
)
def test_frames_that_the_cameras_driver_lost_shift_no_other(
    demo: Microscope, numbers: list[int], got: list[int], first: int
) -> None:
    load(demo, "Odd", OddCamera(numbers, first))
    demo.engine.frame_numbers = FrameNumbers("FrameNumber", first)
    missing: list[FrameTag] = []
    demo.engine.on_missing = missing.append
    events = [tagged((t, 0, 0, 0), channel=None, exposure=None) for t in range(6)]
    frames = acquire(demo, events, sequenced=True)
    assert taken(frames) == got
    assert [int(frame.pixels[0, 0]) for frame in frames] == taken(frames)
    assert [tag.index[0] for tag in missing] == sorted(set(range(6)) - set(taken(frames)))
