"""The panels of the Run workspace say what the status says, each by itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from parfocal.plan import compile_schedule, demo_experiment
from parfocal.run import RunError, RunState, RunStatus
from parfocal.scope import Frame, FrameTag
from parfocal.ui.contrast import auto_contrast, histogram, sample
from parfocal.ui.latest_frames import LatestFrames
from parfocal.ui.run_workspace._frame_panel import FramePanel
from parfocal.ui.run_workspace._history import FIGURES, MOST_SAMPLES, RunHistory
from parfocal.ui.run_workspace._meter import Meter
from parfocal.ui.run_workspace._numbers import Numbers
from parfocal.ui.run_workspace._plots import Plots
from parfocal.ui.run_workspace._run_log import RunLog
from parfocal.ui.run_workspace._state_chip import LOOKS, StateChip, chip_text
from parfocal.ui.theme import Theme
from parfocal.viewer import ViewerState, ViewerStatus

NOW = datetime(2026, 11, 20, 10, 31, tzinfo=UTC)
ERROR = RunError("live ring", "OSError", "no space left in /dev/shm", "Traceback …", 3)


def frame(value: int, channel: int = 0) -> Frame:
    pixels = np.full((64, 64), value, np.uint16)
    pixels[:4] = 0
    return Frame(FrameTag((2, 1, channel, 3), "imaging", 0, 0), pixels, {})


def show(qtbot: QtBot, panel: FramePanel, frames: LatestFrames) -> None:
    """Refresh until the newest frame is shown: it waits for the screen."""

    def shown() -> bool:
        panel.refresh(frames)
        return panel._shown is frames.newest(panel._channel)

    qtbot.waitUntil(shown)


@pytest.mark.parametrize("state", list(RunState))
def test_every_state_has_a_word_a_shape_and_a_colour(qtbot: QtBot, state: RunState) -> None:
    chip = StateChip(Theme())
    qtbot.addWidget(chip)
    chip.show_status(RunStatus(state=state))
    assert chip.text == LOOKS[state].word
    assert chip.text in chip.accessibleName()
    assert chip.sizeHint().width() > chip.fontMetrics().horizontalAdvance(chip.text)
    chip.resize(chip.sizeHint())
    assert not chip.grab().isNull()


def test_the_words_of_the_states() -> None:
    words = {str(state): chip_text(RunStatus(state=state)) for state in RunState}
    assert words["running"] == "RUNNING"
    assert words["paused"] == "PAUSED"
    assert words["cancelling"] == words["finishing"] == "STOPPING…"
    assert words["completed"] == "COMPLETED"
    assert chip_text(None) == "NO RUN"


def test_a_wait_counts_down_in_the_chip() -> None:
    status = RunStatus(state=RunState.WAITING, wait_remaining_s=3724.2)
    assert chip_text(status) == "WAITING 01:02:05"


def test_the_figures_are_those_of_the_status(qtbot: QtBot) -> None:
    numbers = Numbers(Theme())
    qtbot.addWidget(numbers)
    numbers.show_status(
        RunStatus(
            state=RunState.RUNNING,
            event=12,
            events=16,
            frames_expected=160,
            frames_stored=118,
            frames_skipped=2,
            elapsed_s=1870.6,
            remaining_s=94,
            lag_ms=20.0,
            lag_p95_ms=110.0,
            buffer_bytes=90,
            buffer_limit=100,
            live_published=9,
            live_dropped=4,
            errors=(ERROR,),
        )
    )
    assert numbers.events.text() == "12 / 16"
    assert numbers.frames.text() == "118 / 160, 2 skipped"
    assert numbers.elapsed.text() == "00:31:10"
    assert numbers.left.text() == "00:01:34"
    assert numbers.lag.text() == "0.02 s (p95 0.11)"
    assert numbers.viewer.text() == "9 of 13 shown"
    assert numbers.buffer.alarmed
    assert numbers.errors.isEnabled()
    assert numbers.errors.text().startswith("3")
    numbers.show_status(RunStatus(lag_ms=5100.0))
    assert numbers.lag.text() == "! 5.10 s", "late is told by a mark, not by a colour alone"


def test_the_numbers_say_what_the_viewers_of_the_run_showed(qtbot: QtBot) -> None:
    numbers = Numbers(Theme())
    qtbot.addWidget(numbers)
    numbers.show_viewers(())
    assert numbers.viewers.text() == "–"
    one = ViewerStatus(ViewerState.READY, displayed=930, dropped=44)
    numbers.show_viewers((one,))
    assert numbers.viewers.text() == "shown 930, dropped 44"
    numbers.show_viewers((one, one))
    assert numbers.viewers.text() == "shown 1860, dropped 88 in 2"


def test_errors_open_as_a_list_with_the_details_of_the_chosen_one(qtbot: QtBot) -> None:
    from parfocal.ui.run_workspace._errors_dialog import ErrorsDialog

    numbers = Numbers(Theme())
    qtbot.addWidget(numbers)
    numbers.show_status(RunStatus(errors=(ERROR,)))
    numbers.errors.click()
    dialog = numbers.window().findChild(ErrorsDialog)
    assert dialog is not None
    assert dialog.list.topLevelItemCount() == 1
    assert dialog.details.toPlainText() == "Traceback …"
    dialog.close()


@pytest.mark.parametrize(("fraction", "alarmed"), [(0.0, False), (0.8, False), (0.81, True)])
def test_a_bar_is_red_and_marked_past_80_percent(
    qtbot: QtBot, fraction: float, alarmed: bool
) -> None:
    theme = Theme()
    meter = Meter("buffer", theme)
    qtbot.addWidget(meter)
    meter.resize(120, 20)
    meter.set_fraction(fraction)
    shown = meter.grab().toImage()
    red = any(shown.pixelColor(x, 10) == theme.color("error") for x in range(60))
    assert red == alarmed
    assert meter.text.startswith("!") == alarmed


def test_the_newest_frame_of_each_channel_is_kept_and_no_other() -> None:
    frames = LatestFrames()
    for value in range(5):
        frames.offer(frame(value, channel=value % 2))
    assert frames.newest(0).pixels[10, 0] == 4
    assert frames.newest(1).pixels[10, 0] == 3
    assert frames.newest(2) is None
    frames.clear()
    assert frames.newest(0) is None


def test_the_frame_panel_shows_the_chosen_channel_without_a_copy(qtbot: QtBot) -> None:
    panel = FramePanel(Theme())
    qtbot.addWidget(panel)
    panel.bind(compile_schedule(demo_experiment()))
    frames = LatestFrames()
    first, second = frame(700), frame(90, channel=1)
    frames.offer(first)
    frames.offer(second)
    panel.refresh(frames)
    assert [panel.channels.tabText(i) for i in range(2)] == ["DAPI", "FITC"]
    assert np.shares_memory(panel.picture.image.image, first.pixels)
    assert panel.caption.text() == "right · t 3/8 · z 4/5 · 64 × 64"
    panel.channels.setCurrentIndex(1)
    panel.refresh(frames)
    assert np.shares_memory(panel.picture.image.image, second.pixels)


def test_dragging_the_histogram_fixes_the_contrast_until_auto_is_asked_for(qtbot: QtBot) -> None:
    panel = FramePanel(Theme())
    qtbot.addWidget(panel)
    panel.bind(compile_schedule(demo_experiment()))
    frames = LatestFrames()
    frames.offer(frame(700))
    panel.refresh(frames)
    panel.picture.region.setRegion((100, 200))
    assert not panel.picture.automatic.isChecked()
    frames.offer(frame(900))
    show(qtbot, panel, frames)
    assert tuple(panel.picture.image.levels) == (100, 200)
    panel.picture.automatic.setChecked(True)
    assert tuple(panel.picture.image.levels) == tuple(auto_contrast(sample(frame(900).pixels)))


def test_each_channel_keeps_the_contrast_that_it_was_given(qtbot: QtBot) -> None:
    panel = FramePanel(Theme())
    qtbot.addWidget(panel)
    panel.bind(compile_schedule(demo_experiment()))
    frames = LatestFrames()
    frames.offer(frame(700))
    frames.offer(frame(90, channel=1))
    panel.refresh(frames)
    panel.picture.region.setRegion((100, 200))
    panel.channels.setCurrentIndex(1)
    panel.refresh(frames)
    assert panel.picture.automatic.isChecked()
    panel.channels.setCurrentIndex(0)
    panel.refresh(frames)
    assert tuple(panel.picture.image.levels) == (100, 200)


def test_contrast_is_never_an_empty_range_and_ignores_a_hot_pixel() -> None:
    flat = np.full((300, 300), 7, np.uint16)
    assert auto_contrast(flat) == (7, 8)
    flat[5, 5] = 65535
    assert auto_contrast(flat).white < 100
    edges, counts = histogram(flat)
    assert counts.sum() == flat.size
    assert len(edges) == len(counts) + 1


def test_history_stays_bounded_and_keeps_the_whole_run() -> None:
    history = RunHistory()
    for second in range(3 * MOST_SAMPLES):
        history.add(RunStatus(started_utc=NOW, elapsed_s=float(second), frames_acquired=second))
    assert history.count <= MOST_SAMPLES
    assert history.elapsed_s[0] == 0
    assert history.elapsed_s[-1] > 3 * MOST_SAMPLES - 20
    assert all(np.diff(history.elapsed_s) > 0)
    assert history.figures("frame_interval_ms")[-1] == pytest.approx(1000)
    assert np.isnan(history.figures("lag_ms")).all()


def test_the_plots_draw_every_figure_and_change_their_ranges_in_steps(qtbot: QtBot) -> None:
    plots = Plots(Theme())
    qtbot.addWidget(plots)
    history = RunHistory()
    ranges = set()
    for second in range(100):
        status = RunStatus(
            started_utc=NOW,
            elapsed_s=float(second),
            frames_acquired=second,
            lag_ms=float(second),
            react_queued=second % 7,
            free_bytes=10**11,
        )
        history.add(status)
        plots.show_history(history)
        ranges.add(tuple(plots.plots["lag_ms"].viewRange()[0]))
    assert set(plots.curves) == set(FIGURES)
    times, lags = plots.curves["lag_ms"].getData()
    assert times.tolist() == lags.tolist() == list(range(100))
    assert plots.curves["free_gb"].getData()[1][-1] == 100
    assert plots.curves["react_queued"].getData()[1].max() == 6
    assert max(right for _, right in ranges) > 99
    assert len(ranges) < 15  # 100 would be a new axis at each sample


def test_the_log_says_each_change_once(qtbot: QtBot) -> None:
    log = RunLog()
    qtbot.addWidget(log)
    running = RunStatus(state=RunState.RUNNING, events=16, store=Path("/data/a.ome.zarr"))
    log.follow(running)
    log.follow(running)
    log.follow(
        RunStatus(
            state=RunState.FAILED, reason="disk full", event=4, events=16, errors=(ERROR,),
            frames_skipped=2,
        )
    )  # fmt: skip
    lines = [line.split("  ", 1)[1] for line in log.toPlainText().splitlines()]
    assert lines == [
        "records into /data/a.ome.zarr",
        "running at event 0 of 16",
        "failed at event 4 of 16: disk full",
        "2 frames skipped so far",
        "live ring: no space left in /dev/shm",
    ]


def test_a_slow_screen_gets_fewer_frames_and_the_newest_ones(qtbot: QtBot) -> None:
    panel = FramePanel(Theme())
    qtbot.addWidget(panel)
    panel.bind(compile_schedule(demo_experiment()))
    frames = LatestFrames()
    drawn: list[int] = []
    draw = panel.picture.show_pixels

    def slowly(pixels: np.ndarray, pixel_um: float) -> None:
        drawn.append(int(pixels[10, 0]))
        time.sleep(0.02)
        draw(pixels, pixel_um)

    panel.picture.show_pixels = slowly  # type: ignore[method-assign]
    began = time.perf_counter()
    for value in range(60):
        frames.offer(frame(value))
        panel.refresh(frames)
        qtbot.wait(5)
    took = time.perf_counter() - began
    assert 2 <= len(drawn) <= took / 0.02 / 3  # a quarter of the time, and a little
    assert drawn == sorted(drawn)
    qtbot.wait(500)
    panel.refresh(frames)
    assert drawn[-1] == 59
