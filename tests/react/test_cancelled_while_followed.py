"""A picture whose tracks a cancel cut short is dropped, and not kept with cells of no track."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from loops import Rig, bright
from numpy.typing import NDArray

PATIENCE_S = 30.0


class Kept:
    """Results that only count."""

    def __init__(self) -> None:
        self.columns: list[set[str]] = []

    def keep_cells(self, _index: Any, _phase: str, _table: str, cells: Any) -> None:
        self.columns.append(set(cells.table))


def test_cells_that_nobody_followed_are_not_kept(tmp_path: Path) -> None:
    let_go, seen = threading.Event(), threading.Event()

    def slow(image: NDArray[Any]) -> NDArray[np.int32]:
        if image[0, 0] == 0:
            let_go.wait(PATIENCE_S)
        else:
            seen.set()
        return bright(image)

    kept = Kept()
    rig = Rig(tmp_path, slow, results=kept)  # type: ignore[arg-type]
    rig.offer(0, 1)
    assert seen.wait(PATIENCE_S)
    time.sleep(0.2)  # it waits for the tracks of the first one now
    rig.loop.cancel()
    time.sleep(0.2)
    let_go.set()
    rig.loop.close()
    counts = rig.loop.counts()
    assert len(kept.columns) == 1
    assert "track" in kept.columns[0]
    assert (counts.analysed, counts.dropped) == (1, 1)
