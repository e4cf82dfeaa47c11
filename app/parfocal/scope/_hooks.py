"""Functions that a profile names, to be called when a microscope opens, runs and closes.

A laser that sleeps after ten minutes needs a thread that keeps it awake: its start and its end are
two of these.
"""

import importlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._profile import Hooks

if TYPE_CHECKING:
    from parfocal.scope._microscope import Microscope

__all__ = ["Hook", "Moment", "call_hooks", "found_hooks"]

_log = logging.getLogger(__name__)

Moment: TypeAlias = Literal["opened", "run_starts", "run_ended", "closing"]
Hook: TypeAlias = "Callable[[Microscope], object]"


def found_hooks(hooks: Hooks, profile: str) -> Mapping[str, Sequence[tuple[str, Hook]]]:
    """Import what the profile names, so that a wrong name is told before hardware is opened."""
    found: dict[str, list[tuple[str, Hook]]] = {}
    for moment, entries in hooks:
        for entry in entries:
            module, _, name = entry.partition(":")
            with commanding(f"Profile {profile!r}", f"find hooks.{moment} = {entry!r}"):
                hook = getattr(importlib.import_module(module), name)
            found.setdefault(moment, []).append((entry, hook))
    return found


def call_hooks(
    hooks: Mapping[str, Sequence[tuple[str, Hook]]], moment: Moment, microscope: "Microscope"
) -> tuple[str, ...]:
    """Call those of a moment in turn; one that fails is told, and the others are still called."""
    problems = []
    for entry, hook in hooks.get(moment, ()):
        try:
            with commanding(f"The hook {entry!r} of profile {microscope.name!r}", "be called"):
                hook(microscope)
        except MicroscopeError as error:
            _log.warning("%s", error)
            problems.append(str(error))
    return tuple(problems)
