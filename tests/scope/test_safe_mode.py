"""Several microscopes do not concern each other; one without hardware says so at every command."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import mm_test_adapters
import numpy as np
import pytest
from scope_events import acquire, z_stack

from parfocal.scope import Microscope, MicroscopeError, MicroscopeState, open_microscope


def test_two_microscopes_snap_and_run_side_by_side(opened: Callable[..., Microscope]) -> None:
    first, second = (
        opened("demo", camera_size=(64, 96)),
        opened("demo-camera", camera_size=(32, 48)),
    )
    frames: dict[str, list[int]] = {}

    def work(microscope: Microscope) -> None:
        frames[microscope.name] = [
            len(acquire(microscope, z_stack(t), sequenced=True)) for t in range(5)
        ]

    threads = [threading.Thread(target=work, args=(m,)) for m in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert frames == {"demo": [3] * 5, "demo-camera": [3] * 5}
    assert (first.snap().shape, second.snap().shape) == ((64, 96), (32, 48))
    first.close()
    assert second.snap().dtype == np.uint16  # the other's end does not concern it


COMMANDS: list[Callable[[Microscope], object]] = [
    lambda m: m.camera(),
    lambda m: m.stage(),
    lambda m: m.snap(),
    lambda m: m.live.start(),
    lambda m: m.stages.move_xy(0, 0),
    lambda m: m.stages.move_z(0),
    lambda m: m.imaging.set_exposure(5),
    lambda m: m.imaging.region(),
    lambda m: m.settings.set_preset("Channel", "DAPI"),
    lambda m: m.settings.properties(),
    lambda m: m.remember(),
    lambda m: acquire(m, z_stack()),
]


@pytest.mark.parametrize("number", range(len(COMMANDS)))
def test_safe_mode_has_no_hardware_and_every_command_says_so(opened, number: int) -> None:
    microscope = opened("safe")
    assert microscope.state is MicroscopeState.NO_HARDWARE
    with pytest.raises(MicroscopeError, match=r"has no hardware \(safe mode\), so it could not"):
        COMMANDS[number](microscope)
    assert microscope.channel_groups() == {}
    microscope.halt()


def test_safe_mode_opens_where_no_adapter_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mm_test_adapters, "device_adapter_path", lambda: str(tmp_path))
    monkeypatch.setenv("MICROMANAGER_PATH", str(tmp_path))
    open_microscope("safe").close()
