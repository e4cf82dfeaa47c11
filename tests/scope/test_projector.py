"""A calibrated projector puts light where the mask says, and the living sample answers to it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from scope_events import acquire, tagged
from useq import MDAEvent, SLMImage

from parfocal.scope import (
    CalibrationRefused,
    Microscope,
    MicroscopeError,
    Pattern,
    Projector,
    Region,
)
from parfocal.scope._calibration import Pair, calibration_of, read_calibration, spot_centre
from parfocal.scope._demo_projector import PROJECTOR_SHAPE, DemoProjector
from parfocal.scope._living_camera import LivingCamera


@pytest.fixture(autouse=True)
def profile_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Calibrations of these tests are nobody else's."""
    monkeypatch.setenv("PARFOCAL_PROFILES", str(tmp_path))
    return tmp_path


@pytest.fixture
def projector(demo: Microscope) -> Projector:
    assert demo.projector is not None
    demo.projector.calibrate()
    return demo.projector


def lit(mask: np.ndarray, projector: Projector, t: int = 0, **asked: object) -> MDAEvent:
    image = SLMImage(data=projector.image_of(mask))
    event = tagged((t, 0, 0, 0), exposure=50, **asked)  # type: ignore[arg-type]
    return event.model_copy(update={"slm_image": image})


def middle(image: np.ndarray) -> np.ndarray:
    return np.argwhere(image).mean(axis=0)


def shown_by(microscope: Microscope) -> DemoProjector:
    return microscope.core._pydevices.get_device_of_type("Projector", DemoProjector)


def camera_of(microscope: Microscope) -> LivingCamera:
    return microscope.core._pydevices.get_device_of_type("Camera", LivingCamera)


def test_a_calibration_finds_how_the_projector_lies_and_the_next_opening_knows_it(
    opened, profile_folder: Path
) -> None:
    first = opened("demo", camera_size=(256, 256))
    assert first.projector is not None
    assert "is not calibrated" in first.projector.unfit_for(256, 256)
    seen: list[tuple[int, int]] = []
    found = first.projector.calibrate(progress=lambda done, of: seen.append((done, of)))
    assert seen == [(n + 1, 9) for n in range(9)]
    assert found.residual_px <= 1.0
    assert found.spots_used >= 4
    assert (found.region, found.binning) == ((0, 0, 256, 256), 1)
    assert found.objective == "Nikon 20X Plan Fluor ELWD"
    assert len(found.seen) == 9
    assert sum(spot.used for spot in found.seen) == found.spots_used
    assert all((spot.off_px < 5) is spot.used for spot in found.seen)
    (kept,) = profile_folder.rglob("*.yaml")
    assert kept == first.projector.kept_at == profile_folder / "projectors" / "demo.yaml"
    second = opened("demo", camera_size=(256, 256))
    assert second.projector is not None
    assert second.projector.calibration == found
    assert second.projector.kept_at == kept
    assert second.projector.unfit_for(256, 256) == ""
    assert "calibrated for pictures of 256 × 256 pixels" in second.projector.unfit_for(128, 256)
    assert shown_by(first).lit is None  # dark afterwards

    # another part of the chip of the same size: light would fall elsewhere
    second.imaging.set_region(Region(16, 16, 224, 224))
    second.projector.calibrate()
    assert second.projector.unfit_for(224, 224) == ""
    second.imaging.set_region(Region(0, 16, 224, 224))
    why = second.projector.unfit_for(224, 224)
    assert "for the region at 16, 16 with binning 1, and the camera reads the one at 0, 16" in why


