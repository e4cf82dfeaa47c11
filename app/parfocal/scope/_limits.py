"""What a microscope may be asked for: check a move, an exposure or a power here before it is made.

The limits are those of the profile (what is mounted on this machine: an objective that hits a
holder, a laser that bleaches) and those that the camera itself states.
"""

from collections.abc import Iterator
from math import isfinite
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from parfocal.plan import Schedule, Step
from parfocal.scope._errors import MicroscopeError

__all__ = ["Limits", "PowerLimit", "Range", "limits_findings", "refuse"]


class Range(NamedTuple):
    """From the lowest to the highest value that is allowed."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def within(self, other: "Range | None") -> "Range":
        """What both allow."""
        if other is None:
            return self
        return Range(max(self.low, other.low), min(self.high, other.high))

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


def _ordered(value: Range) -> Range:
    if not all(map(isfinite, value)):
        raise ValueError("both limits must be finite numbers")
    if value.low > value.high:
        raise ValueError(f"the lower limit {value.low:g} is above the upper one {value.high:g}")
    return value


Bounds = Annotated[Range, AfterValidator(_ordered)]


class PowerLimit(BaseModel):
    """How strong a light may be: the property that sets it, and between which values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    property: str
    range: Bounds
    channels: tuple[str, ...] = ()
    """The channels that this light serves; none named: all of them."""

    def serves(self, channel: str) -> bool:
        return not self.channels or channel in self.channels


class Limits(BaseModel):
    """What may be asked of this microscope; None: nothing is known, so nothing is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    x_um: Bounds | None = None
    y_um: Bounds | None = None
    z_um: Bounds | None = None
    exposure_ms: Bounds | None = None
    power: tuple[PowerLimit, ...] = Field(default=())

    def with_exposure(self, camera: Range | None) -> "Limits":
        """The same, and no exposure that the camera itself does not allow."""
        if camera is None:
            return self
        return self.model_copy(update={"exposure_ms": camera.within(self.exposure_ms)})

    # each returns a sentence, or "" where nothing speaks against it

    def against_place(
        self, x: float | None = None, y: float | None = None, z: float | None = None
    ) -> str:
        """What speaks against standing there; None leaves an axis where it is."""
        for axis, value, allowed in (
            ("x", x, self.x_um),
            ("y", y, self.y_um),
            ("z", z, self.z_um),
        ):
            if value is None:
                continue
            if not isfinite(value):
                return f"{axis} {value} µm is not a place"
            if allowed is not None and not allowed.holds(value):
                return f"{axis} {value:g} µm is outside the limits of this stage, {allowed} µm"
        return ""

    def against_exposure(self, milliseconds: float) -> str:
        allowed = self.exposure_ms
        if not isfinite(milliseconds) or milliseconds < 0:
            return f"an exposure of {milliseconds:g} ms cannot be made"
        if allowed is not None and not allowed.holds(milliseconds):
            return (
                f"an exposure of {milliseconds:g} ms is outside the limits of this camera, "
                f"{allowed} ms"
            )
        return ""

    def against_property(self, device: str, name: str, value: Any) -> str:
        """What speaks against setting a property, if it is one that sets a power."""
        for power in self.power:
            if (power.device, power.property) != (device, name):
                continue
            try:
                asked = float(value)
            except (TypeError, ValueError):
                return f"{device}'s {name} = {value!r} is no power; give a number"
            if not power.range.holds(asked):
                return f"{device}'s {name} = {asked:g} is outside its limits, {power.range}"
        return ""

    def against_power(self, channel: str, value: float) -> str:
        """What speaks against lighting a channel with this power."""
        for power in self.power:
            if power.serves(channel):
                against = self.against_property(power.device, power.property, value)
                if against:
                    return f"for channel {channel!r} {against}"
        return ""

    def power_settings(self, channel: str, value: float) -> tuple[tuple[str, str, float], ...]:
        """The properties (device, name, value) that light a channel with this power.

        Empty: the profile names none, so that nothing here can set it.
        """
        return tuple(
            (power.device, power.property, value) for power in self.power if power.serves(channel)
        )


def refuse(who: str, against: str) -> None:
    """Raise what speaks against a command, if anything does."""
    if against:
        raise MicroscopeError(f"{who} was not asked: {against}; change the plan or the profile.")


def limits_findings(schedule: Schedule, limits: Limits) -> tuple[str, ...]:
    """Everything in a plan that this microscope may not be asked for; one sentence a thing.

    A sentence names the field or the channel, the value and the limits. An outline does as well as
    a whole schedule, since a series repeats what is asked.
    """
    found = dict.fromkeys(_about_fields(schedule, limits))
    # one request serves all timepoints
    asked = {(id(step.request), step.power): step for step in schedule.steps}
    for step in asked.values():
        found.update(dict.fromkeys(_about_step(step, schedule, limits)))
    return tuple(found)


def _about_fields(schedule: Schedule, limits: Limits) -> Iterator[str]:
    for field in schedule.fields:
        if against := limits.against_place(field.x, field.y, field.z):
            yield f"field {field.name!r} lies where the stage may not go: {against}"


def _about_step(step: Step, schedule: Schedule, limits: Limits) -> Iterator[str]:
    request = step.request
    if step.index is not None and (against := limits.against_place(z=request.z_pos)):
        name = schedule.fields[step.index.p].name
        yield f"field {name!r} lies where the stage may not go: {against}"
    channel = "" if request.channel is None else request.channel.config
    who = f"channel {channel!r} asks" if channel else "the plan asks"
    if request.exposure is not None and (against := limits.against_exposure(request.exposure)):
        yield f"{who} for what is not allowed: {against}"
    if step.power is not None and (against := limits.against_power(channel, step.power)):
        yield f"the plan asks for what is not allowed: {against}"
    for device, name, value in request.properties or ():
        if against := limits.against_property(device, name, value):
            yield f"{who} for what is not allowed: {against}"
