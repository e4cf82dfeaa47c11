"""Let the tests of this room find what they share; tests are no package."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from parfocal.plan import Experiment
from parfocal.scope import Microscope, open_microscope
from parfocal.wiring import Session, prepare_run

sys.path.insert(0, str(Path(__file__).parent))
for neighbour in ("run", "scope", "store"):
    sys.path.append(str(Path(__file__).parent.parent / neighbour))

from loop_runs import PLUG_IN, SIDE  # noqa: E402 - it lies beside this file


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Microscope]:
    """The demo, with a calibrated projector."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PARFOCAL_PROFILES", str(tmp_path_factory.mktemp("profiles")))
    opened = open_microscope("demo", camera_size=(SIDE, SIDE))
    assert opened.projector is not None
    opened.projector.calibrate()
    yield opened
    opened.close()
    patch.undo()


@pytest.fixture
def prepare(tmp_path: Path, demo: Microscope) -> Iterator[Callable[..., Session]]:
    made: list[Session] = []

    def make(*phases: Any, name: str = "run", **options: Any) -> Session:
        experiment = Experiment(name="loop", items=phases)
        output = tmp_path / f"{name}.ome.zarr"
        made.append(prepare_run(experiment, demo, output, live=False, **options))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the segmenter `mine` does is whatever this is told."""
    module = types.ModuleType("parfocal_test_hook")
    monkeypatch.setitem(sys.modules, "parfocal_test_hook", module)
    folder = tmp_path / "plug-ins"
    folder.mkdir()
    (folder / "mine.py").write_text(PLUG_IN)
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(folder))
    return module
