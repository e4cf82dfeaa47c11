"""A small ring and a reader of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parfocal.viewer import Ring, RingReader
from viewer.ring_parts import SHAPE


@pytest.fixture
def ring() -> Iterator[Ring]:
    """Four small slots."""
    ring = Ring.create(SHAPE, "uint16", slots=4)
    yield ring
    ring.close()


@pytest.fixture
def reader(ring: Ring) -> Iterator[RingReader]:
    """A reader of `ring` in this process."""
    reader = RingReader.attach(ring.address)
    yield reader
    reader.close()
