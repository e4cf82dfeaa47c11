"""Whatever a part of others raises ends in a sentence: no exit and no panic leaves."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import numpy as np
import pytest

from parfocal.react import Catalogue, Pipeline, ReactError, Seen, ready
from parfocal.react import _catalogue as catalogue_module

PICTURE = np.zeros((8, 8), np.uint16)
LEAVES = """
class Leaves:
    def segment(self, image):
        raise SystemExit(3)

class Panic(BaseException):
    pass

class Panics:
    def segment(self, image):
        raise Panic("a library in Rust")
"""


def test_a_script_in_the_plug_in_folder_ends_no_program(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import sys\nsys.exit(3)\n")
    (fault,) = Catalogue(tmp_path).faults
    assert fault == f"{tmp_path / 'script.py'} cannot be read: SystemExit: 3"


@pytest.mark.parametrize("name", ["leaves", "panics"])
def test_a_part_that_exits_or_panics_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "mine.py").write_text(LEAVES)
    made = ready(Pipeline.model_validate({"segment": name}), Catalogue(tmp_path))
    with pytest.raises(ReactError, match=f"the segmenter '{name}': (SystemExit|Panic): "):
        made.cells(Seen(0, 0, PICTURE.shape, {"a": PICTURE}))


@pytest.mark.parametrize("odd", ["packages = 5", "packages = ('',)", "segment = len"])
def test_a_part_with_odd_words_is_listed_with_its_fault(tmp_path: Path, odd: str) -> None:
    (tmp_path / "mine.py").write_text(f"class Odd:\n    def segment(self, image): ...\n    {odd}\n")
    parts = Catalogue(tmp_path)
    (told,) = [one for one in parts.parts() if one.name == "odd"]
    assert "the segmenter 'odd'" in told.fault
    with pytest.raises(ReactError, match="the segmenter 'odd'"):
        parts.part("segment", "odd")


def test_a_package_whose_library_cannot_be_loaded_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_driver.py").write_text("raise OSError('no CUDA driver')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    entry = importlib.metadata.EntryPoint("net", "broken_driver:Net", "parfocal.segmenters")

    def offered(group: str) -> tuple[importlib.metadata.EntryPoint, ...]:
        return (entry,) if group == entry.group else ()

    monkeypatch.setattr(catalogue_module, "_offered", offered)
    with pytest.raises(ReactError, match=r"'broken_driver:Net' cannot be loaded: .*no CUDA driver"):
        Catalogue(tmp_path / "none").part("segment", "net")
