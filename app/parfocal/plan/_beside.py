"""Put the reference and stimulation snaps of a phase behind the imaging of their events."""

from collections.abc import Iterable, Sequence

import useq

from parfocal.plan._compile import Exposures, Shot, exposure_s
from parfocal.plan._errors import PlanError
from parfocal.plan._items import Phase, Stimulation
from parfocal.plan._schedule import Channel, Index
from parfocal.plan._timepoints import chosen_timepoints

__all__ = ["Beside"]

LIGHT = "stimulation"


class Beside:
    """What a phase snaps beside its imaging, and when."""

    def __init__(self, phase: Phase, found: Exposures, timepoints: int) -> None:
        self._phase = phase
        self._planes = found.heights
        self._middles = found.middles
        self._first = len(found.channels)
        self._references: tuple[useq.Channel, ...] = ()
        self.at_reference: frozenset[int] = frozenset()
        self.light: dict[int, float] = {}
        self._requests: dict[tuple[int, int, int, float | None], useq.MDAEvent] = {}
        if phase.reference is not None:
            what = f"the reference of phase {phase.name!r}"
            self._references = phase.reference.channels
            self.at_reference = frozenset(
                chosen_timepoints(phase.reference.timepoints, timepoints, what)
            )
        if phase.stimulate is not None:
            self.light = _light(phase.stimulate, timepoints, f"phase {phase.name!r}")
        self.channels = (
            *(_reference_channel(channel) for channel in self._references),
            *(() if phase.stimulate is None else (_light_channel(phase.stimulate),)),
        )

    def __bool__(self) -> bool:
        return bool(self.channels)

    def refuse_unseen(self, imaged: Iterable[int]) -> None:
        """Raise `PlanError` where a timepoint is chosen at which nothing is imaged."""
        seen = set(imaged)
        for what, chosen in (("reference", self.at_reference), ("stimulation", self.light)):
            for t in sorted(set(chosen) - seen):
                raise PlanError(
                    f"phase {self._phase.name!r} has a {what} at timepoint {t}, at which none of "
                    "its channels is imaged (see their acquire_every)"
                )

    def reference_of(self, p: int) -> tuple[int, float]:
        """How many reference frames a field has at one timepoint, and the seconds they take."""
        frames, seconds = 0, 0.0
        for channel in self._references:
            planes = len(self._planes[p]) if channel.do_stack else 1
            frames += planes
            seconds += planes * exposure_s(useq.MDAEvent(exposure=channel.exposure))
        return frames, seconds

    def inserted(self, shots: list[Shot]) -> list[Shot]:
        """All shots, each event's snaps behind its last exposure."""
        last = {shot.event: number for number, shot in enumerate(shots) if shot.at is not None}
        result: list[Shot] = []
        for number, shot in enumerate(shots):
            result.append(shot)
            if shot.at is not None and last[shot.event] == number:
                result.extend(self._snaps(shot, shot.at))
        return result

    def samples(self, shots: Sequence[Shot]) -> list[Shot]:
        """One event's snaps for each field, as if they came with its first image."""
        first: dict[int, Shot] = {}
        for shot in shots:
            if shot.at is not None:
                first.setdefault(shot.at.p, shot)
        times = {min(chosen) for chosen in (self.at_reference, self.light) if chosen}
        return [
            snap
            for t in sorted(times)
            for shot in first.values()
            if shot.at is not None
            for snap in self._snaps(shot, shot.at._replace(t=t))
        ]

    def _snaps(self, shot: Shot, at: Index) -> Iterable[Shot]:
        if at.t in self.at_reference:
            for number, channel in enumerate(self._references):
                count = len(self._planes[at.p])
                for z in range(count) if channel.do_stack else (self._middles[at.p],):
                    index = Index(at.t, at.p, self._first + number, z)
                    request = self._request(shot, index, channel, channel.exposure)
                    power = self._phase.power.get(channel.config)
                    yield Shot("reference", shot.event, index, shot.due, request, power)
        if at.t in self.light:
            light = self._phase.stimulate
            assert light is not None  # or no timepoint would be chosen
            c, z = self._first + len(self._references), self._middles[at.p]
            index = Index(at.t, at.p, c, z)
            request = self._request(shot, index, light.channel, self.light[at.t])
            yield Shot("stimulation", shot.event, index, shot.due, request, light.power)

    def _request(
        self, shot: Shot, index: Index, channel: useq.Channel | None, exposure: float | None
    ) -> useq.MDAEvent:
        key = (index.p, index.c, index.z, exposure)
        if key not in self._requests:
            height = self._planes[index.p][index.z]
            if height is not None and channel is not None:
                height += channel.z_offset
            preset = shot.request.channel
            if channel is not None:
                named = {"config": channel.config, "group": channel.group}
                preset = useq.MDAEvent.model_validate({"channel": named}).channel
            self._requests[key] = shot.request.model_copy(
                update={
                    "index": {**shot.request.index, "c": index.c, "z": index.z},
                    "channel": preset,
                    "exposure": exposure,
                    "z_pos": height,
                    "properties": None,
                    "keep_shutter_open": False,
                }
            )
        return self._requests[key]


def _light(light: Stimulation, timepoints: int, where: str) -> dict[int, float]:
    """The exposure of every timepoint with light."""
    chosen = chosen_timepoints(light.timepoints, timepoints, f"the stimulation of {where}")
    if isinstance(light.exposure, tuple):
        if len(light.exposure) == len(chosen):
            exposures = dict(zip(chosen, light.exposure, strict=True))
        elif len(light.exposure) == timepoints:
            exposures = {t: light.exposure[t] for t in chosen}
        else:
            raise PlanError(
                f"the stimulation of {where} has {len(light.exposure)} exposures for "
                f"{len(chosen)} timepoints; give one for each, or one for all"
            )
    else:
        exposures = dict.fromkeys(chosen, light.exposure)
    if light.mode == "previous":
        exposures.pop(0, None)  # there is no timepoint before it whose mask could be used
    return exposures


def _reference_channel(channel: useq.Channel) -> Channel:
    return Channel(channel.config, channel.group, channel.exposure, "reference", channel.config)


def _light_channel(light: Stimulation) -> Channel:
    exposure = light.exposure if isinstance(light.exposure, float) else light.exposure[0]
    if light.channel is None:
        return Channel(LIGHT, "", exposure, "stimulation", LIGHT)
    config, group = light.channel.config, light.channel.group
    return Channel(config, group, exposure, "stimulation", config)