def test_a_pattern_lights_the_sample_until_it_is_dark_and_no_run_begins_in_it(
    demo: Microscope,
) -> None:
    projector, shown = demo.projector, shown_by(demo)
    assert projector is not None
    dark = demo.snap().astype(int)
    projector.show(Pattern.FULL)
    assert shown.lit is not None
    assert shown.lit.all()
    assert (demo.snap() - dark).min() > 500
    projector.show(Pattern.TEST)
    assert projector.lit is Pattern.TEST
    letter = demo.snap() - dark > 500
    assert 0.1 < letter.mean() < 0.5
    for same in (letter[::-1], letter[:, ::-1], letter[::-1, ::-1], letter.T):
        assert not np.array_equal(letter, same)  # it says how the projector is turned
    with demo.for_a_run():
        assert shown.lit is None
    projector.show(Pattern.FULL)
    demo.close()
    assert shown.lit is None


def test_the_live_view_moves_on_while_the_projector_is_calibrated(demo: Microscope) -> None:
    demo.live.start()
    before = None
    while before is None:
        before = demo.live.latest
    assert demo.projector is not None
    found = demo.projector.calibrate()
    assert demo.live.running
    assert demo.live.latest is not None
    assert demo.live.latest.number > before.number + 9
    assert found.residual_px <= 1.0
    demo.live.stop()


def test_light_falls_within_two_pixels_of_the_mask(demo: Microscope, projector: Projector) -> None:
    for place in ((60, 60), (60, 190), (128, 128), (190, 60), (200, 200)):
        mask = np.zeros((256, 256), bool)
        mask[place[0] - 8 : place[0] + 9, place[1] - 12 : place[1] + 13] = True
        dark, shining = acquire(demo, [tagged(exposure=50), lit(mask, projector)])
        brighter = shining.pixels.astype(int) - dark.pixels > 500
        assert np.abs(middle(brighter) - middle(mask)).max() <= 2
        assert abs(brighter.sum() / mask.sum() - 1) < 0.2
    (after,) = acquire(demo, [tagged(exposure=50)])
    assert np.array_equal(after.pixels, dark.pixels)  # no light is left


def test_cells_that_got_light_become_brighter_and_creep_towards_it(
    demo: Microscope, projector: Projector
) -> None:
    camera = camera_of(demo)
    mask = np.zeros((256, 256), bool)
    mask[:, 128:] = True  # the right half

    def look(t: int) -> np.ndarray:
        (frame,) = acquire(demo, [tagged((t, 0, 0, 0), channel="FITC", exposure=20)])
        return frame.pixels.astype(float)

    unlit = [look(t) for t in (5, 6, 7)]
    acquire(demo, [lit(mask, projector, t=5)])
    assert camera.projected is not None
    assert len(camera.projected.felt.felt) >= 4
    same, *answered = (look(t) for t in (5, 6, 7))
    assert np.array_equal(same, unlit[0])  # not before the next timepoint
    for now, before in zip(answered, unlit[1:], strict=True):
        gain = (now - before).mean(axis=0)
        assert gain[160:].mean() > 20
        assert abs(gain[:96].mean()) < 2
    with demo.for_a_run():  # another experiment begins with cells that remember nothing
        assert np.array_equal(look(6), unlit[1])


def test_a_light_that_could_not_be_snapped_does_not_stay_on(
    demo: Microscope, projector: Projector
) -> None:
    shown = demo.core._pydevices.get_device_of_type("Projector", DemoProjector)
    event = lit(np.ones((256, 256), bool), projector)
    with pytest.raises(MicroscopeError, match=r"could not show an image of shape \(2, 2\)"):
        acquire(demo, [event.model_copy(update={"slm_image": SLMImage(data=np.ones((2, 2)))})])
    assert shown.lit is None
    with pytest.raises(MicroscopeError):
        acquire(demo, [event.model_copy(update={"exposure": 1e9})])
    assert shown.lit is None


