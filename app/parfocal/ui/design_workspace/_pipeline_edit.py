"""Change the pipeline of a phase: each function gives a new value; and say it on one line."""

from typing import TYPE_CHECKING, Any

from parfocal import ParfocalError
from parfocal.plan import Phase, Stimulation
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.react import PartChoice, Pipeline

__all__ = [
    "BEGIN",
    "DEFAULT_STIMULATOR",
    "Slot",
    "channels_imaged",
    "chosen",
    "pipeline_in_words",
    "pipeline_of",
    "stimulator_of",
    "with_light",
    "with_part",
    "with_parts",
    "with_pipeline",
]

Slot = tuple[str, int]
"""The kind of a part, and which one of its kind: several may measure."""

DEFAULT_STIMULATOR = "whole-cell"
"""What light falls on where a phase says no more."""
BEGIN: dict[str, Any] = {"segment": "otsu", "track": "laptrack"}
"""What the tick begins with."""


def pipeline_of(phase: Phase) -> "Pipeline | None":
    """The pipeline that the phase itself has; what is none is a `ReactError`."""
    if phase.pipeline is None:  # as most have, and then nothing of the loop is imported
        return None
    from parfocal.react import pipeline_from

    return pipeline_from(phase.pipeline, tr("This pipeline cannot be read:"))


def with_pipeline(phase: Phase, pipeline: "Pipeline") -> Phase:
    """The phase with another pipeline; the stimulator is said by one of the two alone."""
    light = phase.stimulate
    if light is not None and pipeline.stimulate is not None and light.stimulator is not None:
        light = light.model_copy(update={"stimulator": None})
    return phase.model_copy(update={"pipeline": pipeline.as_tree(), "stimulate": light})


def with_light(phase: Phase, light: Stimulation | None) -> Phase:
    """The phase with other light; another stimulator takes the place of the pipeline's."""
    tree = phase.pipeline
    named = None if light is None else light.stimulator
    if tree is not None and tree.get("stimulate") and named not in (None, _name_in(tree)):
        tree = {key: value for key, value in tree.items() if key != "stimulate"}
    return phase.model_copy(update={"stimulate": light, "pipeline": tree})


def chosen(pipeline: "Pipeline") -> "dict[Slot, PartChoice]":
    """Every part of the pipeline, in the order in which they work."""
    found: dict[Slot, PartChoice] = {}
    if pipeline.segment is not None:
        found["segment", 0] = pipeline.segment
    found |= {("measure", place): one for place, one in enumerate(pipeline.measure)}
    if pipeline.track is not None:
        found["track", 0] = pipeline.track
    if pipeline.stimulate is not None:
        found["stimulate", 0] = pipeline.stimulate
    return found


def with_part(pipeline: "Pipeline", slot: Slot, choice: "PartChoice | None") -> "Pipeline":
    """The pipeline with another part in a place, or with none in it.

    Without a segmenter there is nothing to measure and to follow.
    """
    kind, place = slot
    update: dict[str, Any] = {kind: choice}
    if kind == "measure":
        kept = list(pipeline.measure)
        kept[place : place + 1] = [] if choice is None else [choice]
        update = {"measure": tuple(kept)}
    elif kind == "segment" and choice is None:
        update |= {"measure": (), "track": None}
    return pipeline.model_copy(update=update)


def with_parts(pipeline: "Pipeline", names: tuple[str, ...]) -> "Pipeline":
    """The pipeline that measures by these; those that stay keep their parameters."""
    from parfocal.react import PartChoice

    kept = [one for one in pipeline.measure if one.name in names]
    here = {one.name for one in kept}
    new = [PartChoice(name=name) for name in names if name not in here]
    return pipeline.model_copy(update={"measure": (*kept, *new)})


def stimulator_of(phase: Phase) -> str:
    """The stimulator by name, wherever the phase says it; nothing where it says none."""
    named = None if phase.stimulate is None else phase.stimulate.stimulator
    return named or _name_in(phase.pipeline or {})


def channels_imaged(phase: Phase) -> tuple[str, ...]:
    """The presets that the pipeline may be told to look at."""
    return tuple(dict.fromkeys(channel.config for channel in phase.sequence.channels))


def pipeline_in_words(phase: Phase) -> str:
    """All of it on one line."""
    lit = phase.stimulate is not None
    light = tr("light: {part}").format(part=stimulator_of(phase) or DEFAULT_STIMULATOR)
    try:
        pipeline = pipeline_of(phase)
    except ParfocalError as error:
        return str(error)
    if pipeline is None:
        return light if lit else tr("pictures are not analysed")
    words = [one.name for (kind, _), one in chosen(pipeline).items() if kind != "stimulate"]
    return " · ".join([*words, light] if lit else words) or tr("nothing is looked for")


def _name_in(tree: dict[str, Any]) -> str:
    """Of the stimulator in a pipeline as a plan writes it: a name, or a name with parameters."""
    said = tree.get("stimulate")
    if isinstance(said, dict):
        return str(said.get("name") or next(iter(said), ""))
    return str(said or "")
