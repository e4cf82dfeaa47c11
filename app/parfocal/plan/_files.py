"""Read and write plans: `.parfocal.yaml`, `.parfocal.json`, and plain useq files."""

from pathlib import Path

import useq

from parfocal.plan._experiment import Experiment, Phase

__all__ = ["experiment_from_sequence", "read_plan", "write_plan"]


def experiment_from_sequence(sequence: useq.MDASequence, name: str = "experiment") -> Experiment:
    """Wrap one useq sequence as an experiment of one phase."""
    return Experiment(name=name, items=(Phase(sequence=sequence),))


def read_plan(path: Path | str) -> Experiment:
    """Read a plan; a file that is none is refused with a sentence."""
    raise NotImplementedError


def write_plan(experiment: Experiment, path: Path | str) -> None:
    """Write a plan as YAML or JSON by its ending, whole or not at all."""
    raise NotImplementedError
