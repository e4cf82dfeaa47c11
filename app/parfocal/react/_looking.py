"""What a run looks at, as its plan stands: which picture with which pipeline, in which table."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from parfocal.plan import Experiment, Index, Phase, Schedule
from parfocal.react._catalogue import Catalogue
from parfocal.react._phases import Look, looks_of, pipelines_of
from parfocal.react._ready import ReadyPipeline
from parfocal.react._results import table_name
from parfocal.react._seen import Seen

__all__ = ["Looking"]


class Looking:
    """The pipelines of a plan and its looks; both only grow, so that any thread may ask."""

    def __init__(self, parts: Catalogue, shape: tuple[int, int], pixel_um: float) -> None:
        self._parts = parts
        self._shape = shape
        self._pixel_um = pixel_um
        self._phases: dict[int, Phase] = {}
        self._pipelines: dict[int, ReadyPipeline] = {}
        self._tables: dict[int, str] = {}
        self._looks: Mapping[tuple[int, int], Look] = {}

    def admit(self, experiment: Experiment, schedule: Schedule) -> None:
        """Make and load the pipelines that are new; changes nothing when one cannot be."""
        new = [
            (number, item)
            for number, item in enumerate(experiment.every_item)
            if number not in self._pipelines
        ]
        made = list(pipelines_of(new, self._parts))
        for _, _, pipeline in made:
            pipeline.prewarm()
        for number, phase, pipeline in made:
            self._phases[number], self._pipelines[number] = phase, pipeline
            taken = tuple(self._tables.values())
            self._tables[number] = table_name("tracks", phase.name, taken)
        self._looks = looks_of(schedule, self._pipelines)

    def look(self, t: int, p: int) -> Look | None:
        """What is analysed of a field at a timepoint."""
        return self._looks.get((t, p))

    def pipeline(self, item: int) -> ReadyPipeline | None:
        """The pipeline of an item of the plan."""
        return self._pipelines.get(item)

    def of(self, look: Look) -> ReadyPipeline:
        """The pipeline that looks at it."""
        return self._pipelines[look.item]

    def phase(self, item: int) -> Phase:
        """The phase that a look is of."""
        return self._phases[item]

    def table(self, item: int) -> str:
        """The table for the tracks of a phase."""
        return self._tables[item]

    def cells_index(self, look: Look) -> Index:
        """The plane in which cells are found."""
        return look.planes[self.of(look).pipeline.channel or next(iter(look.planes))]

    def seen(self, t: int, p: int, item: int, channels: Mapping[str, NDArray[Any]]) -> Seen:
        """What the parts of a phase's pipeline are given."""
        phase = self._phases[item]
        shape = next((plane.shape for plane in channels.values()), self._shape)
        return Seen(
            t, p, (shape[0], shape[1]), channels, self._pixel_um, phase.name, phase.metadata
        )

    def in_words(self) -> dict[str, Any]:
        """The pipeline of each phase in plain values, for the record."""
        return {
            f"{number} {self._phases[number].name}": made.pipeline.as_tree()
            for number, made in self._pipelines.items()
        }
