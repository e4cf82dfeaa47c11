"""A segmenter may number cells as it likes: large numbers cost no more memory than small ones."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np

from parfocal.react import Catalogue, Pipeline, Seen, ready

LARGE = """
import numpy as np

class Large:
    def segment(self, image):
        labels = np.zeros(image.shape, np.uint32)
        labels[4:14, 4:20] = 2**31 - 1
        labels[20:30, 4:20] = 7
        return labels
"""
LARGEST_BYTES = 50e6
PICTURE = np.arange(48 * 40, dtype=np.uint16).reshape(48, 40)


def test_large_numbers_are_measured_and_lit_in_little_memory(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(LARGE)
    parts = Catalogue(tmp_path)
    found = {}
    for light in ("whole-cell", {"half-cell": {"angle": 90}}, "front", "random-share"):
        tree = {
            "segment": "large",
            "measure": ["shape", "intensity", {"ring-ratio": {"channel": "a"}}],
            "stimulate": light,
        }
        made = ready(Pipeline.model_validate(tree), parts)
        seen = Seen(0, 0, PICTURE.shape, {"a": PICTURE})
        made.prewarm()
        tracemalloc.start()
        cells = made.cells(seen)
        assert cells is not None
        mask = made.mask(seen, cells)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < LARGEST_BYTES, light
        found[str(light)] = int(mask.sum())
    assert cells.table["label"].tolist() == [1, 2]
    assert cells.table["area"].tolist() == [160, 160]
    means = [float(PICTURE[rows, 4:20].mean()) for rows in (slice(20, 30), slice(4, 14))]
    assert cells.table["mean_a"].tolist() == means
    assert found["whole-cell"] == 320
    assert found["{'half-cell': {'angle': 90}}"] == 160