def test_a_mask_of_another_size_and_a_projector_nobody_calibrated_are_refused(
    demo: Microscope, projector: Projector, opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(MicroscopeError, match="calibrated for pictures of 256 × 256 pixels"):
        projector.image_of(np.ones((10, 10), bool))
    assert opened("demo-camera").projector is None
    (tmp_path / "projectors" / "demo.yaml").write_text("parfocal-projector: 1\n")
    broken = opened("demo", camera_size=(256, 256)).projector
    assert "demo.yaml is no calibration" in broken.unfit_for(256, 256)
    with pytest.raises(MicroscopeError, match="by 4 to 100 spots, not 3"):
        projector.calibrate(spots=3)


def test_a_calibration_is_stopped_within_a_long_exposure_while_live(demo: Microscope) -> None:
    """Live mode exposes on; nobody waits for the end of a frame."""
    stopped, done = threading.Event(), threading.Event()
    assert demo.projector is not None
    demo.imaging.set_exposure(1500)
    demo.live.start()

    def calibrate() -> None:
        with pytest.raises(MicroscopeError, match="was stopped"):
            demo.projector.calibrate(cancelled=stopped)
        done.set()

    calibrating = threading.Thread(target=calibrate)
    calibrating.start()
    time.sleep(0.2)  # it waits for its first dark picture, which takes three seconds and more
    stopped.set()
    assert done.wait(1.0)
    calibrating.join()
    assert shown_by(demo).lit is None
    assert demo.live.running


def test_a_calibration_can_be_stopped_and_leaves_the_projector_dark(demo: Microscope) -> None:
    stopped = threading.Event()
    assert demo.projector is not None
    began = time.monotonic()
    with pytest.raises(MicroscopeError, match="was stopped"):
        demo.projector.calibrate(progress=lambda *_: stopped.set(), cancelled=stopped)
    assert time.monotonic() - began < 5
    assert demo.projector.calibration is None


def pairs(outliers: int, of: int = 9) -> list[tuple[Pair, Pair]]:
    random = np.random.default_rng(3)
    made = []
    for number in range(of):
        row, column = 100.0 + 60 * (number // 3), 150.0 + 70 * (number % 3)
        seen = np.array([[0.8, -0.1], [0.1, -0.9]]) @ (row, column) + (10, 400)
        seen += random.normal(0, 0.3, 2)
        if number < outliers:
            seen += random.uniform(60, 200, 2) * random.choice([-1, 1], 2)
        made.append(((row, column), (float(seen[0]), float(seen[1]))))
    return made


def test_specks_and_reflections_are_left_out_of_a_calibration(tmp_path: Path) -> None:
    size = {"camera": (512, 512), "projector": PROJECTOR_SHAPE, "spots": 9}
    found = calibration_of(pairs(4), **size)
    assert (found.spots_used, found.residual_px < 1) == (5, True)
    assert found.matrix[0][0] == pytest.approx(0.8, abs=0.02)
    assert [spot.used for spot in found.seen] == 4 * [False] + 5 * [True]
    assert min(spot.off_px for spot in found.seen[:4]) > 5
    one_place = [(shown, (50 + n % 2 / 9, 60 + n / 9)) for n, (shown, _) in enumerate(pairs(0))]
    for too_few, sentence in (
        (one_place, "were all seen at one place"),
        (pairs(0)[:3], "Only 3 of 9 spots of the projector were seen"),
        (pairs(9), r"Only [0-3] of 9 spots that were seen agree"),
    ):
        with pytest.raises(CalibrationRefused, match=sentence) as refused:
            calibration_of(too_few, **size)
        assert [spot.place for spot in refused.value.seen] == [seen for _, seen in too_few]
    with pytest.raises(MicroscopeError, match=r"no calibration of the projector at .*none\.yaml"):
        read_calibration(tmp_path / "none.yaml")


def test_the_middle_of_a_spot_is_found_to_a_part_of_a_pixel() -> None:
    random = np.random.default_rng(1)
    rows, columns = np.indices((80, 90))
    dark = random.normal(100, 3, (80, 90))
    bell = 200 * np.exp(-((rows - 30.4) ** 2 + (columns - 61.8) ** 2) / (2 * 4.0**2))
    found = spot_centre(dark + bell + random.normal(0, 3, (80, 90)), dark)
    assert found == pytest.approx((30.4, 61.8), abs=0.3)
    assert spot_centre(random.normal(100, 3, (80, 90)), dark) is None
