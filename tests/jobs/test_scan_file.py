"""A scan's file that is changed says what it is told, and keeps what a person wrote in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from parfocal.jobs import (
    Config,
    JobError,
    Rewritten,
    faults_of,
    is_same,
    read_config,
    read_scan_file,
    rewrite,
    write_scan_file,
)

BY_HAND = """\
# the rig on the third floor
project: 'mouse brain 7'   # ask Ana
watch: [/mnt/rig/scan]

output: /data/stores
archive: /backup/raw # nightly
thresholds:
  # small test pieces
  store_gb: 0.5   # GB
  mip_mb: 1
notify:
  - email: ana@example.org   # Ana
    smtp: mail.example.org:25
  - webhook: https://hooks.example.org/rig
    format: slack
workers: 2
"""


def said(text: str = BY_HAND) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(text)
    return told


def changed(text: str = BY_HAND, **wishes: Any) -> Rewritten:
    values = {**said(text), **wishes}
    made = rewrite(text, values)
    assert is_same(said(made.text), values)
    return made


def test_only_the_line_of_a_changed_value_is_another() -> None:
    made = changed(workers=4, archive="/other disk/raw")
    lines = zip(BY_HAND.splitlines(), made.text.splitlines(), strict=True)
    assert [new for old, new in lines if old != new] == [
        "archive: /other disk/raw # nightly",
        "workers: 4",
    ]
    assert made.lost == ()
    assert changed().text == BY_HAND


def test_values_within_others_are_changed_in_their_place() -> None:
    ways = [dict(way) for way in said()["notify"]]
    ways[0]["only"] = "needs me"
    ways[1]["format"] = "teams"
    made = changed(thresholds={"store_gb": 2, "mip_mb": 1, "other": 3}, notify=ways)
    assert "  store_gb: 2   # GB\n  mip_mb: 1\n  other: 3\n" in made.text
    assert (
        "ana@example.org   # Ana\n    smtp: mail.example.org:25\n    only: needs me\n" in made.text
    )
    assert made.lost == ()


def test_an_item_that_goes_or_comes_leaves_the_others_as_they_are() -> None:
    ways = said()["notify"]
    less = changed(notify=ways[1:])
    hook = "  - webhook: https://hooks.example.org/rig\n    format: slack\n"
    assert f"notify:\n{hook}workers" in less.text
    more = changed(notify=[*ways, {"webhook": "https://b.org", "only": "needs me"}])
    assert f"{hook}  - webhook: https://b.org\n    only: needs me\nworkers" in more.text
    assert more.lost == ()


def test_a_comment_that_goes_with_its_value_is_told() -> None:
    made = changed(notify=said()["notify"][1:])
    assert made.lost == ("# Ana",)
    assert "# the rig on the third floor" in made.text
    without = {key: value for key, value in said().items() if key != "archive"}
    made = rewrite(BY_HAND, without)
    assert made.lost == ("# nightly",)
    assert said(made.text) == without


@pytest.mark.parametrize(
    "text",
    [
        "{project: brain, output: /data}  # all in a line\n",
        "project: &name brain\noutput: /data\ninfo_file: *name\n",
        "project: brain\noutput: /data\nwatch:\n- /a\n- /b",
        "\ufeffproject: brain\r\noutput: /data\r\n# an end of its own\r\n",
        "project: brain\noutput:\narchive: /data   # a value that is not there\n",
        "notify: [{email: a@b}]\nproject: brain\noutput: |-\n  /data\n# end\n...\n",
    ],
    ids=["flow", "anchor", "no line end", "windows", "null", "block scalar"],
)
def test_a_file_of_any_style_says_afterwards_what_it_was_told(text: str) -> None:
    assert changed(text) == Rewritten(text)
    made = changed(text, project="other", output="/d # 2", workers=3, notify=[{"email": "x@y"}])
    if "\r\n" in text:
        assert made.text.count("\n") == made.text.count("\r\n")
        assert made.text.startswith("\ufeffproject: other\r\n")
        assert "# an end of its own\r\n" in made.text
    if "all in a line" in text:
        assert made.lost in {(), ("# all in a line",)}


PLACES = st.sampled_from(["/data/stores", "D:\\rig", "/a b/ü", "/x: y", "/#1", "'"])
WISHES = st.fixed_dictionaries(
    {},
    optional={
        "project": st.text(max_size=8),
        "watch": st.lists(PLACES, max_size=3),
        "info_file": st.one_of(st.none(), st.text(max_size=6)),
        "workers": st.one_of(st.integers(-3, 99), st.floats(), st.booleans(), st.text(max_size=3)),
        "voxel_size_um": st.lists(st.floats(0.01, 9), min_size=3, max_size=3),
        "thresholds": st.dictionaries(st.sampled_from(["store_gb", "mip_mb", "k"]), st.floats()),
        "path_map": st.dictionaries(PLACES, PLACES, max_size=2),
        "notify": st.lists(
            st.dictionaries(st.sampled_from(["email", "smtp", "only"]), st.text(max_size=5)),
            max_size=3,
        ),
        "colour": st.text(max_size=5),
    },
)


@settings(deadline=None, max_examples=150)
@given(old=WISHES, new=WISHES, by_hand=st.booleans())
def test_whatever_it_said_it_says_what_it_is_told(
    old: dict[str, Any], new: dict[str, Any], by_hand: bool
) -> None:
    text = BY_HAND if by_hand else rewrite("", old).text
    values = {**said(BY_HAND), **old, **new} if by_hand else new
    made = rewrite(text, values)
    assert is_same(said(made.text) or {}, values)


def test_it_is_written_whole_in_its_place_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "scan.yaml"
    link = tmp_path / "link.yaml"
    write_scan_file(file, BY_HAND)
    link.symlink_to(file)
    file.chmod(0o640)
    read = read_scan_file(link)
    assert (read.text, read.values) == (BY_HAND, said())
    write_scan_file(link, changed(workers=3).text, before=read.text)
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert read_config(file).workers == 3
    with pytest.raises(JobError, match="changed by somebody else"):
        write_scan_file(file, BY_HAND, before=read.text)
    assert read_config(file).workers == 3
    with pytest.raises(JobError, match=r"nowhere/scan.yaml cannot be written: No such file"):
        write_scan_file(tmp_path / "nowhere" / "scan.yaml", BY_HAND)
    assert {one.name for one in tmp_path.iterdir()} == {"link.yaml", "scan.yaml"}
    file.write_text("- a list\n")
    with pytest.raises(JobError, match="holds no `key: value`"):
        read_scan_file(file)


def test_every_fault_is_told_at_its_place_in_the_words_of_the_file(tmp_path: Path) -> None:
    wrong = {**said(), "workers": 0, "colour": "red", "voxel_size_um": [1, 0, 1]}
    faults = faults_of(wrong)
    assert [fault.place for fault in faults] == [
        ("voxel_size_um", 1),
        ("workers",),
        ("colour",),
    ]
    file = tmp_path / "scan.yaml"
    file.write_text(rewrite(BY_HAND, wrong).text)
    with pytest.raises(JobError) as told:
        read_config(file)
    assert str(told.value).endswith(faults[0].words)
    inside = {**said(), "output": "/mnt/rig/scan/out"}
    assert [fault.place for fault in faults_of(inside)] == [("output",)]
    assert faults_of(said()) == ()
    assert Config.model_validate(said()).workers == 2
