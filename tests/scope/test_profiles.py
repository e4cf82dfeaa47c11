"""A profile is a file of this machine; a wrong one is refused with path, key and value."""

from __future__ import annotations

from pathlib import Path

import pytest

from parfocal.scope import (
    CameraSettings,
    Hooks,
    Limits,
    MicroscopeError,
    PowerLimit,
    Profile,
    Range,
    Region,
    delete_profile,
    profile_folders,
    profiles,
    read_profile,
    write_profile,
)

FULL = Profile(
    name="Spinning disk 2",
    configuration=Path("/opt/scope/sd2.cfg"),
    adapters=Path("/opt/Micro-Manager-2.0"),
    cameras=(
        CameraSettings(
            device="Prime",
            region=Region(0, 0, 1200, 1200),
            binning=2,
            exposure_ms=20,
            frame_number="PVCAM-FrameNr",
            first_frame_number=1,
        ),
    ),
    limits=Limits(
        x_um=Range(-5000, 5000),
        z_um=Range(0, 300),
        exposure_ms=Range(1, 2000),
        power=(
            PowerLimit(device="Laser", property="Power", range=Range(0, 40), channels=("GFP",)),
        ),
    ),
    projector=Path("/opt/scope/dmd.yaml"),
    hooks=Hooks(opened=("lab.lasers:keep_awake",), closing=("lab.lasers:let_sleep",)),
    deadline_s=60,
    remarks="the 60× oil objective hits the holder below z = 0 µm",
)


def test_a_profile_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = write_profile(FULL, tmp_path)
    assert path == tmp_path / "Spinning disk 2.yaml"
    assert read_profile("Spinning disk 2", tmp_path) == FULL
    assert "oil objective hits the holder below z = 0 µm" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o644  # of the machine, not of who wrote it


def test_profiles_are_listed_with_those_that_are_built_in(tmp_path: Path) -> None:
    assert profiles(tmp_path) == ("demo", "demo-camera", "safe")
    assert profiles(tmp_path / "not there") == ("demo", "demo-camera", "safe")
    for name in ("zeiss", "confocal"):
        write_profile(Profile(name=name), tmp_path)
    (tmp_path / "broken.yaml").write_text(":")
    assert profiles(tmp_path) == ("demo", "demo-camera", "safe", "broken", "confocal", "zeiss")
    delete_profile("zeiss", tmp_path)
    assert "zeiss" not in profiles(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"broken.yaml", "confocal.yaml"}


def test_writing_again_replaces_in_one_step(tmp_path: Path) -> None:
    write_profile(Profile(name="a", remarks="old"), tmp_path)
    write_profile(Profile(name="a", remarks="new"), tmp_path)
    assert read_profile("a", tmp_path).remarks == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_the_folder_can_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARFOCAL_PROFILES", str(tmp_path / "here"))
    write_profile(Profile(name="mine"))
    assert (tmp_path / "here" / "mine.yaml").is_file()
    assert read_profile("mine").name == "mine"


def test_a_machine_whose_folder_cannot_be_written_keeps_profiles_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARFOCAL_PROFILES", raising=False)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "file"))  # no folder can be made in it
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    assert [folder.name for folder in profile_folders()] == ["microscopes"] * 2
    path = write_profile(Profile(name="mine"))
    assert path == tmp_path / "home" / "parfocal" / "microscopes" / "mine.yaml"
    assert "mine" in profiles()


def test_the_machines_own_profile_goes_before_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARFOCAL_PROFILES", raising=False)
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "site"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    write_profile(Profile(name="a", remarks="user"), profile_folders()[1])
    assert read_profile("a").remarks == "user"
    # written again it stays where it is found
    assert write_profile(Profile(name="a", remarks="user 2")).is_relative_to(tmp_path / "home")
    write_profile(Profile(name="a", remarks="machine"), profile_folders()[0])
    assert read_profile("a").remarks == "machine"


def test_paths_in_a_profile_are_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("parfocal-microscope: 1\nconfiguration: sub/scope.cfg\n")
    assert read_profile("a", tmp_path).configuration == tmp_path / "sub/scope.cfg"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("limits: {z_um: [300, 0]}", r"limits\.z_um = .*the lower limit 300 is above"),
        ("limits: {z_um: [0, .inf]}", r"limits\.z_um = .*must be finite"),
        ("limits: {z_um: [0, low]}", r"limits\.z_um\.1 = 'low'"),
        ("limits: {z: [0, 1]}", r"there is no key 'limits\.z' in a profile"),
        (
            "limits: {power: [{device: L, range: [0, 1]}]}",
            r"'limits\.power\.0\.property' is missing",
        ),
        ("deadline_s: 0", r"deadline_s = 0 is not right"),
        ("cameras: [{device: C, binning: 0}]", r"cameras\.0\.binning = 0 is not right"),
        ("cameras: [{device: C, region: [0, 0, 8]}]", r"cameras\.0\.region"),
        ("hooks: {opened: ['no colon']}", r"hooks\.opened\.0 = 'no colon'"),
        ("name: other", r"says name = 'other'; name the file other\.yaml"),
        ("colour: blue", r"no key 'colour'"),
        ("remarks: [1, 2", r"line \d, is not YAML"),
    ],
)
def test_a_wrong_profile_is_refused_with_path_key_and_value(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(f"parfocal-microscope: 1\n{text}\n")
    with pytest.raises(MicroscopeError, match=sentence) as refused:
        read_profile("bad", tmp_path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"- a\n- b\n", "must begin with `parfocal-microscope: 1`"),
        (b"", "must begin with `parfocal-microscope: 1`"),
        (b"parfocal-microscope: 2\n", r"parfocal-microscope = 2, and this program reads 1"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        (b"#" * 2**21, "it has 2097152 characters"),
    ],
)
def test_another_file_is_not_taken_for_a_profile(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    with pytest.raises(MicroscopeError, match=sentence):
        read_profile("bad", tmp_path)


def test_built_in_profiles_cannot_be_changed_and_unknown_ones_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(MicroscopeError, match="'demo' is built in and cannot be changed"):
        write_profile(Profile(name="demo"), tmp_path)
    with pytest.raises(MicroscopeError, match="'safe' is built in and cannot be deleted"):
        delete_profile("safe", tmp_path)
    with pytest.raises(
        MicroscopeError, match=r"no microscope 'x'; there are demo, demo-camera, safe"
    ):
        delete_profile("x", tmp_path)


@pytest.mark.parametrize("name", ["", " a", "a/b", "a:b", ".a", "a" * 101])
def test_a_name_that_is_no_files_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a name"):
        Profile(name=name)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        MicroscopeError, match=r"could not be written to .*file.*Not a directory|exists"
    ):
        write_profile(Profile(name="a"), tmp_path / "file")
