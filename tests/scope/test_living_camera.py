"""The living camera shows what stage, focus, filters and exposure let it see, and no clock."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from scope_events import acquire, picture, tagged, z_stack

from parfocal.scope import Microscope, MicroscopeError


def detail(pixels: np.ndarray) -> float:
    """How much fine structure there is, noise left out by averaging pairs."""
    smooth = (
        pixels[::2, ::2].astype(float) + pixels[1::2, ::2] + pixels[::2, 1::2] + pixels[1::2, 1::2]
    )
    return float(np.abs(np.diff(smooth, axis=0)).mean())


def test_the_same_frame_has_the_same_bytes_on_another_day_and_another_microscope(opened) -> None:
    first, second = (opened("demo", camera_size=(256, 256)) for _ in range(2))
    events = [
        tagged((t, 0, c, 0), channel=channel)
        for t in range(2)
        for c, channel in enumerate(("DAPI", "FITC"))
    ]
    once = acquire(first, events)
    for _ in range(3):
        second.core.snapImage()  # a user who looked before the run
    twice = []
    for event in events:
        twice += acquire(second, [event])
        time.sleep(0.01)  # a pause
    assert [a.pixels.tobytes() for a in once] == [b.pixels.tobytes() for b in twice]
    assert len({a.pixels.tobytes() for a in once}) == 4


def test_a_hardware_sequence_shows_what_snaps_show(demo: Microscope) -> None:
    events = z_stack(3) + z_stack(4)
    snapped = acquire(demo, events)
    sequenced = acquire(demo, events, sequenced=True)
    assert [frame.metadata["hardware_triggered"] for frame in snapped] == [False] * 6
    assert [frame.metadata["hardware_triggered"] for frame in sequenced] == [True] * 6
    assert [a.tag for a in snapped] == [b.tag for b in sequenced]
    assert [a.pixels.tobytes() for a in snapped] == [b.pixels.tobytes() for b in sequenced]


def test_another_position_shows_other_cells(demo: Microscope) -> None:
    here, there = picture(demo, x_pos=0.0, y_pos=0.0), picture(demo, x_pos=5000.0, y_pos=0.0)
    assert abs(np.corrcoef(here.ravel(), there.ravel())[0, 1]) < 0.3


def test_moving_the_stage_moves_the_picture_by_as_much(demo: Microscope) -> None:
    here = picture(demo, x_pos=0.0, y_pos=0.0).astype(float)
    moved = picture(demo, x_pos=20.0, y_pos=0.0).astype(float)  # 40 pixels of 0.5 µm
    assert np.corrcoef(here[:, 40:].ravel(), moved[:, :-40].ravel())[0, 1] > 0.9
    up = picture(demo, x_pos=0.0, y_pos=20.0).astype(float)
    assert np.corrcoef(here[40:].ravel(), up[:-40].ravel())[0, 1] > 0.9


def test_defocus_blurs_more_the_further_it_is(demo: Microscope) -> None:
    sharpness = [detail(picture(demo, exposure=20, z_pos=z)) for z in (0.0, 6.0, 14.0)]
    assert sharpness[0] > 1.3 * sharpness[1] > 1.3 * 1.2 * sharpness[2]


def test_each_channel_has_a_look_of_its_own(demo: Microscope) -> None:
    shown = {
        c: picture(demo, channel=c).astype(float) for c in ("DAPI", "FITC", "Rhodamine", "Cy5")
    }
    covered = {c: (p > 200).mean() for c, p in shown.items()}
    assert covered["DAPI"] < 0.6 * covered["FITC"]  # nuclei are smaller than cells
    names = list(shown)
    for n, a in enumerate(names):
        for b in names[n + 1 :]:
            assert np.corrcoef(shown[a].ravel(), shown[b].ravel())[0, 1] < 0.9, (a, b)


def test_the_multiband_channels_show_the_same_dyes(demo: Microscope) -> None:
    with_wheel = picture(demo, channel="FITC")
    with_leds = picture(demo, channel={"group": "Channel-Multiband", "config": "FITC"})
    assert with_leds.tobytes() == with_wheel.tobytes()


def test_light_grows_with_exposure_until_the_chip_is_full(demo: Microscope) -> None:
    def light(exposure: float) -> float:
        return float(picture(demo, exposure=exposure).astype(float).mean()) - 100

    assert light(4) == pytest.approx(2 * light(2), rel=0.1)
    dark = picture(demo, exposure=0.01)
    assert 98 < dark.mean() < 102
    assert 2 < dark.std() < 6
    assert picture(demo, exposure=600).max() == 65535


def test_binning_makes_larger_pixels_that_gather_more_light(demo: Microscope) -> None:
    single = picture(demo).astype(float)
    demo.core.setConfig("Camera", "MedRes")
    assert demo.camera().pixel_size_um == pytest.approx(1.0)
    assert (demo.camera().width, demo.camera().height) == (128, 128)
    binned = picture(demo).astype(float)
    assert binned.shape == (128, 128)
    assert binned.mean() - 100 == pytest.approx(4 * (single.mean() - 100), rel=0.15)


def test_a_region_of_interest_shows_that_part_of_the_chip(demo: Microscope) -> None:
    whole = picture(demo, exposure=20).astype(float)
    part = picture(demo, exposure=20, roi=(60, 30, 100, 80)).astype(float)
    assert part.shape == (80, 100)
    assert np.corrcoef(part.ravel(), whole[30:110, 60:160].ravel())[0, 1] > 0.97
    demo.core.clearROI()
    assert picture(demo).shape == (256, 256)


def test_the_objective_changes_the_magnification(demo: Microscope) -> None:
    demo.core.setConfig("Objective", "10X")
    assert demo.camera().pixel_size_um == pytest.approx(1.0)
    many = (picture(demo).astype(float) > 400).mean()
    demo.core.setConfig("Objective", "40X")
    assert demo.camera().pixel_size_um == pytest.approx(0.25)
    assert picture(demo).shape == (256, 256)
    assert many > 0


def test_every_frame_has_noise_of_its_own(demo: Microscope) -> None:
    a, b = (picture(demo, (0, 0, 0, z), exposure=1).astype(float) for z in (0, 1))
    assert 3 < (a - b).std() < 30


def test_the_truth_lies_where_the_nuclei_shine(demo: Microscope) -> None:
    pixels = picture(demo, (7, 0, 0, 0), exposure=10).astype(float)
    sample = demo.core._pydevices["Camera"].sample  # the demo's own dish
    cells = sample.cells(7)
    rows = np.rint(cells.y / 0.5 + 128).astype(int)
    columns = np.rint(cells.x / 0.5 + 128).astype(int)
    whole = (rows > 4) & (rows < 252) & (columns > 4) & (columns < 252) & (np.abs(cells.z) < 4)
    around = [
        pixels[r - 3 : r + 4, c - 3 : c + 4].mean()
        for r, c in zip(rows[whole], columns[whole], strict=True)
    ]
    assert len(around) >= 6
    assert min(around) > 4 * np.median(pixels)


def test_live_pictures_crawl_on_without_a_plan(demo: Microscope) -> None:
    demo.core.setExposure(1)
    demo.core.snapImage()
    first = demo.core.getImage().copy()
    demo.core.snapImage()
    assert first.tobytes() != demo.core.getImage().tobytes()
    demo.core.startContinuousSequenceAcquisition(0)
    deadline = time.monotonic() + 5
    while demo.core.getRemainingImageCount() < 5 and time.monotonic() < deadline:
        time.sleep(0.005)
    demo.core.stopSequenceAcquisition()
    assert demo.core.getRemainingImageCount() >= 5


@pytest.mark.parametrize("ending", ["stop", "close"])
def test_a_live_view_of_long_exposures_stops_at_once(demo: Microscope, ending: str) -> None:
    demo.core.setExposure(20_000)
    demo.core.startContinuousSequenceAcquisition(0)
    time.sleep(0.1)
    (streaming,) = [t for t in threading.enumerate() if type(t).__name__ == "AcquisitionThread"]
    asked = time.perf_counter()
    if ending == "stop":
        demo.core.stopSequenceAcquisition()
    else:
        demo.close()
    assert time.perf_counter() - asked < 1
    assert not streaming.is_alive()


def test_an_exposure_takes_as_long_as_it_says(demo: Microscope) -> None:
    began = time.perf_counter()
    picture(demo, exposure=120)
    assert time.perf_counter() - began >= 0.12


def test_less_light_makes_a_darker_picture_and_full_light_is_the_default(demo: Microscope) -> None:
    full = picture(demo, (3, 0, 0, 0), exposure=20)
    half = picture(demo, (3, 0, 0, 0), exposure=20, properties=[("Light", "Power", 50)])
    again = picture(demo, (3, 0, 0, 0), exposure=20, properties=[("Light", "Power", 100)])
    assert (again == full).all()
    above = float(full.mean()) - 100, float(half.mean()) - 100
    assert 0.4 < above[1] / above[0] < 0.6


def test_an_exposure_that_the_camera_cannot_make_is_refused(demo: Microscope) -> None:
    with pytest.raises(MicroscopeError, match=r"Camera.*exposure of 1e\+08 ms"):
        picture(demo, exposure=1e8)
