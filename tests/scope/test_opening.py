"""A microscope that does not open says which line, which device and what to do, and lets go."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pymmcore_plus.experimental.unicore import GenericDevice
from small_stand import ADAPTERS, CONFIGURATION, profile

from parfocal.scope import (
    CameraSettings,
    Hooks,
    Microscope,
    MicroscopeError,
    MicroscopeState,
    OpeningCancelled,
    Range,
    Region,
    open_microscope,
    write_profile,
)
from parfocal.scope._opening_faults import advice


class Port(GenericDevice):
    """A device behind a serial port that another program has."""

    def initialize(self) -> None:
        raise PermissionError("could not open port COM3: access is denied")


class Lamp(GenericDevice):
    """A device that must be let go of, or nobody else gets it."""

    held = 0

    def initialize(self) -> None:
        type(self).held += 1

    def shutdown(self) -> None:
        type(self).held -= 1


def opens(microscope: Microscope) -> None:
    """It works, and is closed."""
    try:
        assert microscope.snap().shape == (512, 512)
    finally:
        microscope.close()


def test_the_stages_of_opening_are_told_in_words(tmp_path: Path) -> None:
    told: list[str] = []
    opens(open_microscope(profile(tmp_path), progress=told.append))
    assert told == [
        "reading stand.cfg",
        "loading Cam (DemoCamera)",
        "loading XY (DemoCamera)",
        "loading Z (DemoCamera)",
        "starting Cam",
        "starting XY",
        "starting Z",
        "ready",
    ]


@pytest.mark.parametrize("at", ["loading XY", "starting Z", "ready"])
def test_opening_is_cancelled_between_two_devices_and_opens_again(tmp_path: Path, at: str) -> None:
    cancelled = threading.Event()
    told: list[str] = []

    def progress(words: str) -> None:
        told.append(words)
        if len(told) == {"loading XY": 2, "starting Z": 6, "ready": 7}[at]:
            cancelled.set()

    with pytest.raises(OpeningCancelled, match="nothing was left open"):
        open_microscope(profile(tmp_path), progress=progress, cancelled=cancelled)
    assert not any(words.startswith(at) for words in told)
    opens(open_microscope(profile(tmp_path)))


def test_a_profile_of_the_machine_is_opened_by_its_name(tmp_path: Path) -> None:
    camera = CameraSettings(device="Cam", binning=2, region=Region(8, 8, 64, 32), exposure_ms=7)
    write_profile(profile(tmp_path, cameras=(camera,)), tmp_path)
    microscope = open_microscope("stand", folder=tmp_path)
    try:
        assert microscope.name == "stand"
        assert microscope.profile.cameras == (camera,)
        assert microscope.snap().shape == (32, 64)
        assert microscope.imaging.region() == Region(8, 8, 64, 32)
        assert (microscope.imaging.binning(), microscope.imaging.exposure()) == (2, 7)
        # what the configuration does not choose is the first of its kind, as MMCore has it
        assert microscope.core.getXYStageDevice() == "XY"
        assert microscope.core.getFocusDevice() == "Z"
        assert microscope.limits.exposure_ms == Range(0, 10_000)
    finally:
        microscope.close()
    assert microscope.state is MicroscopeState.CLOSED
    with pytest.raises(MicroscopeError, match="'stand' is closed; open it again"):
        microscope.stage()


def test_the_first_camera_of_a_profile_is_chosen(tmp_path: Path) -> None:
    text = CONFIGURATION.replace("Device,XY", "Device,Second,DemoCamera,DCam\nDevice,XY")
    cameras = (CameraSettings(device="Second"), CameraSettings(device="Cam"))
    microscope = open_microscope(profile(tmp_path, text, cameras=cameras))
    try:
        assert microscope.camera().name == "Second"
    finally:
        microscope.close()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Device,W,NoSuchAdapter,Wheel", r"there is no such device adapter in .*libs"),
        ("Device,W,DemoCamera,NoSuchDevice", r"the adapter has no such device .*NoSuchDevice"),
        ("Property,Cam,Colour,blue", r"Correct that line"),
        ("Property,Cam,Binning,77", r"Correct that line"),
        ("Nonsense,1,2", r"Nonsense"),
        ("Device,W", r"requires 3 arguments"),
        (
            "# py pyDevice,Port,test_opening,Port",
            None,
        ),
    ],
)
def test_a_line_that_fails_is_named_with_what_to_do_and_the_next_opening_works(
    tmp_path: Path, line: str, sentence: str | None
) -> None:
    if sentence is None:
        opens(open_microscope(profile(tmp_path, CONFIGURATION + line + "\n")))
        return
    number = len(CONFIGURATION.splitlines()) + 1
    with pytest.raises(MicroscopeError, match=sentence) as refused:
        open_microscope(profile(tmp_path, CONFIGURATION + line + "\n"))
    assert f"{tmp_path / 'stand.cfg'}, line {number} ({line}), failed" in str(refused.value)
    assert "\n" not in str(refused.value)
    opens(open_microscope(profile(tmp_path)))


def test_a_serial_port_that_another_program_has_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    text = CONFIGURATION.replace(
        "Property,Core,Initialize,1",
        "#py pyDevice,Lamp,test_opening,Port\nProperty,Core,Initialize,1",
    )
    with pytest.raises(MicroscopeError, match=r"line 7 .*COM3: access is denied.*Close other prog"):
        open_microscope(profile(tmp_path, text))
    opens(open_microscope(profile(tmp_path)))


def test_an_adapter_of_another_interface_version_is_told_with_both_versions(tmp_path: Path) -> None:
    folder = tmp_path / "adapters"
    folder.mkdir()
    (library,) = ADAPTERS.glob("*DemoCamera*")
    code = library.read_bytes()
    # `mov eax, 75; ret`: what GetDeviceInterfaceVersion of this build consists of
    if code.count(b"\xb8\x4b\x00\x00\x00\xc3") != 1:
        pytest.skip("this build of the demo adapter is compiled otherwise")
    (folder / library.name).write_bytes(
        code.replace(b"\xb8\x4b\x00\x00\x00\xc3", b"\xb8\x47\x00\x00\x00\xc3")
    )
    with pytest.raises(MicroscopeError) as refused:
        open_microscope(profile(tmp_path, adapters=folder))
    said = str(refused.value)
    assert "was built for Device API version 71" in said
    assert "this program's MMCore takes Device API version 75" in said
    assert "`mmcore install`" in said
    assert str(folder) in said
    opens(open_microscope(profile(tmp_path)))


def test_a_driver_that_is_missing_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "adapters"
    folder.mkdir()
    (library,) = ADAPTERS.glob("*DemoCamera*")
    (folder / library.name).write_bytes(b"not a library")
    with pytest.raises(MicroscopeError, match=r"could not be loaded .*maker's driver"):
        open_microscope(profile(tmp_path, adapters=folder))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Error in device COM3: failed to open serial port", "Close other programs"),
        (
            "[Errno 16] could not open port /dev/ttyUSB0: Device or resource busy",
            "Close other prog",
        ),
        ("Device does not respond", "is it on and connected"),
    ],
)
def test_what_devices_say_becomes_advice(demo: Microscope, said: str, told: str) -> None:
    assert told in advice(said, said, demo.core, ADAPTERS)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"configuration": Path("/nowhere/a.cfg")}, r"/nowhere/a\.cfg does not exist"),
        ({"adapters": Path("/nowhere")}, r"adapters = /nowhere, and there is no such folder"),
        (
            {"cameras": [CameraSettings(device="Sony")]},
            r"names the camera 'Sony'.*its cameras: Cam",
        ),
        (
            {"cameras": [CameraSettings(device="Cam", exposure_ms=1e9)]},
            r"'Cam' of profile 'stand'.*exposure of 1e\+09 ms is outside.*0 to 10000 ms",
        ),
        (
            {"limits": {"power": [{"device": "Laser", "property": "W", "range": [0, 1]}]}},
            r"limits the power Laser's W, which .*stand\.cfg does not have",
        ),
        (
            {"limits": {"power": [{"device": "Cam", "property": "W", "range": [0, 1]}]}},
            r"limits the power Cam's W",
        ),
        ({"hooks": Hooks(opened=("no_such:thing",))}, r"hooks\.opened = 'no_such:thing'"),
    ],
)
def test_a_profile_that_does_not_fit_the_machine_is_told(
    tmp_path: Path, said: dict[str, object], sentence: str
) -> None:
    with pytest.raises(MicroscopeError, match=sentence):
        open_microscope(profile(tmp_path, **said))
    opens(open_microscope(profile(tmp_path)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", {"cameras": [CameraSettings(device="Sony")]}),
        ("", {"hooks": Hooks(opened=("test_opening:fails",))}),
        ("Property,Core,Camera,Sony\n", {}),
    ],
)
def test_everything_is_let_go_of_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: dict[str, object]
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    import test_opening as by_name

    text = (
        CONFIGURATION.replace(
            "Property,Core,Initialize,1",
            "#py pyDevice,Lamp,test_opening,Lamp\nProperty,Core,Initialize,1",
        )
        + text
    )
    with pytest.raises(MicroscopeError):
        open_microscope(profile(tmp_path, text, **said))
    assert by_name.Lamp.held == 0
    microscope = open_microscope(profile(tmp_path, text.replace("Property,Core,Camera,Sony", "")))
    assert by_name.Lamp.held == 1
    microscope.close()
    assert by_name.Lamp.held == 0
