"""Refuse a run that cannot work, before anything is created."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from parfocal import ParfocalError
from parfocal.plan import Experiment
from parfocal.scope import Microscope

__all__ = ["Finding", "RunRefused", "preflight", "refuse"]


class RunRefused(ParfocalError):  # noqa: N818 - a refusal is no error
    """A run that was not started, and what to change."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the preflight list: what it is about, how bad, and the sentence."""

    rule: str
    severity: Literal["error", "warning"]
    message: str


def preflight(
    experiment: Experiment, microscope: Microscope, output: Path, *, overwrite: bool = False
) -> tuple[Finding, ...]:
    """Everything that speaks against starting, worst first; empty when nothing does."""
    raise NotImplementedError


def refuse(
    experiment: Experiment, microscope: Microscope, output: Path, *, overwrite: bool = False
) -> None:
    """Raise `RunRefused` with the first error that `preflight` finds."""
    for finding in preflight(experiment, microscope, output, overwrite=overwrite):
        if finding.severity == "error":
            raise RunRefused(finding.message)
