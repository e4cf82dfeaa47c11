"""Before a run: what the phases ask for beyond pictures."""

from collections.abc import Iterator

from parfocal.plan import Experiment, Phase
from parfocal.run._finding import Finding
from parfocal.scope import Profile

__all__ = ["about_phases"]


def about_phases(experiment: Experiment, profile: Profile) -> Iterator[Finding]:
    """Light needs a projector that was calibrated; what is analysed needs to say what it is."""
    for item in experiment.every_item:
        if isinstance(item, Phase):
            yield from _about_light(item, profile)
            yield from _about_analysis(item)


def _about_light(phase: Phase, profile: Profile) -> Iterator[Finding]:
    if phase.stimulate is None:
        return
    if profile.projector is None or not profile.projector.is_file():
        message = (
            f"phase {phase.name!r} stimulates, and the projector of microscope {profile.name!r} "
            "is not calibrated; calibrate it, or leave `stimulate` out"
        )
        yield Finding("projector", "error", message, "calibrate-projector")
        return
    # light without a mask would fall on the whole field
    message = (
        f"phase {phase.name!r} stimulates, which a run cannot do in this version; "
        "leave `stimulate` out"
    )
    yield Finding("projector", "error", message, f"edit-phase:{phase.name}")


def _about_analysis(phase: Phase) -> Iterator[Finding]:
    metadata = phase.metadata
    if "phase_name" in metadata and metadata.get("phase_id") is None:
        message = (
            f"phase {phase.name!r} has the metadata phase_name = {metadata['phase_name']!r} and "
            "no phase_id; the tracks of two phases with one name could not be told apart"
        )
        yield Finding("pipeline", "error", message, f"edit-phase:{phase.name}")
    if phase.pipeline is not None and not phase.pipeline.get("segment"):
        message = f"the pipeline of phase {phase.name!r} does not say how to `segment`"
        yield Finding("pipeline", "error", message, f"edit-pipeline:{phase.name}")
