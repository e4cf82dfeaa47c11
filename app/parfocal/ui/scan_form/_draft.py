"""Keep what a form says of a scan beside what its file said, with the configuration's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, get_args

from parfocal.jobs import Config, Thresholds, is_same

__all__ = ["ABSENT", "Draft", "Place", "choices_of", "default_of"]

Place = tuple[str, ...]
"""A key of the file, or a key within one."""

ABSENT: Final = object()
"""What is not said, so that the default counts."""


def default_of(place: Place) -> Any:
    """What counts where nothing is said; None where nothing does."""
    model = Config if len(place) == 1 else Thresholds
    field = model.model_fields[place[-1]]
    return None if field.is_required() else field.default


def choices_of(place: Place) -> tuple[str, ...]:
    """The words that may stand there."""
    return get_args(Config.model_fields[place[0]].annotation)


class Draft:
    """What is not told here stays as the file has it, known or not."""

    def __init__(self, before: Mapping[str, Any]) -> None:
        self._before = dict(before)
        self._values: dict[Any, Any] = deepcopy(self._before)

    @property
    def values(self) -> dict[str, Any]:
        """What the file will say; a new one in the order of the configuration."""
        known = {key: self._values[key] for key in Config.model_fields if key in self._values}
        return known if not self._before else dict(self._values)

    @property
    def is_changed(self) -> bool:
        """Whether the file says something else."""
        return not is_same(self._before, self._values)

    def is_told(self, place: Place) -> bool:
        """Whether it is said at all."""
        return self.value(place) is not ABSENT

    def value(self, place: Place) -> Any:
        """What is said there, or ABSENT."""
        return _value(self._values, place)

    def said(self, *keys: str) -> tuple[Any, ...]:
        """What these keys say now, with what counts where they say nothing."""
        return tuple(
            default_of((key,)) if (told := self.value((key,))) is ABSENT else told for key in keys
        )

    def was_said(self, key: str) -> Any:
        """What the file said before."""
        return self._before.get(key, default_of((key,)))

    def say(self, place: Place, value: Any) -> None:
        """Say it; a default that the file does not say stays unsaid."""
        unsaid = _value(self._before, place) is ABSENT and _is_default(place, value)
        key, *within = place
        if not within:
            self._put(key, ABSENT if unsaid else value)
        elif value is ABSENT or unsaid:
            self.leave_out(place)
        else:
            below = self._values.get(key)
            self._put(key, {**(below if isinstance(below, dict) else {}), within[0]: value})

    def leave_out(self, place: tuple[str | int, ...]) -> None:
        """Say it no more, also what the configuration does not know."""
        key, *within = place
        below = self._values.get(key)
        if within and isinstance(below, dict):
            self._put(key, {one: told for one, told in below.items() if one != within[0]} or ABSENT)
        else:
            self._put(key, ABSENT)

    def _put(self, key: Any, value: Any) -> None:
        if value is ABSENT:
            self._values.pop(key, None)
        else:
            self._values[key] = value


def _value(values: Mapping[str, Any], place: Place) -> Any:
    told: Any = values
    for key in place:
        if not isinstance(told, Mapping) or key not in told:
            return ABSENT
        told = told[key]
    return told


def _is_default(place: Place, value: Any) -> bool:
    default = default_of(place)
    if value is None or default is None or isinstance(value, bool) or isinstance(default, bool):
        return value is default
    return bool(value == default)
