"""What the tests of conversion share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
# for disks; tests are no package
sys.path.append(str(Path(__file__).parents[1] / "store"))


@pytest.fixture(scope="module")
def small_shards() -> Iterator[None]:
    """So that a small store has 24 of them."""
    from parfocal.convert import _shards

    patch = pytest.MonkeyPatch()
    patch.setattr(_shards, "SHARD_BYTES", 2**15)
    yield
    patch.undo()
