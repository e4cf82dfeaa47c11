"""Conversions that are not over stand in the queue too, and lead to their wizard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.convert import Batch, BatchItem, forget_batch, look_at_batch
from parfocal.convert._batch_progress import ItemState, write_progress
from parfocal.ui.desk import Desk
from parfocal.ui.jobs_workspace._queue_model import STATE, WHY
from ui.jobs_parts import PATIENCE_MS, shown_jobs


def test_a_conversion_is_listed_with_its_progress_until_it_is_over(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    items = [
        BatchItem(tmp_path / f"{name}.npy", tmp_path / f"{name}.ome.zarr", "ingest")
        for name in "ab"
    ]
    batch = Batch.create(items)
    try:
        progress = look_at_batch(batch).progress
        half = replace(progress.items[0], state=ItemState.RUNNING, done_bytes=5, total_bytes=10)
        write_progress(batch.folder, replace(progress, items=(half, progress.items[1])))
        jobs = shown_jobs(qtbot, desk)
        qtbot.waitUntil(lambda: jobs.queue.count == 1, timeout=PATIENCE_MS)
        model, opened = jobs.queue.model, list[Any]()
        desk.show_batch = opened.append
        assert not jobs.header.isVisible()  # there is no queue of strips
        assert jobs.queue.isVisible()
        assert model.line(0).about == f"{tmp_path / 'a.ome.zarr'} and 1 more"
        assert model.line(0).fraction == 0.25
        assert "wants a person" in model.index(0, STATE).data()  # its worker is gone
        assert "open it to go on" in model.index(0, WHY).data()
        jobs.queue.table.selectRow(0)
        assert not jobs.queue.retry.isEnabled()
        qtbot.mouseClick(jobs.queue.open, Qt.MouseButton.LeftButton)
        assert opened == [batch]
        done = replace(half, state=ItemState.DONE)
        write_progress(batch.folder, replace(progress, items=(done, done)))
        qtbot.waitUntil(lambda: jobs.queue.count == 0, timeout=PATIENCE_MS)
        assert jobs.watch_button.isVisible()
    finally:
        forget_batch(batch)
