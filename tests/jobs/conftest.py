"""What the tests of jobs share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "convert"))
sys.path.insert(0, str(Path(__file__).parent))

from parfocal.jobs import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A queue of its own."""
    opened = Database(tmp_path / "queue.sqlite")
    yield opened
    opened.close()
