"""The settings file: what is chosen stays, and nothing in it can keep the window from opening."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from parfocal.ui.settings import RECENT_KEPT, Settings, Values

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def fits(name: str, value: Any) -> bool:
    try:
        Values.model_validate({name: value})
    except ValueError:
        return False
    return True


def test_what_was_chosen_is_there_at_the_next_start(tmp_path: Path, qtbot: QtBot) -> None:
    chosen = Settings(tmp_path / "deep" / "settings.json")
    with qtbot.waitSignal(chosen.changed) as told:
        chosen.change(theme="dark", workspace="jobs")
    assert told.args == [frozenset({"theme", "workspace"})]
    again = Settings(chosen.path)
    assert (again.values, again.problems) == (chosen.values, ())
    assert json.loads(chosen.path.read_text())["version"] == 1


def test_a_change_to_the_same_is_no_change(tmp_path: Path, qtbot: QtBot) -> None:
    chosen = Settings(tmp_path / "settings.json")
    with qtbot.assertNotEmitted(chosen.changed):
        chosen.change(theme="system")
    assert not chosen.path.exists()


@FEW
@given(name=st.sampled_from(sorted(Values.model_fields)), value=ANYTHING)
def test_one_bad_field_falls_back_alone_and_is_told(tmp_path: Path, name: str, value: Any) -> None:
    path = tmp_path / "settings.json"
    good = {"theme": "dark", "store_folders": ["/data"], "workspace": "jobs"}
    path.write_text(json.dumps({"version": 1, **good, name: value}))
    read = Settings(path)
    for other, expected in good.items():
        if other != name:
            assert read.values.model_dump(mode="json")[other] == expected
    if fits(name, json.loads(json.dumps(value))):
        assert read.problems == ()
    else:
        assert len(read.problems) == 1
        assert name in read.problems[0]
        assert getattr(read.values, name) == getattr(Values(), name)


@FEW
@given(content=st.binary(max_size=200) | ANYTHING.map(lambda v: json.dumps(v).encode()))
def test_no_content_keeps_the_window_from_opening(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    read = Settings(path)
    assert isinstance(read.values, Values)
    assert read.problems


def test_a_field_of_another_version_is_told_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": 7, "theme": "light", "hologram": True}))
    read = Settings(path)
    assert read.values.theme == "light"
    assert any("version 7" in one for one in read.problems)
    assert any("hologram" in one for one in read.problems)


def test_the_file_before_is_the_backup_and_is_read_when_the_file_is_broken(tmp_path: Path) -> None:
    chosen = Settings(tmp_path / "settings.json")
    chosen.change(theme="dark")
    chosen.change(theme="light")
    chosen.path.write_text("{ half a file")
    again = Settings(chosen.path)
    assert again.values.theme == "dark"
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert str(chosen.path) in again.problems[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["settings.json", "settings.json.bak"]


def test_a_home_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    blocked = tmp_path / "config"
    blocked.write_text("a file where the folder should be")
    chosen = Settings(blocked / "settings.json")
    chosen.change(theme="dark")
    chosen.change(theme="light")
    assert chosen.values.theme == "light"
    assert len(chosen.problems) == 1
    assert str(blocked) in chosen.problems[0]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.mkdir()
    assert str(path) in Settings(path).problems[0]


def test_recent_files_are_newest_first_once_each_and_few(tmp_path: Path) -> None:
    chosen = Settings(tmp_path / "settings.json")
    for n in [*range(20), 15]:
        chosen.add_recent(Path(f"/data/{n}.yaml"))
    recent = [path.stem for path in chosen.values.recent_files]
    assert recent[:3] == ["15", "19", "18"]
    assert len(recent) == RECENT_KEPT == len(set(recent))


def test_a_value_that_does_not_fit_is_the_callers_error(tmp_path: Path) -> None:
    chosen = Settings(tmp_path / "settings.json")
    with pytest.raises(ValueError, match="workspace"):
        chosen.change(workspace="kitchen")
    with pytest.raises(ValueError, match="volume"):
        chosen.change(volume=11)
    assert chosen.values == Values()
