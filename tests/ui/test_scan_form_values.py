"""Every value of a scan goes through its form, and what is wrong is said where it was typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from parfocal.jobs import Config, JobError, faults_of, read_config, rewrite
from parfocal.ui.desk import Desk
from parfocal.ui.scan_form._draft import ABSENT, Draft
from parfocal.ui.scan_form._page import Page
from parfocal.ui.scan_form._rows import WayRow
from ui.scan_parts import BY_HAND, Dialogs, by_hand, forms_at, said_at, write


@pytest.fixture
def dialogs(qtbot: QtBot, desk: Desk) -> Iterator[Dialogs]:
    with forms_at(qtbot, desk) as make:
        yield make


FOLDERS = st.sampled_from(["/a", "/b c/ü", "/d/#1", "/e: f"])
PARTS: dict[str, Any] = {
    "watch": st.lists(st.sampled_from(["/w1", "/w 2"]), max_size=2, unique=True),
    "pattern": st.sampled_from(["Run<N>", "s<slice>-<strip>_cam<camera>", "Run<N>[_C2][_s]"]),
    "slices": st.integers(1, 99),
    "slice_offset": st.integers(-5, 5),
    "strips_per_slice": st.integers(1, 200),
    "stable_seconds": st.floats(0, 1e6),
    "minimum_strip_gb": st.integers(0, 99),
    "info_file": st.sampled_from(["info.txt", "no", "1.5", "a: b"]),
    "archive": st.just("/archive"),
    "bandwidth_mb_s": st.one_of(st.none(), st.floats(0.001, 1e4)),
    "voxel_size_um": st.lists(st.floats(0.001, 99), min_size=3, max_size=3),
    "codec": st.sampled_from(["lz4", "zstd", "none"]),
    "shard_mb": st.integers(1, 4096),
    "workers": st.integers(1, 64),
    "threads": st.integers(1, 256),
    "cpu_affinity": st.lists(st.integers(0, 31), min_size=1, max_size=4),
    "executor": st.sampled_from(["local", "tcp://cluster:8786"]),
    "mip": st.booleans(),
    "preview_window": st.just([100, 4000.5]),
    "preview_parts": st.integers(1, 64),
    "thresholds": st.fixed_dictionaries(
        {}, optional={"store_gb": st.floats(0, 9), "mip_mb": st.integers(0, 9)}
    ),
    "cleanup": st.just("keep"),
    "trash_days": st.floats(0.1, 99),
    "delete_consent": st.just("delete brain"),
    "external_archiver": st.just(False),
    "path_map": st.dictionaries(st.sampled_from(["D:\\", "/rig"]), FOLDERS, max_size=2),
    "notify": st.lists(
        st.one_of(
            st.fixed_dictionaries(
                {"webhook": st.just("https://a.org/x")},
                optional={
                    "format": st.sampled_from(["json", "slack"]),
                    "only": st.sampled_from(["all", "needs me"]),
                },
            ),
            st.fixed_dictionaries(
                {"email": st.just("a@b.org")},
                optional={"smtp": st.just("m:25"), "sender": st.just("c@d.org")},
            ),
        ),
        max_size=3,
    ),
}


def test_every_value_goes_through_form_and_file_and_is_the_same(desk: Desk) -> None:
    assert {"project", "output", *PARTS} == set(Config.model_fields)

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(st.fixed_dictionaries({}, optional=PARTS))
    def go_through(parts: dict[str, Any]) -> None:
        told = {"project": "brain", "output": "/out", **parts}
        wanted = Config.model_validate(told)
        page, again = Page(desk.theme, Draft(told)), Draft({})
        assert {place[0] for place in page.fields} == set(Config.model_fields)
        for place, field in page.fields.items():
            again.say(place, field.told())
        page.deleteLater()
        made = yaml.safe_load(rewrite("", again.values).text)
        assert Config.model_validate(made) == wanted

    go_through()


def test_each_wrong_value_is_said_at_its_field_as_the_file_would_say_it(
    desk: Desk, tmp_path: Path, dialogs: Dialogs
) -> None:
    dialog = dialogs(by_hand(tmp_path))
    for key, text, words in (
        ("project", "../up", "is not a name"),
        ("watch", "scan", "is no whole path"),
        ("pattern", "Strip", "names no strip"),
        ("slices", "0", "greater than or equal to 1"),
        ("strips_per_slice", "many", "valid integer"),
        ("slice_offset", "1.5", "valid integer"),
        ("stable_seconds", "-1", "greater than or equal to 0"),
        ("minimum_strip_gb", "nan", "greater than or equal to 0"),
        ("info_file", "a/b", "is not the name of a file"),
        ("output", "/nowhere/scan/out", "lies in the watched folder"),
        ("archive", "raw", "is no whole path"),
        ("bandwidth_mb_s", "0", "greater than 0"),
        ("voxel_size_um", "2", "valid number"),
        ("shard_mb", "5000", "less than or equal to 4096"),
        ("workers", "65", "less than or equal to 64"),
        ("threads", "two", "valid integer"),
        ("cpu_affinity", "0, x", "valid integer"),
        ("executor", "slurm", "is no address"),
        ("preview_window", "100", "valid number"),
        ("preview_parts", "0", "greater than or equal to 1"),
        ("trash_days", "0", "greater than 0"),
        ("delete_consent", "yes", "must say 'delete brain'"),
    ):
        before = dialog.page.fields[key,]
        shown = dialog.draft.value((key,))
        write(dialog, key, text)
        sentence = said_at(dialog, key)
        assert words in sentence, key
        assert [fault.place[0] for fault in faults_of(dialog.draft.values)] == [key] * (
            sentence.count("\n") + 1
        )
        file = tmp_path / "wrong.yaml"
        file.write_text(rewrite("", dialog.draft.values).text)
        with pytest.raises(JobError) as told:
            read_config(file)
        assert str(told.value).endswith(sentence.splitlines()[0])
        before.show_value(shown)
        before.edited.emit()
        assert said_at(dialog, key) == "", key
    box: Any = dialog.page.fields["cleanup",].first
    box.setCurrentIndex(box.findData("move"))
    box.activated.emit(box.currentIndex())
    assert "cleanup: move needs an archive" in said_at(dialog, "cleanup")
    assert not dialog.list.item(6).icon().isNull()
    first, second = dialog.page.fields["notify",].rows
    first.address.setText("ana")
    first.address.textEdited.emit("ana")
    assert first.note.sentence == "notify.0.email: 'ana' is not one mail address, as me@example.org"
    assert second.note.sentence == ""
    dialog.save()
    assert dialog.page.fields["notify",].wrong_part is first.address
    pairs = dialog.page.fields["path_map",]
    pairs.add.click()
    pairs.add.click()
    assert "is there twice" in said_at(dialog, "path_map")
    text = f"{BY_HAND}thresholds: 5\ncodec: gzip\n"
    dialog = dialogs(by_hand(tmp_path, text))
    assert "thresholds: Input should be" in said_at(dialog, "thresholds", "store_gb")
    assert "'lz4', 'zstd' or 'none'" in said_at(dialog, "codec")
    assert dialog.page.fields["codec",].told() == "gzip"  # a person sees what it is that is wrong


def test_a_way_keeps_what_its_row_does_not_show(desk: Desk) -> None:
    told = {"email": "a@b.org", "format": "teams", "later": 1, "only": "all"}
    row = WayRow(desk.theme, told)
    row.address.setText("c@d.org")
    assert row.told() == {**told, "email": "c@d.org"}
    row.kind.setCurrentIndex(row.kind.findData("json"))
    row.only.setChecked(True)
    hook = {"webhook": "c@d.org", "format": "json"}
    assert row.told() == {"later": 1, "only": "needs me", **hook}
    row.deleteLater()


def test_a_value_that_is_taken_back_leaves_no_trace() -> None:
    draft = Draft({"project": "brain", "thresholds": {"store_gb": 2, "unknown": 1}})
    draft.say(("workers",), 2)  # the default, which the file does not say
    draft.say(("thresholds", "mip_mb"), 3)
    draft.say(("thresholds", "mip_mb"), ABSENT)
    assert not draft.is_changed
    draft.say(("thresholds", "store_gb"), ABSENT)
    draft.leave_out(("thresholds", "unknown"))
    assert draft.values == {"project": "brain"}
    draft.say(("bandwidth_mb_s",), None)
    assert draft.values["bandwidth_mb_s"] is None
