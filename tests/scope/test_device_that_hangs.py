"""A device that never comes back from its own start is left behind, and everything else goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from pymmcore_plus.experimental.unicore import GenericDevice
from small_stand import ADAPTERS, CONFIGURATION, profile

from parfocal.scope import MicroscopeNotAnswering, open_microscope

HERE = Path(__file__).parent
# an adapter in C whose devices are never made
NATIVE = """
#include <string.h>
#include <unistd.h>
long GetModuleVersion(void) { return 10; }
long GetDeviceInterfaceVersion(void) { return 75; }
void InitializeModuleData(void) {}
void *CreateDevice(const char *name) { for (;;) pause(); }
void DeleteDevice(void *device) {}
unsigned GetNumberOfDevices(void) { return 1; }
_Bool GetDeviceName(unsigned n, char *name, unsigned size) { strcpy(name, "Lamp"); return 1; }
_Bool GetDeviceType(const char *name, int *type) { *type = 8; return 1; }
_Bool GetDeviceDescription(const char *name, char *text, unsigned size) { *text = 0; return 1; }
"""
# what a person does: cancel, open the demo, and leave without closing it
LEAVES = """
import sys, threading
from parfocal.scope import MicroscopeNotAnswering, Profile, open_microscope

cancelled = threading.Event()
def told(words):
    if "Lamp" in words and words.startswith(sys.argv[1]):
        threading.Timer(0.3, cancelled.set).start()
try:
    open_microscope(Profile.model_validate_json(sys.argv[2]), progress=told, cancelled=cancelled)
except MicroscopeNotAnswering as left:
    print(left)
print(open_microscope("demo").snap().shape)
"""


class NeverStarts(GenericDevice):
    """Waits in its start for an answer that only the end of a test gives."""

    asked, release = threading.Event(), threading.Event()
    held = 0

    def initialize(self) -> None:
        type(self).asked.set()
        type(self).release.wait(60)
        type(self).held += 1

    def shutdown(self) -> None:
        type(self).held -= 1


def with_lamp(line: str) -> str:
    return CONFIGURATION.replace(
        "Property,Core,Initialize,1", f"{line}\nProperty,Core,Initialize,1"
    )


def hardware_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "parfocal-hardware-stand"]


def test_it_is_named_when_the_opening_is_cancelled_and_let_go_of_when_it_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(HERE)
    import test_device_that_hangs as by_name

    lamp = by_name.NeverStarts
    lamp.asked.clear()
    lamp.release.clear()
    cancelled = threading.Event()
    asked: list[float] = []

    def cancel() -> None:
        lamp.asked.wait(20)
        asked.append(time.monotonic())
        cancelled.set()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    text = with_lamp("#py pyDevice,Lamp,test_device_that_hangs,NeverStarts")
    try:
        with pytest.raises(MicroscopeNotAnswering) as left:
            open_microscope(profile(tmp_path, text), cancelled=cancelled)
        assert time.monotonic() - asked[0] < 1.0
        said = str(left.value)
        assert f"device 'Lamp' ({tmp_path / 'stand.cfg'}, line 6) did not start" in said
        assert "on and connected" in said
        # the same stand without it, beside the one that hangs
        microscope = open_microscope(profile(tmp_path))
        assert microscope.snap().shape == (512, 512)
        microscope.close()
        (stuck,) = hardware_threads()
    finally:
        lamp.release.set()
        canceller.join()
    stuck.join(20)
    assert hardware_threads() == []
    assert lamp.held == 0, "what started after all was let go of again"


@pytest.mark.parametrize("kind", ["python", "native"])
def test_the_program_goes_on_without_it_and_ends(tmp_path: Path, kind: str) -> None:
    adapters = tmp_path / "adapters"
    shutil.copytree(ADAPTERS, adapters)
    line, stage = "#py pyDevice,Lamp,test_device_that_hangs,NeverStarts", "starting"
    if kind == "native":
        line, stage = "Device,Lamp,Hang,Lamp", "loading"
        compiler = shutil.which("cc")
        if compiler is None or sys.platform != "linux":
            pytest.skip("there is no C compiler to make an adapter with")
        (tmp_path / "hang.c").write_text(NATIVE)
        made = adapters / "libmmgr_dal_Hang.so.0"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", made, tmp_path / "hang.c"], check=True)
    stand = profile(tmp_path, with_lamp(line), adapters=adapters)
    done = subprocess.run(
        [sys.executable, "-c", LEAVES, stage, stand.model_dump_json()],
        capture_output=True,
        text=True,
        timeout=50,  # 60 s are what the device takes
        cwd=HERE,
    )
    assert done.returncode == 0, done.stderr
    assert f"'Lamp' ({tmp_path / 'stand.cfg'}, line 6) did not" in done.stdout
    assert "(512, 512)" in done.stdout
