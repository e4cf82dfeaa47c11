"""`parfocal keygen` and its files: owner only, whole or not there, and nothing else is a key."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parfocal.cli import run_verb
from parfocal.viewer import ViewerError
from parfocal.viewer.remote import _keys as keys
from parfocal.viewer.remote import read_key, write_pair


def test_a_pair_belongs_together_and_each_file_only_to_its_owner(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        rig_file, viewer_file, _ = write_pair(tmp_path / "lab “ü”")
    finally:
        os.umask(mask)
    rig, viewer = read_key(rig_file, "rig"), read_key(viewer_file, "viewer")
    assert (rig.public, rig.peer) == (viewer.peer, viewer.public)
    assert len({rig.secret, viewer.secret, rig.public, viewer.public}) == 4
    for path in (rig_file, viewer_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(tmp_path.iterdir()) == sorted([rig_file, viewer_file])
    assert rig.secret.hex() not in repr(rig)


def test_keygen_tells_the_files_and_public_keys_and_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = tmp_path / "lab"
    assert run_verb(["keygen", "-o", str(name), "--json"]) == 0
    answered = capsys.readouterr()
    said = json.loads(answered.out)
    rig, viewer = (read_key(Path(said[side]["file"]), side) for side in ("rig", "viewer"))
    assert said["rig"]["public_key"] == rig.public.hex()
    assert said["viewer"]["public_key"] == viewer.public.hex()
    assert run_verb(["keygen", "-o", str(name), "--overwrite"]) == 0
    told = answered.out + answered.err + "".join(capsys.readouterr())
    for path in tmp_path.iterdir():
        assert json.loads(path.read_text())["secret"] not in told
    assert rig.secret.hex() not in told
    assert f"--key {name}.rig.key" in told
    assert "view --connect HOST:PORT --key lab.viewer.key" in told


def test_a_pair_is_replaced_only_when_that_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pair(tmp_path / "lab")
    (tmp_path / "lab.rig.key").unlink()
    before = (tmp_path / "lab.viewer.key").read_bytes()
    assert run_verb(["keygen", "-o", str(tmp_path / "lab")]) == 1
    assert "there is a key" in (said := capsys.readouterr().err)
    assert said.count("\n") == 1
    assert (tmp_path / "lab.viewer.key").read_bytes() == before
    assert not (tmp_path / "lab.rig.key").exists()
    write_pair(tmp_path / "lab", overwrite=True)
    assert (tmp_path / "lab.viewer.key").read_bytes() != before
    assert len(list(tmp_path.iterdir())) == 2


def test_of_two_that_make_the_same_pair_at_once_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_aside = keys._write_aside

    def late(path: Path, key: keys.Key) -> Path:
        if not (tmp_path / "lab.viewer.key").exists() and path.name == "lab.viewer.key":
            (tmp_path / "lab.viewer.key").write_text("another's")
        return write_aside(path, key)

    monkeypatch.setattr(keys, "_write_aside", late)
    with pytest.raises(ViewerError, match="there is a key"):
        write_pair(tmp_path / "lab")
    assert [path.name for path in tmp_path.iterdir()] == ["lab.viewer.key"]
    assert (tmp_path / "lab.viewer.key").read_text() == "another's"


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_no_part_of_a_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    if overwrite:
        write_pair(tmp_path / "lab")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    fsync, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:  # the first file of the pair found room
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ViewerError, match="cannot be written: No space left on device"):
        write_pair(tmp_path / "lab", overwrite=overwrite)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_is_not_there_is_named_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (str(tmp_path / "no" / "lab"), ".", "/"):
        assert run_verb(["keygen", "-o", name]) == 1
        said = capsys.readouterr().err
        assert name in said
        assert said.count("\n") == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    rig, _, _ = write_pair(tmp_path / "lab")
    rig.chmod(mode)
    with pytest.raises(ViewerError, match=rf"mode {mode:04o}\); close it with `chmod 600"):
        read_key(rig, "rig")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_key_of_another_user_is_refused(tmp_path: Path) -> None:
    rig, _, _ = write_pair(tmp_path / "lab")
    os.chown(rig, 4711, -1)
    with pytest.raises(ViewerError, match=r"belongs to another user \(number 4711\)"):
        read_key(rig, "rig")


def test_one_sides_key_does_not_serve_the_other_side(tmp_path: Path) -> None:
    rig, viewer, _ = write_pair(tmp_path / "lab")
    with pytest.raises(ViewerError, match=r"is the workstation's key; .*the file \*\.rig\.key"):
        read_key(viewer, "rig")
    with pytest.raises(ViewerError, match=r"is the rig's key; .*the file \*\.viewer\.key"):
        read_key(rig, "viewer")


@given(st.binary(max_size=300))
def test_any_other_bytes_are_no_key(raw: bytes) -> None:
    assert keys._parse(raw) is None


def test_what_is_no_whole_key_is_refused_in_a_sentence(tmp_path: Path) -> None:
    rig, _, _ = write_pair(tmp_path / "lab")
    whole = json.loads(rig.read_text())
    other = write_pair(tmp_path / "other")[2]
    broken = {
        "another version": whole | {"version": 2},
        "short": whole | {"secret": whole["secret"][:-2]},
        "no hex": whole | {"peer": "x" * 64},
        "not a text": whole | {"secret": 1},
        "the secret of another": whole | {"secret": other.secret.hex()},
        "neither side's": whole | {"parfocal key": "visitor"},
        "several sides'": whole | {"parfocal key": ["rig"]},
        "a list": [whole],
    }
    for name, value in broken.items():
        rig.write_text(json.dumps(value))
        with pytest.raises(ViewerError, match="is no key of Parfocal"):
            read_key(rig, "rig")
        assert name
    rig.write_text("[" * 4000)
    with pytest.raises(ViewerError, match="is no key of Parfocal"):
        read_key(rig, "rig")
    rig.write_bytes(b"x" * 10**6)
    with pytest.raises(ViewerError, match="is no key of Parfocal"):
        read_key(rig, "rig")
    for path, said in ((tmp_path, "is no file"), (tmp_path / "no", "No such file")):
        with pytest.raises(ViewerError, match=said):
            read_key(path, "rig")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ViewerError, match="is no file"):
        read_key(tmp_path / "pipe", "rig")
