"""What an operator does by hand: move, halt, snap, look, set; and what a run leaves behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from faulty_devices import Blocking, NeverThere, OddCamera, load
from scope_events import acquire, tagged, z_stack

from parfocal.scope import LiveFrame, Microscope, MicroscopeError, Range, Region

# ------------------------------------------------------------------------------ halt


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except MicroscopeError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, errors


def until(said: Callable[[], object], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_halt_stops_a_stage_at_once_while_another_thread_waits_for_it(demo: Microscope) -> None:
    stage = NeverThere()
    load(demo, "Table", stage)
    mover, errors = in_thread(lambda: demo.stages.move_xy(70, 80))
    until(stage.busy)
    asked = time.perf_counter()
    demo.halt()
    mover.join(5)
    assert time.perf_counter() - asked < 1
    assert not stage.busy()
    assert "halted while it was to move to x 70, y 80 µm" in str(errors[0])
    demo.halt()  # nothing moves; that is fine too
    load(demo, "Other", NeverThere(drives=0.05))
    demo.stages.move_xy(1, 2)
    assert demo.stage().x == 1


def test_halt_reaches_every_stage_even_when_a_driver_does_not_come_back(demo: Microscope) -> None:
    drive, stage = Blocking(), NeverThere()
    load(demo, "Piezo", drive)
    load(demo, "Table", stage)
    demo.core.setXYPosition(5.0, 5.0)
    mover, errors = in_thread(lambda: demo.stages.move_z(3))
    assert drive.asked.wait(5)
    asked = time.perf_counter()
    demo.halt()
    assert time.perf_counter() - asked < 1
    assert not stage.busy()
    drive.release.set()
    mover.join(5)
    assert "halted" in str(errors[0])


def test_a_stage_that_cannot_be_halted_is_named(demo: Microscope) -> None:
    class Runaway(NeverThere):
        def stop(self) -> None:
            raise OSError("unknown command HALT")

    load(demo, "Table", Runaway())
    demo.halt()  # it stands still, so that nothing is wrong
    demo.core.setXYPosition(5.0, 5.0)
    with pytest.raises(MicroscopeError, match=r"stage 'Table': unknown command HALT.*by hand"):
        demo.halt()


def test_a_move_without_a_stage_is_a_sentence(demo: Microscope) -> None:
    demo.core.setXYStageDevice("")
    demo.core.setFocusDevice("")
    with pytest.raises(MicroscopeError, match="no XY stage"):
        demo.stages.move_xy(0, 0)
    with pytest.raises(MicroscopeError, match="no focus drive"):
        demo.stages.move_z(0)


# ------------------------------------------------------------------------------ live


@pytest.mark.parametrize("profile", ["demo", "demo-camera"])
def test_live_mode_gives_the_newest_frame_and_never_waits(opened, profile: str) -> None:
    microscope = opened(profile, camera_size=(64, 96))
    microscope.imaging.set_exposure(5)
    assert microscope.live.newest() is None
    microscope.live.start()
    microscope.live.start()  # it is on already
    frames: list[LiveFrame] = []
    longest = 0.0
    deadline = time.monotonic() + 10
    while len(frames) < 25 and time.monotonic() < deadline:
        began = time.perf_counter()
        frame = microscope.live.newest()
        longest = max(longest, time.perf_counter() - began)
        if frame is not None:
            frames.append(frame)
        time.sleep(0.002)
    assert len(frames) == 25
    assert longest < 0.1
    numbers = [frame.number for frame in frames]
    assert numbers == sorted(set(numbers))
    assert {frame.pixels.shape for frame in frames} == {(64, 96)}
    assert frames[-1].per_second is not None
    microscope.live.stop()
    microscope.live.stop()
    assert not microscope.live.running
    assert not microscope.core.isSequenceRunning()


def test_a_frame_of_live_mode_is_given_once(demo: Microscope) -> None:
    demo.imaging.set_exposure(150)
    demo.live.start()
    frames, until_s = 0, time.monotonic() + 1.0
    while time.monotonic() < until_s:
        frames += demo.live.newest() is not None
        time.sleep(0.005)
    demo.live.stop()
    assert 1 <= frames <= 7  # and not one a look, of which there are 30 a second


def test_settings_change_under_live_mode_and_it_goes_on(opened) -> None:
    microscope = opened("demo-camera", camera_size=(64, 64))
    microscope.live.start()
    microscope.imaging.set_exposure(7)
    microscope.settings.set_preset("Channel", "FITC")
    microscope.imaging.set_region(Region(0, 0, 32, 16))
    assert microscope.live.running
    assert microscope.core.isSequenceRunning()
    until(lambda: (frame := microscope.live.newest()) and frame.pixels.shape == (16, 32))
    microscope.stages.move_z(3)  # the stage moves while it is live
    assert microscope.live.running
    assert microscope.snap().shape == (16, 32)
    assert not microscope.live.running
    assert microscope.imaging.exposure() == 7
    assert microscope.settings.preset("Channel") == "FITC"


def test_a_camera_that_ends_live_mode_by_itself_says_so(demo: Microscope) -> None:
    load(demo, "Odd", OddCamera([0, 1, 2]))
    demo.live.start()
    until(lambda: not demo.live.running)
    until(lambda: demo.live.problem)
    assert "by itself" in demo.live.problem
    demo.live.stop()


def test_live_mode_ends_when_the_microscope_is_closed(opened) -> None:
    microscope = opened("demo", camera_size=(64, 64))
    microscope.live.start()
    microscope.close()
    assert not microscope.live.running


# ------------------------------------------------------------------------------ camera and presets


def test_region_and_binning_are_set_read_and_refused_in_sentences(demo: Microscope) -> None:
    imaging = demo.imaging
    assert (imaging.binning(), imaging.binnings()) == (1, (1, 2, 4))
    imaging.set_binning(2)
    assert demo.snap().shape == (128, 128)
    imaging.set_region(Region(10, 20, 30, 40))
    assert imaging.region() == Region(10, 20, 30, 40)
    assert demo.snap().shape == (40, 30)
    imaging.set_region(None)
    assert imaging.region() == Region(0, 0, 128, 128)
    with pytest.raises(MicroscopeError, match=r"'Camera' has no binning 3; it has 1, 2, 4"):
        imaging.set_binning(3)
    with pytest.raises(MicroscopeError, match=r"region of 900 × 10 pixels at 0, 0"):
        imaging.set_region(Region(0, 0, 900, 10))
    with pytest.raises(MicroscopeError, match=r"-1 ms cannot be made"):
        imaging.set_exposure(-1)


def test_presets_and_properties_are_listed_and_set(demo: Microscope) -> None:
    settings = demo.settings
    settings.set_preset("Channel", "Cy5")
    assert settings.preset("Channel") == "Cy5"
    with pytest.raises(MicroscopeError, match=r"no channel 'GFP'.*Cy5, DAPI"):
        settings.set_preset("Channel", "GFP")
    listed = {(p.device, p.name): p for p in settings.properties()}
    binning = listed["Camera", "Binning"]
    assert (binning.value, binning.choices, binning.read_only) == ("1", ("1", "2", "4"), False)
    assert listed["Camera", "Exposure"].limits == Range(0, 60_000)
    assert {p.device for p in settings.properties("Z")} == {"Z"}
    settings.set_property("Camera", "Binning", 4)
    assert demo.imaging.binning() == 4
    with pytest.raises(MicroscopeError, match=r"'Camera' could not set 'Colour' to 'blue'"):
        settings.set_property("Camera", "Colour", "blue")


@pytest.mark.parametrize(
    ("exposure", "frame_bytes", "limit"),
    [
        (10, 2 * 512 * 512, 100),  # a second
        (0.1, 2 * 512 * 512, 400),  # beyond this nothing is gained
        (1, 2 * 2048 * 2048, 32),  # what 256 MB hold
        (5000, 2, 1),
        (0, 0, 400),
        (1, 2**40, 1),
    ],
)
def test_a_span_fits_the_buffer_and_lasts_a_second(
    demo_camera: Microscope, exposure: float, frame_bytes: int, limit: int
) -> None:
    assert demo_camera.sequence_limit(exposure, frame_bytes) == limit


def test_a_span_of_the_limit_does_not_run_the_buffer_over(opened) -> None:
    microscope = opened("demo-camera", camera_size=(1024, 1024))
    core = microscope.core
    core.setCircularBufferMemoryFootprint(16)
    limit = microscope.sequence_limit(1, 2 * 1024 * 1024)
    core.prepareSequenceAcquisition("Camera")
    core.initializeCircularBuffer()
    assert limit <= core.getBufferTotalCapacity()
    core.setProperty("Camera", "FastImage", 1)
    slow = lambda _: time.sleep(0.02)  # noqa: E731 — slower than the camera
    microscope.engine.on_frame = slow
    events = [tagged((t, 0, 0, 0), exposure=1) for t in range(limit)]
    core.mda.run(microscope.engine.event_iterator(events))


# ------------------------------------------------------------------------------ around a run


def test_after_a_run_everything_stands_as_it_did_before(demo: Microscope) -> None:
    demo.stages.move_xy(12, -7)
    demo.stages.move_z(4)
    demo.settings.set_preset("Channel", "Cy5")
    demo.imaging.set_exposure(33)
    demo.imaging.set_region(Region(0, 0, 100, 90))
    demo.core.setAutoShutter(True)
    before = demo.remember()
    demo.live.start()
    with demo.for_a_run() as problems:
        assert not demo.live.running
        events = [event.model_copy(update={"keep_shutter_open": True}) for event in z_stack()]
        dim = demo.limits.power_settings("DAPI", 10)
        assert dim == (("Light", "Power", 10),)
        last = tagged(roi=(0, 0, 50, 50), x_pos=90.0, exposure=2, properties=dim)
        acquire(demo, [*events, last])
        assert demo.settings.properties("Light")[0].value == "10.0"
        assert demo.stage().x == 90
    assert problems == []
    assert demo.remember() == before
    assert demo.stage().x == pytest.approx(12)
    assert demo.core.getAutoShutter()
    assert not demo.core.getShutterOpen()


def test_what_cannot_be_set_back_is_told_and_the_rest_is_set_back(demo: Microscope) -> None:
    class Sticks(NeverThere):
        stuck = False

        def set_position_um(self, x: float, y: float) -> None:
            if self.stuck:
                raise OSError("motor fault 12")
            self._at = (x, y)

    stage = Sticks()
    load(demo, "Table", stage)
    demo.imaging.set_exposure(21)
    with demo.for_a_run() as problems:
        demo.stages.move_xy(5, 5)
        demo.stages.move_z(9)
        demo.imaging.set_exposure(3)
        stage.stuck = True
    (problem,) = problems
    assert "'Table' could not go back to x 0, y 0 µm: motor fault 12" in problem
    # and the focus is not moved over a place that was not reached
    assert (demo.imaging.exposure(), demo.stage().z) == (21, 9)


def test_a_run_that_fails_sets_back_too_and_frees_the_microscope(demo: Microscope) -> None:
    with pytest.raises(MicroscopeError, match="no channel"), demo.for_a_run():
        acquire(demo, [tagged(z_pos=9.0), tagged(channel="nothing")])
    assert demo.stage().z == 0
    with (
        demo.for_a_run(),
        pytest.raises(MicroscopeError, match="already in a run"),
        demo.for_a_run(),
    ):
        pass


def test_the_focus_goes_back_first_where_that_takes_it_from_the_sample(demo: Microscope) -> None:
    order: list[str] = []
    core = demo.core
    for name in ("setXYPosition", "setZPosition"):
        call = getattr(core, name)
        setattr(core, name, lambda *to, call=call, name=name: (order.append(name), call(*to)))
    for direction, expected in ((0, "setXYPosition"), (1, "setZPosition"), (-1, "setXYPosition")):
        core.setFocusDirection("Z", direction)
        with demo.for_a_run():
            demo.stages.move_z(9)
            demo.stages.move_xy(9, 9)
            order.clear()
        assert order[0] == expected
