"""The values a plan is made of: an experiment and its phases; edit by making a new one."""

from typing import Any, Literal

import useq
from pydantic import BaseModel, ConfigDict, Field, field_validator

from parfocal import ParfocalError

__all__ = ["Experiment", "Phase", "PlanError", "Policy"]

Policy = Literal["catch-up", "shift"]


class PlanError(ParfocalError):
    """A plan that cannot be read, written or run, told in one sentence."""


class Phase(BaseModel):
    """One useq sequence and what it is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "phase 1"
    sequence: useq.MDASequence
    metadata: dict[str, Any] = Field(default_factory=dict)


class Experiment(BaseModel):
    """What will be acquired: a name, what a late run does, and the phases in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parfocal: Literal[1] = 1
    name: str = "experiment"
    policy: Policy = "catch-up"
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: tuple[Phase, ...]

    @field_validator("items")
    @classmethod
    def _exactly_one_phase(cls, items: tuple[Phase, ...]) -> tuple[Phase, ...]:
        if len(items) != 1:
            raise ValueError(f"a plan has exactly one phase in this version, this one {len(items)}")
        return items
