"""What a run looks at, as its plan stands: which picture with which pipeline, in which table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from parfocal.plan import Experiment, Index, Phase, Schedule
from parfocal.react._catalogue import Catalogue
from parfocal.react._phases import Look, looks_of, pipelines_of, reacts
from parfocal.react._ready import ReadyPipeline
from parfocal.react._results import table_name
from parfocal.react._seen import Seen

__all__ = ["Looking", "Prepared"]


@dataclass(frozen=True)
class Prepared:
    """The pipelines and looks of a plan; by the number of the plan's item, and by (t, p)."""

    phases: Mapping[int, Phase] = field(default_factory=dict)
    pipelines: Mapping[int, ReadyPipeline] = field(default_factory=dict)
    tables: Mapping[int, str] = field(default_factory=dict)
    looks: Mapping[tuple[int, int], Look] = field(default_factory=dict)


class Looking:
    """The plan as it stands is one frozen value, exchanged as a whole; any thread may ask."""

    def __init__(self, parts: Catalogue | None, shape: tuple[int, int], pixel_um: float) -> None:
        self._parts = parts
        self._shape = shape
        self._pixel_um = pixel_um
        self._now = Prepared()

    def prepare(self, experiment: Experiment, schedule: Schedule) -> Prepared:
        """Make and load the pipelines that are new; nothing changes before `adopt`."""
        now = self._now
        new = [
            (number, item)
            for number, item in enumerate(experiment.every_item)
            if number not in now.pipelines and reacts(item)
        ]
        if new and self._parts is None:  # reading the plug-ins is for plans that have a use for it
            self._parts = Catalogue()
        made = [] if self._parts is None else list(pipelines_of(new, self._parts))
        phases, pipelines, tables = dict(now.phases), dict(now.pipelines), dict(now.tables)
        for number, phase, pipeline in made:
            pipeline.prewarm()
            phases[number], pipelines[number] = phase, pipeline
            tables[number] = table_name("tracks", phase.name, tuple(tables.values()))
        looks = looks_of(schedule, pipelines) if pipelines else {}
        return Prepared(phases, pipelines, tables, looks)

    def adopt(self, prepared: Prepared) -> None:
        """From now on the plan is this one."""
        self._now = prepared

    def look(self, t: int, p: int) -> Look | None:
        """What is analysed of a field at a timepoint."""
        return self._now.looks.get((t, p))

    def pipeline(self, item: int) -> ReadyPipeline | None:
        """The pipeline of an item of the plan."""
        return self._now.pipelines.get(item)

    def of(self, look: Look) -> ReadyPipeline:
        """The pipeline that looks at it."""
        return self._now.pipelines[look.item]

    def phase(self, item: int) -> Phase:
        """The phase that a look is of."""
        return self._now.phases[item]

    def table(self, item: int) -> str:
        """The table for the tracks of a phase."""
        return self._now.tables[item]

    def cells_index(self, look: Look) -> Index:
        """The plane in which cells are found."""
        return look.planes[self.of(look).pipeline.channel or next(iter(look.planes))]

    def seen(self, t: int, p: int, item: int, channels: Mapping[str, NDArray[Any]]) -> Seen:
        """What the parts of a phase's pipeline are given."""
        phase = self._now.phases[item]
        shape = next((plane.shape for plane in channels.values()), self._shape)
        return Seen(
            t, p, (shape[0], shape[1]), channels, self._pixel_um, phase.name, phase.metadata
        )

    def in_words(self) -> dict[str, Any]:
        """The pipeline of each phase in plain values, for the record."""
        return {
            f"{number} {self._now.phases[number].name}": made.pipeline.as_tree()
            for number, made in self._now.pipelines.items()
        }
