"""Opening says in a sentence what is wrong, and leaving never aborts the interpreter."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
import threading
import weakref
from itertools import cycle, islice
from pathlib import Path
from types import FrameType

import mm_test_adapters
import pytest
from pymmcore_plus import CMMCorePlus
from scope_events import acquire, z_stack

import parfocal.scope
from parfocal.scope import DEMO_PIXEL_UM, MicroscopeError, adapter_folder, open_microscope


@pytest.mark.parametrize("profile", [None, "demo", "demo-camera"])
def test_the_demos_tell_their_facts(opened, profile: str | None) -> None:
    microscope = opened(profile, camera_size=(96, 160))
    camera = microscope.camera()
    assert (camera.height, camera.width, camera.dtype, camera.bit_depth) == (96, 160, "uint16", 16)
    assert camera.name == "Camera"
    assert camera.pixel_size_um == pytest.approx(DEMO_PIXEL_UM)
    groups = microscope.channel_groups()
    assert next(iter(groups)) == "Channel"
    assert set(groups["Channel"]) == {"Cy5", "DAPI", "FITC", "Rhodamine"}
    for group, presets in groups.items():
        for preset in presets:
            microscope.core.setConfig(group, preset)  # each one can really be chosen
    assert microscope.core.mda.engine is microscope.engine
    microscope.core.setXYPosition(30.0, -15.0)
    microscope.core.setPosition(2.5)
    microscope.core.waitForSystem()
    stage = microscope.stage()
    assert (stage.x, stage.y, stage.z) == pytest.approx((30.0, -15.0, 2.5), abs=0.02)


def test_two_microscopes_stand_side_by_side(opened) -> None:
    first, second = opened("demo"), opened("demo")
    first.core.setPosition(5.0)
    assert (first.stage().z, second.stage().z) == (5.0, 0.0)


def test_the_global_singleton_is_never_asked_for(opened) -> None:
    asked = CMMCorePlus.instance.__func__.__code__
    calls = []

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is asked:
            calls.append(frame.f_back)

    sys.setprofile(watch)
    threading.setprofile(watch)  # the hardware is asked in a thread of its own
    try:
        for profile in ("demo", "demo-camera"):
            microscope = opened(profile, camera_size=(64, 64))
            acquire(microscope, z_stack(), sequenced=True)
            with microscope.for_a_run():
                microscope.stages.move_z(1)
            microscope.live.start()
            microscope.live.stop()
        opened("safe")
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]  # typeshed forgets None
    assert calls == []


def test_no_code_of_ours_names_the_global_singleton() -> None:
    source = Path(parfocal.scope.__file__).parents[1]
    rooms = [source / name for name in ("plan", "store", "scope", "run", "cli", "wiring.py")]
    files = [file for room in rooms for file in (room.rglob("*.py") if room.is_dir() else [room])]
    assert len(files) > 50
    named = re.compile(r"(CMMCorePlus|UniMMCore|Core)\.instance\(")
    assert [file for file in files if named.search(file.read_text(encoding="utf-8"))] == []


def test_closing_twice_is_harmless() -> None:
    microscope = open_microscope("demo")
    microscope.close()
    microscope.close()
    assert set(microscope.core.getLoadedDevices()) <= {"Core"}


@pytest.mark.parametrize("name", ["demo", "demo-camera"])
def test_a_closed_microscope_is_gone_with_its_core_and_the_threads_of_it(name: str) -> None:
    """Each opening of the demo left three threads and the frames' buffer, until the end."""
    microscope = open_microscope(name, camera_size=(256, 256))
    microscope.core.snapImage()
    core = weakref.ref(microscope.core)
    microscope.close()
    del microscope
    gc.collect()
    assert core() is None


