"""Two demo microscopes for the whole room, and runs made the way the window makes them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from parfocal.plan import Experiment
from parfocal.run import Sink
from parfocal.scope import Microscope, open_microscope
from parfocal.wiring import Session, prepare_run

# for run_sessions, faulty_devices and disks; tests are no package
sys.path.insert(0, str(Path(__file__).parent))
for neighbour in ("scope", "store", "jobs"):
    sys.path.append(str(Path(__file__).parent.parent / neighbour))


@pytest.fixture(scope="session")
def demo() -> Iterator[Microscope]:
    """The demo with its living sample, small."""
    opened = open_microscope("demo", camera_size=(64, 64))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def demo_camera() -> Iterator[Microscope]:
    """Micro-Manager's own DemoCamera."""
    opened = open_microscope("demo-camera", camera_size=(256, 256))
    yield opened
    opened.close()


@pytest.fixture
def prepare(tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Make sessions in `tmp_path`; they are closed when the test ends."""
    made: list[Session] = []

    def make(
        experiment: Experiment,
        microscope: Microscope,
        *,
        live: bool = False,
        sinks: tuple[Sink, ...] = (),
        **options: Any,
    ) -> Session:
        output = tmp_path / f"{len(made)}.ome.zarr"
        made.append(
            prepare_run(experiment, microscope, output, live=live, extra_sinks=sinks, **options)
        )
        return made[-1]

    yield make
    for session in made:
        session.close()
