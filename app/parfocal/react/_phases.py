"""Which pipeline a phase of a plan has, and which pictures of a schedule it looks at."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from parfocal.plan import Experiment, Index, Item, Phase, Schedule
from parfocal.react._catalogue import Catalogue
from parfocal.react._errors import ReactError
from parfocal.react._pipeline import PartChoice, Pipeline, pipeline_from
from parfocal.react._ready import ReadyPipeline, ready

__all__ = ["Look", "looks_of", "pipeline_of", "pipelines_of", "reacts", "refuse_pipelines"]

# what a phase that gives light does when it says no more
STIMULATOR = "whole-cell"
SEGMENTER = "otsu"


@dataclass(frozen=True, slots=True)
class Look:
    """One field at one timepoint that is analysed: a plane of each imaging channel."""

    t: int
    p: int
    item: int
    planes: Mapping[str, Index]


def reacts(item: Item) -> bool:
    """Whether an item of a plan has anything to do with the loop."""
    return isinstance(item, Phase) and (item.pipeline is not None or item.stimulate is not None)


def pipeline_of(phase: Phase, parts: Catalogue) -> Pipeline | None:
    """The pipeline of a phase, with the stimulator of its light; None where nothing is looked at.

    A phase with light and no word of how lights whole cells, found by Otsu's threshold.
    """
    where = f"the pipeline of phase {phase.name!r}:"
    pipeline = Pipeline() if phase.pipeline is None else pipeline_from(phase.pipeline, where)
    if phase.stimulate is None:
        return None if phase.pipeline is None else pipeline.model_copy(update={"stimulate": None})
    named = phase.stimulate.stimulator
    if named is not None and pipeline.stimulate is not None and pipeline.stimulate.name != named:
        raise ReactError(
            f"phase {phase.name!r} stimulates by {named!r} and its pipeline by "
            f"{pipeline.stimulate.name!r}; say one of them"
        )
    choice = pipeline.stimulate or PartChoice(name=named or STIMULATOR)
    segment = pipeline.segment
    if segment is None and parts.part("stimulate", choice.name).needs in ("cells", "tracks"):
        segment = PartChoice(name=SEGMENTER)
    return pipeline.model_copy(update={"stimulate": choice, "segment": segment})


def pipelines_of(
    items: Iterable[tuple[int, Item]], parts: Catalogue
) -> Iterator[tuple[int, Phase, ReadyPipeline]]:
    """The pipelines of numbered items, made and checked, but not warm."""
    for number, item in items:
        if isinstance(item, Phase) and (pipeline := pipeline_of(item, parts)) is not None:
            made = ready(pipeline, parts)
            if lacking := made.lacking(item.metadata):
                raise ReactError(f"phase {item.name!r}: {lacking}")
            imaged = [channel.config for channel in item.sequence.channels]
            if made.looks and pipeline.channel is not None and pipeline.channel not in imaged:
                raise ReactError(
                    f"the pipeline of phase {item.name!r} looks at the channel "
                    f"{pipeline.channel!r}, which is not imaged; there are {', '.join(imaged)}"
                )
            yield number, item, made


def refuse_pipelines(
    experiment: Experiment, parts: Catalogue | None = None
) -> Iterator[tuple[str, str]]:
    """For each phase whose pipeline cannot run: its name, and why."""
    for number, item in enumerate(experiment.every_item):
        if not isinstance(item, Phase) or not reacts(item):
            continue
        parts = parts or Catalogue()
        try:
            list(pipelines_of([(number, item)], parts))
        except ReactError as error:
            yield item.name, str(error)


def looks_of(
    schedule: Schedule, pipelines: Mapping[int, ReadyPipeline]
) -> dict[tuple[int, int], Look]:
    """Every picture that is analysed, by timepoint and field: of a stack its middle plane."""
    heights: dict[tuple[int, int], dict[int, list[Index]]] = defaultdict(lambda: defaultdict(list))
    items: dict[tuple[int, int], int] = {}
    for step in schedule.steps:
        if step.index is None or step.kind != "imaging" or step.item not in pipelines:
            continue
        if pipelines[step.item].looks:
            key = step.index.t, step.index.p
            heights[key][step.index.c].append(step.index)
            items[key] = step.item
    found = {}
    for (t, p), channels in heights.items():
        item = items[t, p]
        planes = {
            schedule.channels[c].name: sorted(stack)[len(stack) // 2]
            for c, stack in sorted(channels.items())
        }
        wanted = pipelines[item].pipeline.channel
        if wanted is None or wanted in planes:  # else it is not taken at every timepoint
            found[t, p] = Look(t, p, item, planes)
    return found
