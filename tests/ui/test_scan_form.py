"""A scan is set up in a form: what it says is the file, and what it does not know stays there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication, QKeySequence
from PyQt6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from parfocal.jobs import read_config
from parfocal.ui.desk import Desk
from parfocal.ui.jobs_workspace import JobsWorkspace
from parfocal.ui.scan_form import ScanForms
from ui.jobs_parts import look, shown_jobs
from ui.keyboard_focus import press, take_keyboard
from ui.scan_parts import BY_HAND, Dialogs, by_hand, forms_at, said_at, write
from ui.test_accessible_workspaces import nameless


@pytest.fixture
def dialogs(qtbot: QtBot, desk: Desk) -> Iterator[Dialogs]:
    with forms_at(qtbot, desk) as make:
        yield make


def test_editing_keeps_what_the_form_does_not_know(
    qtbot: QtBot, desk: Desk, tmp_path: Path, dialogs: Dialogs
) -> None:
    file = by_hand(tmp_path, f"{BY_HAND}colour: red   # of a later version\nworkers: 02\n")
    dialog = dialogs(file)
    assert dialog.general.sentence == "colour: there is no such setting"
    write(dialog, "minimum_strip_gb", "30")
    dialog.page.fields["notify",].rows[1].remove.click()
    dialog.save()
    assert "Not saved yet: one thing" in dialog.general.sentence
    assert "colour: red" in file.read_text()  # only a person takes it out
    qtbot.waitUntil(lambda: "minimum_strip_gb: 30" in dialog.preview.words.toPlainText())
    assert "colour: red   # of a later version" in dialog.preview.words.toPlainText()
    dialog.take_out.click()
    qtbot.waitUntil(lambda: "# of a later version" in dialog.preview.lost.sentence)
    dialog.preview.copy()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    copied = clipboard.text()
    with qtbot.waitSignal(dialog.saved):
        dialog.save()
    assert (
        file.read_text()
        == copied
        == BY_HAND.replace("gb: 25", "gb: 30").replace(
            "  - webhook: https://hooks.example.org/rig\n", ""
        )
        + "workers: 02\n"
    )


def test_a_file_that_somebody_else_changed_is_not_written_over(
    qtbot: QtBot, tmp_path: Path, dialogs: Dialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: pytest.fail("it was asked"))
    file = by_hand(tmp_path)
    dialog = dialogs(file)
    write(dialog, "workers", "4")
    file.write_text(BY_HAND + "threads: 1\n")
    dialog.save()
    assert not dialog.page.isEnabled()  # what was typed now would be in no file
    dialog.reject()  # and to discard it comes too late
    assert "is being written" in dialog.general.sentence
    qtbot.waitUntil(lambda: "changed by somebody else" in dialog.general.sentence)
    assert dialog.isVisible()
    assert dialog.page.isEnabled()
    assert dialog.save_button.isEnabled()
    assert file.read_text() == BY_HAND + "threads: 1\n"


def test_leaving_asks_only_when_something_would_be_lost(
    desk: Desk, tmp_path: Path, dialogs: Dialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard]

    def question(_parent: object, _title: str, words: str, *_: object) -> Any:
        asked.append(words)
        return answers.pop(0)

    monkeypatch.setattr(QMessageBox, "question", question)
    guards = list(desk.close_guards)
    untouched = dialogs(by_hand(tmp_path))
    untouched.reject()
    dialog = dialogs(tmp_path / "scan.yaml")
    write(dialog, "workers", "4")
    write(dialog, "workers", "")
    assert all(guard() for guard in desk.close_guards)
    assert asked == []
    write(dialog, "workers", "4")
    dialog.reject()
    assert dialog.isVisible()
    dialog.close()
    assert asked == ["scan.yaml has changes that are not saved."] * 2
    assert desk.close_guards == guards


def test_it_fits_the_smallest_screen_and_every_part_has_a_name_and_a_letter_of_its_own(
    desk: Desk, tmp_path: Path, dialogs: Dialogs
) -> None:
    text = BY_HAND.replace("output:", "archive: /raw\ncleanup: trash\ntrash_days: 5\noutput:")
    dialog = dialogs(by_hand(tmp_path, text))
    for fold in dialog.page.folds.values():
        fold.setChecked(True)
    dialog.page.fields["path_map",].add.click()
    QApplication.processEvents()
    for size in (dialog.size(), dialog.minimumSizeHint()):
        assert size.width() <= 1280
        assert size.height() <= 800
    bar = dialog.page.verticalScrollBar()
    assert bar is not None
    assert dialog.page.widget().minimumSizeHint().width() <= dialog.page.viewport().width()
    dialog.list.setCurrentRow(3)
    assert abs(dialog.page.titles["store"].y() - bar.value()) < 10  # a section comes to the top
    bar.setValue(bar.maximum())
    assert dialog.list.currentRow() == dialog.list.count() - 1  # and the list follows
    assert nameless(dialog) == []
    words = [label.text() for label in dialog.findChildren(QLabel) if label.buddy() is not None]
    words += [button.text() for button in dialog.findChildren(QAbstractButton)]
    letters = [key for one in words if (key := QKeySequence.mnemonic(one).toString())]
    assert len(letters) == len(set(letters)) > 15


def test_a_new_scan_is_made_by_keyboard_alone_and_watched(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    desk.queue.works = False
    jobs = shown_jobs(qtbot, desk)
    (tmp_path / "rig" / "Run1203_C2").mkdir(parents=True)
    desk.actions.trigger("jobs.new_scan")
    qtbot.waitUntil(lambda: len(jobs.deeds.forms.open) == 1)
    dialog = jobs.deeds.forms.open[0]
    take_keyboard(qtbot, dialog)
    assert dialog.page.notes["project",].sentence == ""  # nobody is scolded for an empty form
    press(qtbot, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: said_at(dialog, "project") == "project: it is missing")
    assert QApplication.focusWidget() is dialog.page.fields["project",].first
    for key, text in (
        ("project", "brain"),
        ("watch", str(tmp_path / "rig")),
        ("output", str(tmp_path / "stores")),
    ):
        tab_to(qtbot, dialog.page.fields[key,].first)
        qtbot.keyClicks(QApplication.focusWidget(), text)
    qtbot.waitUntil(
        lambda: "Run1203_C2 is strip 3 of slice 12 (camera-02)" in dialog.page.watch_note.sentence
    )
    reached = tab_to(qtbot, dialog.page.fields["output",].first, round_once=True)
    fields = {field.first for field in dialog.page.fields.values() if field.isVisible()}
    assert fields - reached == set()
    assert {dialog.save_button, dialog.preview.words} <= reached
    press(qtbot, Qt.Key.Key_Return)
    assert dialog.isVisible()
    tab_to(qtbot, dialog.page.fields["notify",].first)
    press(qtbot, Qt.Key.Key_Space)
    press(qtbot, Qt.Key.Key_Tab)
    qtbot.keyClicks(QApplication.focusWidget(), "me@example.org")
    notify: Any = dialog.page.fields["notify",]
    assert set(notify.rows[0].chain[1:]) <= tab_to(qtbot, notify.first)
    press(qtbot, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: dialog.findChild(QFileDialog) is not None)
    chooser = dialog.findChild(QFileDialog)
    take_keyboard(qtbot, chooser)
    press(qtbot, Qt.Key.Key_Return)
    file = tmp_path / "data" / "brain.yaml"
    qtbot.waitUntil(file.exists)
    qtbot.waitUntil(lambda: bool(desk.toasts.history))
    offer = desk.toasts.history[-1]
    assert "Watch its folders from now on?" in offer.text
    assert file.read_text() == (
        f"project: brain\nwatch: [{tmp_path / 'rig'}]\noutput: {tmp_path / 'stores'}\n"
        "notify:\n  - email: me@example.org\n"
    )
    offer.buttons[0][1]()
    look(qtbot, desk, jobs, lambda: jobs.header.scans.isVisible())
    edit_while_it_is_watched(qtbot, desk, jobs, file)


def edit_while_it_is_watched(qtbot: QtBot, desk: Desk, jobs: JobsWorkspace, file: Path) -> None:
    """The form says what a change does to strips, and what other names do."""
    jobs.header.scans.menu().actions()[0].trigger()
    forms: ScanForms = jobs.deeds.forms
    forms.edit(file)  # before it is read
    qtbot.waitUntil(lambda: bool(forms.open) and forms.open[0].isVisible())
    dialog = forms.open[0]
    jobs.deeds.forms.edit(file)
    assert forms.open == [dialog]  # once is enough
    assert "This scan is watched." in dialog.about.sentence
    assert dialog.renamed.sentence == ""
    take_keyboard(qtbot, dialog)
    dialog.page.go_to(("preview_parts",))
    notify: Any = dialog.page.fields["notify",]
    assert set(notify.rows[0].chain) <= tab_to(qtbot, notify.first)
    write(dialog, "project", "brain 2")
    assert "Strips can get other names" in dialog.renamed.sentence
    write(dialog, "watch", "/nowhere/scan")
    qtbot.waitUntil(lambda: "cannot be seen now" in dialog.page.watch_note.sentence)
    with qtbot.waitSignal(dialog.saved):
        dialog.save()
    assert read_config(file).project == "brain 2"
    assert "still watched" in desk.toasts.history[-1].text
    file.write_text("project: [")
    forms.edit(file)
    qtbot.waitUntil(lambda: f"{file}, line 1, is not YAML" in desk.toasts.history[-1].text)
    assert forms.open == []


def tab_to(qtbot: QtBot, wanted: QWidget, *, round_once: bool = False) -> set[QWidget | None]:
    """Press Tab until it has the keyboard; what had it meanwhile."""
    reached: set[QWidget | None] = set()
    for _ in range(120):
        here = QApplication.focusWidget()
        if here is wanted and (reached or not round_once):
            return reached | {here}
        reached.add(here)
        press(qtbot, Qt.Key.Key_Tab)
    raise AssertionError(f"{wanted} was not reached by Tab")
