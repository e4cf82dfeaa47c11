"""The items of a plan as values: a phase with its light and references, a wait, a hold."""

from typing import Annotated, Any, Literal

import useq
from pydantic import BaseModel, ConfigDict, Field, field_validator

from parfocal.plan._timepoints import Timepoints, TimeRange
from parfocal.plan._view import Product, View, Views

__all__ = ["Hold", "Item", "OnLate", "Phase", "Reference", "Stimulation", "Wait"]

OnLate = Literal["dark", "skip", "previous", "stop"]
"""What happens when a mask is not there in time: no light (counted), no snap at all, the mask of
the timepoint before, or the end of the run."""

Milliseconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Power = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stimulation(_Value):
    """When light is given, how much of it, and which mask it goes through.

    `current` images, waits for the mask made of that image, and then gives the light. `previous`
    gives it with the mask of the timepoint before, so the first timepoint of a phase has none.
    """

    timepoints: Timepoints = TimeRange()
    mode: Literal["current", "previous"] = "current"
    exposure: Milliseconds | Annotated[tuple[Milliseconds, ...], Field(min_length=1)]
    power: Power | None = None
    stimulator: str | None = None
    channel: useq.Channel | None = None
    """The preset that brings the light; None leaves the light path as it is."""
    on_late: OnLate = "dark"
    deadline: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Seconds after the event was due for which its mask is waited; None: one interval."""


class Reference(_Value):
    """Channels that are imaged at some timepoints only, such as a read-out at the very end."""

    channels: Annotated[tuple[useq.Channel, ...], Field(min_length=1)]
    timepoints: Timepoints = TimeRange()

    @field_validator("channels")
    @classmethod
    def _say_when_once(cls, channels: tuple[useq.Channel, ...]) -> tuple[useq.Channel, ...]:
        for channel in channels:
            if channel.acquire_every != 1:
                raise ValueError(
                    f"the reference channel {channel.config!r} has acquire_every = "
                    f"{channel.acquire_every}; the timepoints of the reference say when"
                )
        return channels


class Phase(_Value):
    """One useq sequence: what is imaged where and when, and what happens beside it."""

    name: str = "phase 1"
    sequence: useq.MDASequence
    reference: Reference | None = None
    stimulate: Stimulation | None = None
    power: dict[str, Power] = Field(default_factory=dict)
    """Light of a channel, by the name of its preset; in the unit of the microscope's profile."""
    seconds_per_field: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Set by `batch_fields`: fields that do not fit the interval are taken in batches."""
    view: Views = ()
    """Which viewers show it, where that is not as the experiment says."""
    products: dict[Product, Views] = Field(default_factory=dict)
    """Which viewers show one of its products, where that is not as the phase says."""
    pipeline: dict[str, Any] | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)

    @field_validator("products")
    @classmethod
    def _one_step_each(
        cls, products: dict[Product, tuple[View, ...]]
    ) -> dict[Product, tuple[View, ...]]:
        for product, views in products.items():
            if any(view.steps is not None for view in views):
                raise ValueError(f"{product} is one step already; leave `steps` out of its view")
        return products


class Wait(_Value):
    """A pause after the last frame of all fields; it claims no timepoint and makes no frame."""

    seconds: Seconds


class Hold(_Value):
    """Stop until the operator goes on, and say what there is to do meanwhile."""

    message: str


Item = Phase | Wait | Hold
