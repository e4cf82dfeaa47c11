"""A file dropped in the folder appears as a part; one that cannot work is refused before a run."""

from __future__ import annotations

import builtins
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from parfocal.react import Catalogue, Pipeline, ReactError, Seen, ready

GOOD = '''
from dataclasses import dataclass

@dataclass(frozen=True)
class BrightSpots:
    """What is above a level."""
    level: int = 10

    def segment(self, image):
        return (image > self.level).astype("uint8")
'''
PICTURE = np.zeros((8, 8), np.uint16)
PICTURE[2:4, 2:5] = 50


def dropped(folder: Path, text: str, name: str = "mine.py") -> Catalogue:
    (folder / name).write_text(text)
    return Catalogue(folder)


def test_a_dropped_file_is_a_part_with_checked_parameters(tmp_path: Path) -> None:
    parts = dropped(tmp_path, GOOD)
    (mine,) = [one for one in parts.parts() if one.source == str(tmp_path / "mine.py")]
    assert (mine.kind, mine.name, mine.fault) == ("segment", "bright-spots", "")
    pipeline = ready(Pipeline.model_validate({"segment": {"bright-spots": {"level": 49}}}), parts)
    cells = pipeline.cells(Seen(0, 0, PICTURE.shape, {"a": PICTURE}))
    assert cells is not None
    assert cells.labels.dtype == np.int32
    table = {name: column.tolist() for name, column in cells.table.items()}
    assert table == {"label": [1], "y": [2.5], "x": [3.0], "area": [6]}
    for wrong, sentence in (({"lvl": 1}, "no parameter 'lvl'"), ({"level": "a"}, "level = 'a'")):
        with pytest.raises(ReactError, match=sentence):
            ready(Pipeline.model_validate({"segment": {"bright-spots": wrong}}), parts)


def test_a_file_is_read_once_and_again_when_it_was_changed(tmp_path: Path) -> None:
    counting = "import builtins\nbuiltins.reads = getattr(builtins, 'reads', 0) + 1\n"
    try:
        for _ in range(3):
            assert dropped(tmp_path, counting + GOOD).names("segment")[-1] == "bright-spots"
            Catalogue(tmp_path)
        first = builtins.reads  # written anew three times, and looked at six times
        assert first <= 3
        renamed = counting + GOOD.replace("BrightSpots", "DarkSpots")
        assert dropped(tmp_path, renamed).names("segment")[-1] == "dark-spots"
        assert builtins.reads == first + 1
    finally:
        del builtins.reads


REFUSED = {
    "a wrong signature": (
        "class Mine:\n    def segment(self, image, scale): return image",
        r"mine\.py: the segmenter 'mine' must have `segment\(self, image\)`; it has "
        r"`segment\(self, image, scale\)`",
    ),
    "a package that is missing": (
        "class Mine:\n    packages = ('cellpose_42',)\n    def segment(self, image): return image",
        r"the segmenter 'mine' needs the package 'cellpose_42', which is not installed",
    ),
    "an import that is missing": (
        "import cellpose_42\nclass Mine:\n    def segment(self, image): return image",
        r"no segmenter 'mine'.*mine\.py needs the package 'cellpose_42', which is not installed",
    ),
    "no Python": ("class Mine\n", r"mine\.py is no Python: .*line 1"),
    "an error at its import": ("1 / 0", r"mine\.py cannot be read: ZeroDivisionError"),
    "a model that fails to load": (
        "class Mine:\n"
        "    def prewarm(self): raise OSError('weights.pt is not there')\n"
        "    def segment(self, image): return image",
        r"the segmenter 'mine' cannot be loaded: OSError: weights\.pt is not there",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_plug_in_that_cannot_work_is_refused_with_a_sentence(tmp_path: Path, case: str) -> None:
    text, sentence = REFUSED[case]
    parts = dropped(tmp_path, text)
    with pytest.raises(ReactError, match=sentence):
        ready(Pipeline.model_validate({"segment": "mine"}), parts).prewarm()


def test_a_stimulator_says_what_it_needs_and_what_the_phase_must_tell(tmp_path: Path) -> None:
    text = "class Mine:\n    def mask(self, seen, cells): return seen.metadata['dose']"
    with pytest.raises(ReactError, match="must say `needs` as one of metadata, image, cells"):
        ready(Pipeline.model_validate({"stimulate": "mine"}), dropped(tmp_path, text))
    text += "\n    needs = 'metadata'\n    requires = ('dose',)\n"
    pipeline = ready(Pipeline.model_validate({"stimulate": "mine"}), dropped(tmp_path, text))
    assert "the stimulator 'mine' needs the metadata 'dose'" in pipeline.lacking({"drug": 1})
    assert pipeline.lacking({"dose": 1}) == ""


class OnACard:
    """An array that lies elsewhere and speaks DLPack once it was brought here."""

    def __dlpack__(self, **_: object) -> object:
        raise BufferError("not in this memory")

    def cpu(self) -> np.ndarray:
        return (PICTURE > 10).astype(np.int64)


def test_results_that_speak_dlpack_are_taken_and_others_named(tmp_path: Path) -> None:
    text = (
        "class Mine:\n    give = None\n    def segment(self, image): return type(self).give(image)"
    )
    parts = dropped(tmp_path, text)
    pipeline = ready(Pipeline.model_validate({"segment": "mine"}), parts)
    part = parts.part("segment", "mine")
    seen = Seen(0, 0, PICTURE.shape, {"a": PICTURE})

    class Foreign:
        def __init__(self, array: np.ndarray) -> None:
            self._array = array

        def __dlpack__(self, **words: object) -> object:
            return self._array.__dlpack__(**words)

        def __dlpack_device__(self) -> tuple[int, int]:
            return self._array.__dlpack_device__()

    for give in (lambda i: Foreign((i > 10).astype(np.int32)), lambda _: OnACard()):
        part.give = staticmethod(give)
        cells = pipeline.cells(seen)
        assert cells is not None
        assert cells.table["area"].tolist() == [6]
    for give, sentence in (
        (lambda _: [1, 2], "the segmenter 'mine' gave back list"),
        (lambda i: i[1:].astype(int), r"an image of \(7, 8\); the picture has \(8, 8\)"),
        (lambda i: i / 2, "gave back float64; labels are whole numbers"),
        (lambda _: 1 / 0, "the segmenter 'mine': ZeroDivisionError"),
    ):
        part.give = staticmethod(give)
        with pytest.raises(ReactError, match=sentence):
            pipeline.cells(seen)


def test_a_part_that_is_not_thread_safe_is_called_by_one_after_the_other(tmp_path: Path) -> None:
    text = (
        "class Mine:\n    one_at_a_time = True\n    enter = None\n"
        "    def segment(self, image): return type(self).enter(image)"
    )
    parts = dropped(tmp_path, text)
    pipeline = ready(Pipeline.model_validate({"segment": "mine"}), parts)
    inside, most = [0], [0]

    def enter(image: np.ndarray) -> np.ndarray:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.01)
        inside[0] -= 1
        return image.astype(int)

    parts.part("segment", "mine").enter = staticmethod(enter)
    seen = Seen(0, 0, PICTURE.shape, {"a": PICTURE})
    threads = [threading.Thread(target=pipeline.cells, args=(seen,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
