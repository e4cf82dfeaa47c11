"""The values a plan is made of: an experiment, its items and its revisions."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from parfocal.plan._items import Hold, Item, Phase, Wait
from parfocal.plan._view import Views

__all__ = ["Experiment", "OnTrouble", "Policy", "Revision", "RevisionKind", "Storage"]

Policy = Literal["catch-up", "shift"]
RevisionKind = Literal["replace", "extend", "continue"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OnTrouble(_Value):
    """What an event does whose camera or stage does not answer within `deadline` seconds.

    `skip` records its frames as skipped, `retry` tries `retries` times more and then skips it,
    `abort` ends the run as failed. The deadline counts on top of the exposure.
    """

    action: Literal["skip", "retry", "abort"] = "abort"
    deadline: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    retries: Annotated[int, Field(ge=1, le=100)] = 2


class Storage(_Value):
    """How the store is written: its codec, and whether smaller levels follow after the run."""

    codec: Literal["lz4", "zstd", "none"] = "lz4"
    pyramid: bool = True


class Revision(_Value):
    """A change of the plan in mid-run: after `done` steps, these items instead of (or after) what
    was still to come."""

    kind: RevisionKind
    done: Annotated[int, Field(ge=0)]
    items: tuple[Item, ...] = ()


class Experiment(_Value):
    """What will be acquired: a name, what a late run does, and the items in order.

    A plan that was changed in mid-run keeps its first items and every revision, so that its
    schedule is the one that was run.
    """

    parfocal: Literal[1] = 1
    name: str = "experiment"
    policy: Policy = "catch-up"
    on_trouble: OnTrouble = OnTrouble()
    storage: Storage = Storage()
    view: Views = ()
    """Which viewers show the run; what a phase and a product leave out is as it is here."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: tuple[Item, ...]
    revisions: tuple[Revision, ...] = ()

    @field_validator("items")
    @classmethod
    def _some_phase(cls, items: tuple[Item, ...]) -> tuple[Item, ...]:
        if not any(isinstance(item, Phase) for item in items):
            raise ValueError("a plan needs a phase; waits and holds alone take no picture")
        return items

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases among the items; there is at least one."""
        return tuple(item for item in self.items if isinstance(item, Phase))

    @property
    def every_item(self) -> tuple[Item, ...]:
        """The items, then those of each revision: what `Step.item` counts in."""
        return (*self.items, *(item for change in self.revisions for item in change.items))


def name_of(item: Item, number: int) -> str:
    """An item as a sentence names it; `number` counts from 0."""
    if isinstance(item, Wait):
        return f"item {number + 1} (wait {item.seconds:g} s)"
    if isinstance(item, Hold):
        return f"item {number + 1} (hold {item.message!r})"
    return f"phase {item.name!r}"
