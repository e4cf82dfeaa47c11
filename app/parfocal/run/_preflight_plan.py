"""Before a run: what the phases ask for beyond pictures."""

from collections.abc import Iterator

from parfocal.plan import Experiment, Phase
from parfocal.react import refuse_pipelines
from parfocal.run._finding import Finding
from parfocal.run._standpoint import Standpoint
from parfocal.scope import Microscope

__all__ = ["about_phases"]


def about_phases(
    experiment: Experiment, microscope: Microscope, here: Standpoint
) -> Iterator[Finding]:
    """Light needs a projector that was calibrated; what is analysed needs to say what it is."""
    for item in experiment.every_item:
        if isinstance(item, Phase):
            if item.stimulate is not None:
                yield from _about_light(item, microscope, here)
            yield from _about_names(item)
    for name, why in refuse_pipelines(experiment):
        yield Finding("pipeline", "error", why, f"edit-pipeline:{name}")


def _about_light(phase: Phase, microscope: Microscope, here: Standpoint) -> Iterator[Finding]:
    if microscope.projector is None:
        message = (
            f"phase {phase.name!r} stimulates, and microscope {microscope.name!r} has no "
            "projector; leave `stimulate` out"
        )
        yield Finding("projector", "error", message, f"edit-phase:{phase.name}")
    elif unfit := microscope.projector.unfit_for(here.camera.height, here.camera.width):
        message = (
            f"phase {phase.name!r} stimulates, and {unfit}; calibrate it, or leave `stimulate` out"
        )
        yield Finding("projector", "error", message, "calibrate-projector")


def _about_names(phase: Phase) -> Iterator[Finding]:
    metadata = phase.metadata
    if "phase_name" in metadata and metadata.get("phase_id") is None:
        message = (
            f"phase {phase.name!r} has the metadata phase_name = {metadata['phase_name']!r} and "
            "no phase_id; the tracks of two phases with one name could not be told apart"
        )
        yield Finding("pipeline", "error", message, f"edit-phase:{phase.name}")
