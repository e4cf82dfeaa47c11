"""Microscopes to test on; each is opened for a test of its own and closed after it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parfocal.scope import Microscope, open_microscope

sys.path.insert(0, str(Path(__file__).parent))  # for scope_events; tests are no package

Opener = Callable[..., Microscope]


@pytest.fixture
def opened() -> Iterator[Opener]:
    microscopes: list[Microscope] = []

    def open_one(profile: str | None = None, **options: object) -> Microscope:
        microscopes.append(open_microscope(profile, **options))  # type: ignore[arg-type]
        return microscopes[-1]

    yield open_one
    for microscope in microscopes:
        microscope.close()


@pytest.fixture
def demo(opened: Opener) -> Microscope:
    return opened("demo", camera_size=(256, 256))


@pytest.fixture
def demo_camera(opened: Opener) -> Microscope:
    return opened("demo-camera", camera_size=(128, 128))
