"""Jobs shows each strip's stage, why it stands there, and does what a person decides."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from parfocal.jobs import Leases, Overview, Standing, StripCell, StripStory, Watcher, list_jobs
from parfocal.ui.desk import Desk
from parfocal.ui.jobs_workspace import JobsWorkspace, _strips
from parfocal.ui.jobs_workspace._conflict_dialog import ConflictDialog
from parfocal.ui.jobs_workspace._consent import ConsentDialog
from parfocal.ui.jobs_workspace._force_dialog import ForceDialog
from parfocal.ui.jobs_workspace._grid import StripGrid
from parfocal.ui.jobs_workspace._look import LOOKS, standing_words
from ui.jobs_parts import PATIENCE_MS, Camera, look, night_at, shown_jobs


def stages(jobs: JobsWorkspace) -> dict[str, str]:
    tree = jobs.strips.details.stages
    rows = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return {row.text(0)[2:]: row.text(2) for row in rows if row is not None}


def done(jobs: JobsWorkspace) -> set[str]:
    story = jobs.deeds.story
    return set() if story is None else {one.kind for one in story.stages if one.state == "done"}


def question(jobs: JobsWorkspace, kind: type) -> bool:
    return isinstance(jobs.deeds.question, kind)


def test_a_strip_is_followed_from_settling_to_its_report(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    jobs = shown_jobs(qtbot, desk)
    assert jobs.watch_button.isVisible()  # nothing is there, and a sentence says what to do
    with night_at(desk, tmp_path) as night:
        strip = night.strip()
        look(qtbot, desk, jobs, lambda: jobs.strips.grid.strip == strip)
        assert not jobs.watch_button.isVisible()
        assert not jobs.corner_button.isVisible()  # the header has one
        night.do("archive")
        leases = Leases(night.database)
        verify, compress = leases.claim("one", {}), leases.claim("one", {})
        assert compress is not None
        assert verify is not None
        leases.renew(compress, 0.25)
        look(qtbot, desk, jobs, lambda: "25 %" in stages(jobs).get("Compress", ""))
        assert "waits for compress" in stages(jobs)["Verify store"]
        assert stages(jobs)["Clean up"].startswith("cleanup: keep")
        cell = jobs.strips.grid.currentIndex()
        assert "compressing, 25 %" in cell.data(Qt.ItemDataRole.AccessibleTextRole)
        assert cell.data() == "VC"  # both sides go on
        table = jobs.queue.table.model()
        assert table is not None
        assert table.index(1, 3).data(Qt.ItemDataRole.UserRole + 3) == 0.25
        for job in (verify, compress):
            leases.put_off(job, 0, {})
        night.work()
        look(qtbot, desk, jobs, lambda: len(jobs.strips.details.preview.parts) == 2)
        assert jobs.strips.grid.currentIndex().data() == "R"
        assert "skipped when it is offered again" in jobs.strips.details.sentence.text()
        assert "camera-01) processed" in jobs.strips.details.log.toPlainText()
        assert set(jobs.header.disks.bars) == {"raw", "output", "archive"}
        qtbot.waitUntil(lambda: "free of" in jobs.header.disks.bars["raw"].words)
        jobs.header.pause.click()
        look(qtbot, desk, jobs, lambda: "Res&ume" in jobs.header.pause.text())
        assert jobs.header.state.text().startswith("Paused")
        jobs.header.pause.click()
        look(qtbot, desk, jobs, lambda: "Pause" in jobs.header.pause.text())


def test_what_deletes_shows_first_what_it_would_and_wants_it_in_words(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    jobs = shown_jobs(qtbot, desk)
    with night_at(desk, tmp_path, cleanup="delete") as night:
        strip = night.strip()
        night.work()
        bulk = list((night.raw / "Run1").glob("*.dat"))
        look(qtbot, desk, jobs, jobs.deeds.can_retry)
        jobs.strips.details.force.click()
        look(qtbot, desk, jobs, lambda: question(jobs, ForceDialog))
        force: Any = jobs.deeds.question
        force.choice.setCurrentIndex(force.choice.findData("cleanup"))
        assert not force.yes.isEnabled()
        force.choice.setCurrentIndex(force.choice.findData("preview"))
        assert force.yes.isEnabled()  # its words may be left for later
        force.accept()
        look(qtbot, desk, jobs, lambda: stages(jobs).get("Preview", "").startswith("nobody works"))
        night.work()
        look(qtbot, desk, jobs, jobs.deeds.can_retry)
        jobs.strips.details.retry.click()
        look(qtbot, desk, jobs, lambda: question(jobs, ConsentDialog))
        dialog: Any = jobs.deeds.question
        assert "4 files" in dialog.box.summary.text()
        assert "1000000000spool.dat" in dialog.box.files.toPlainText()
        dialog.box.field.setText("delete brian")
        assert not dialog.yes.isEnabled()
        assert all(file.exists() for file in bulk)
        dialog.box.field.setText("delete brain")
        assert dialog.yes.isEnabled()
        dialog.accept()
        look(qtbot, desk, jobs, lambda: not jobs.deeds.can_retry())
        night.work()
        look(qtbot, desk, jobs, lambda: jobs.strips.grid.currentIndex().data() == "✓")
        assert not any(file.exists() for file in bulk)
        look(qtbot, desk, jobs, lambda: not jobs.deeds.can_force())
        assert jobs.strips.grid.strip == strip


def test_the_same_name_in_a_new_session_asks_which_is_meant_and_does_it(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    jobs = shown_jobs(qtbot, desk)
    with night_at(desk, tmp_path, output=None) as night:
        night.strip()
        night.work()
        again = tmp_path / "scan-2"
        Camera(seed=9).write(again / "Run1")
        night.configure(stable_seconds=0, output=None, watch=[str(again)])
        Watcher(night.database, night.config).look()
        look(qtbot, desk, jobs, jobs.strips.details.answer.isVisible)
        assert jobs.strips.grid.currentIndex().data() == "?"
        jobs.strips.details.answer.click()
        dialog: Any = jobs.deeds.question
        assert isinstance(dialog, ConflictDialog)
        assert not dialog.yes.isEnabled()
        dialog.other.setChecked(True)
        dialog.name.setText("brain")
        assert not dialog.yes.isEnabled()
        dialog.name.setText("brain, second session")
        assert dialog.yes.isEnabled()
        dialog.accept()
        qtbot.waitUntil(lambda: bool(desk.toasts.history))
        assert "no name of a project" in desk.toasts.history[-1].text
        jobs.deeds.answer()
        dialog = jobs.deeds.question
        dialog.again.setChecked(True)
        dialog.accept()
        look(qtbot, desk, jobs, lambda: not jobs.strips.details.answer.isVisible())
        assert max(job.generation for job in list_jobs(night.database)) == 2


def test_a_scan_is_chosen_and_its_mistakes_are_told_with_their_line(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    jobs = shown_jobs(qtbot, desk)
    with night_at(desk, tmp_path) as night:
        good = night.file.read_text()
        night.file.write_text("project: brain\nwatchh: []\n")
        jobs.watch_button.click()
        assert isinstance(jobs.deeds.question, QFileDialog)
        jobs.deeds.question.fileSelected.emit(str(night.file))
        jobs.deeds.question.reject()
        qtbot.waitUntil(lambda: bool(desk.toasts.history))
        assert f"{night.file}, line 2: watchh: there is no such" in desk.toasts.history[-1].text
        night.file.write_text(good)
        jobs.deeds.watch(night.file)
        look(qtbot, desk, jobs, jobs.header.scans.isVisible)
        assert "watching scan.yaml" in jobs.header.state.text()
        jobs.deeds.unwatch(night.file)
        look(qtbot, desk, jobs, lambda: not jobs.header.scans.isVisible())


def test_a_queue_that_changes_faster_than_a_story_is_read_hides_none(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, turn = _strips._story, threading.Semaphore(0)
    begun: list[StripStory] = []

    def slowly(*asked: Any, **facts: Any) -> StripStory:
        story = read(*asked, **facts)
        begun.append(story)
        turn.acquire(timeout=30)
        return story

    monkeypatch.setattr(_strips, "_story", slowly)
    jobs = shown_jobs(qtbot, desk)

    def is_shown() -> bool:
        assert desk.queue.last is not None
        desk.queue.told.emit(replace(desk.queue.last))  # it changed once more
        return jobs.deeds.story is not None

    with night_at(desk, tmp_path) as night:
        night.strip()
        look(qtbot, desk, jobs, lambda: bool(begun))
        night.do("archive")  # too late for what is being read
        turn.release()
        qtbot.waitUntil(is_shown, timeout=PATIENCE_MS)
        assert jobs.deeds.story is begun[0]
        turn.release(100)
        look(qtbot, desk, jobs, lambda: "archive" in done(jobs))


def many(count: int, standing: Standing = Standing.REPORTED) -> tuple[StripCell, ...]:
    return tuple(
        StripCell(f"{n}", "brain", n // 100, f"camera-{c:02}", n % 100, 1, standing, "R")
        for c in (1, 2)
        for n in range(c * 100_000, c * 100_000 + count)
    )


def test_thousands_of_strips_are_drawn_by_what_changed(qtbot: QtBot, desk: Desk) -> None:
    grid = StripGrid(desk.theme)
    qtbot.addWidget(grid)
    grid.resize(800, 400)
    grid.show()
    strips = many(4000)
    grid.show_strips(strips)
    assert grid.model() is grid.grid
    assert (grid.grid.rowCount(), grid.grid.columnCount()) == (2 * 41, 100)
    assert grid.choose(strips[4321].id)
    changed: list[QModelIndex] = []
    grid.grid.dataChanged.connect(lambda first, _last: changed.append(first))
    resets: list[int] = []
    grid.grid.modelReset.connect(lambda: resets.append(1))
    now = list(strips)
    now[7] = many(8, Standing.CORRUPT)[7]
    grid.show_strips(tuple(now))
    assert len(changed) == 1
    assert changed[0].data(Qt.ItemDataRole.ToolTipRole).endswith("damaged or incomplete")
    assert not resets
    assert grid.strip == strips[4321].id
    grid.show_strips(tuple(now[:-100]))  # a slice less: rows are others, the choice stays
    assert resets
    assert grid.strip == strips[4321].id
    assert grid.grid.cell(grid.currentIndex()) is strips[4321]
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.strip == strips[4322].id
    assert not grid.grab().isNull()


def test_every_standing_looks_like_something_and_has_a_word() -> None:
    assert set(LOOKS) == {str(one) for one in Standing}
    assert len({look.letter for look in LOOKS.values()}) == len(LOOKS)
    for standing in Standing:
        assert standing_words(standing)
    assert Overview(Path()).is_empty