def test_an_existing_configuration_is_opened(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = mm_test_adapters.device_adapter_path()
    monkeypatch.setenv("MICROMANAGER_PATH", folder)
    microscope = opened(f"{folder}/MMConfig_demo.cfg")
    assert microscope.name == "MMConfig_demo"
    microscope.core.snapImage()
    assert microscope.core.getImage().shape == (512, 512)


@pytest.mark.parametrize(
    ("profile", "size", "sentence"),
    [
        ("confocal", None, r"no microscope 'confocal'; there are demo, demo-camera"),
        ("/nowhere/scope.cfg", None, r"/nowhere/scope\.cfg does not exist"),
        ("demo", (4, 100_000), r"4 × 100000 pixels cannot be made.*16 to 8192"),
    ],
)
def test_what_cannot_be_opened_is_named(
    profile: str, size: tuple[int, int] | None, sentence: str
) -> None:
    with pytest.raises(MicroscopeError, match=sentence):
        open_microscope(profile, camera_size=size)


def test_a_broken_configuration_is_named_with_its_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICROMANAGER_PATH", mm_test_adapters.device_adapter_path())
    path = tmp_path / "broken.cfg"
    path.write_text("Device,Camera,NoSuchAdapter,DCam\n")
    with pytest.raises(MicroscopeError, match=r"broken\.cfg, line 1 .*NoSuchAdapter"):
        open_microscope(str(path))
    with pytest.raises(MicroscopeError, match="has its own size"):
        open_microscope(str(path), camera_size=(100, 100))


def test_missing_adapters_are_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mm_test_adapters, "device_adapter_path", lambda: str(tmp_path))
    with pytest.raises(MicroscopeError, match=r"install them with `pip install"):
        open_microscope("demo")
    assert adapter_folder() is None
    monkeypatch.setitem(sys.modules, "mm_test_adapters", None)  # uninstalled
    with pytest.raises(MicroscopeError, match=r"are not installed; install them with `pip"):
        open_microscope("demo")
    assert adapter_folder() is None


def test_the_demo_adapters_are_found() -> None:
    folder = adapter_folder()
    assert folder is not None
    assert (folder / "MMConfig_demo.cfg").is_file()


def python(code: str, *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *flags, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_room_opens_without_the_demo_adapters() -> None:
    done = python("import sys; sys.modules['mm_test_adapters'] = None; import parfocal.scope")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_room_loads_no_qt() -> None:
    done = python(
        "import parfocal.scope, sys; m = parfocal.scope.open_microscope(); m.core.snapImage();"
        "print([n for n in sys.modules if 'qt' in n.lower().split('.')[0]])"
    )
    assert done.stdout.strip() == "[]"
    assert done.returncode == 0


OPENED = (
    "from parfocal.scope import open_microscope\n"
    "m = open_microscope({profile!r}, camera_size=(64, 64))\n"
    "m.core.setExposure(1); m.snap()\n"
)
ENDS = {
    "live outside our own": "m.core.startContinuousSequenceAcquisition(0)\n",  # not even stopped
    "live": "m.live.start()\n",
    "an error": "raise SystemExit(0)\n",
    "a call that never returns": (
        "import threading, time\n"
        "m.engine.cancelled.set()\n"
        "m.core.setXYPosition = lambda *_: m.core.sleep(1e8)\n"
        "threading.Thread(target=m.stages.move_xy, args=(1, 1), daemon=True).start()\n"
        "time.sleep(0.2); m._hardware._current.abandoned = True\n"
        "assert m.state == 'not answering'\n"
    ),
}


def left(processes: int) -> list[int]:
    """Open, use and never close, in one process after the other; how each exited."""
    ends = [(profile, end) for profile in ("demo", "demo-camera") for end in ENDS.values()]
    return [
        python(OPENED.format(profile=profile) + end).returncode
        for profile, end in islice(cycle(ends), processes)
    ]


def test_processes_that_opened_and_never_closed_exit_cleanly() -> None:
    assert left(5) == [0] * 5


@pytest.mark.soak
def test_a_hundred_processes_exit_cleanly() -> None:
    assert left(100) == [0] * 100
