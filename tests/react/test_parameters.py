"""What a form needs to know of a part is read from its types."""

from __future__ import annotations

from pathlib import Path

import pytest

from parfocal.react import Parameter, catalogue, facts_of

MINE = '''
from dataclasses import dataclass
from typing import Annotated, Any, Callable, Literal

from pydantic import Field


@dataclass(frozen=True)
class Mine:
    """Whatever is brighter.

    And more about it.
    """

    level: Annotated[int, Field(ge=3, description="Counts.")]
    exact: bool = False
    mode: Literal["quick", "slow"] | None = None
    gain: Annotated[float, Field(gt=0, lt=2)] | None = None
    pair: tuple[int, int] = (1, 2)
    hook: Callable[[], Any] | None = None
    channel: str = "DAPI"
    note: str = ""

    def segment(self, image):
        return image > self.level


class Plain:
    def segment(self, image):
        return image > 3


class Odd:
    def segment(self):
        return None
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def test_each_type_has_a_form_of_its_own(folder: Path) -> None:
    facts = facts_of("segment", "mine", catalogue(folder))
    assert (facts.words, facts.fault) == ("Whatever is brighter.", "")
    forms = {one.name: one.form for one in facts.parameters}
    assert forms == {
        "level": "whole",
        "exact": "tick",
        "mode": "choice",
        "gain": "figure",
        "pair": "other",
        "hook": "other",
        "channel": "channel",
        "note": "text",
    }
    by_name = {one.name: one for one in facts.parameters}
    level = Parameter("level", "whole", None, required=True, low=3, words="Counts.")
    assert by_name["level"] == level
    gain = by_name["gain"]
    assert (gain.low, gain.high, gain.low_is_open, gain.high_is_open) == (0, 2, True, True)
    assert gain.may_be_none
    assert by_name["mode"].choices == ("quick", "slow")


def test_a_part_that_cannot_be_used_has_a_fault_and_no_parameters(folder: Path) -> None:
    parts = catalogue(folder)
    assert facts_of("segment", "plain", parts).parameters == ()
    assert facts_of("segment", "plain", parts).fault == ""
    assert "it has `segment(self)`" in facts_of("segment", "odd", parts).fault
    assert "there is no segmenter 'none'" in facts_of("segment", "none", parts).fault


def test_every_built_in_parameter_is_told_in_words() -> None:
    parts = catalogue(Path("nowhere"))
    silent = [
        f"{one.name}.{parameter.name}"
        for one in parts.parts()
        for parameter in facts_of(one.kind, one.name, parts).parameters
        if not parameter.words
    ]
    assert silent == []
    otsu = facts_of("segment", "otsu", parts)
    assert [one.unit for one in otsu.parameters] == ["px", "", "px", "px"]
    intensity = facts_of("measure", "intensity", parts)
    assert [one.form for one in intensity.parameters] == ["channels"]
    assert facts_of("stimulate", "spot", parts).requires == ("spot",)
