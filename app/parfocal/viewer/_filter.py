"""Choose the live frames that one viewer shows: by timepoint, field and channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parfocal.viewer._errors import ViewerError

Ranges = tuple[tuple[int, int], ...]
"""Numbers from the first up to, not including, the second."""

# The opening message has 64 KiB, and a range takes up to 15 bytes of them.
MOST_RANGES = 2_000
_AXES = ("t", "p", "c")


@dataclass(frozen=True, slots=True)
class Selection:
    """Frames at these timepoints, of these fields and channels."""

    t: Ranges
    p: Ranges
    c: Ranges

    def takes(self, coordinates: Mapping[str, int]) -> bool:
        """Whether a frame is one of them."""
        return all(
            any(first <= coordinates.get(axis, 0) < stop for first, stop in getattr(self, axis))
            for axis in _AXES
        )


@dataclass(frozen=True, slots=True)
class LiveFilter:
    """The frames of any of the selections; without a selection all frames.

    It was made of a plan with `known` timepoints, fields and channels. What a run adds to them in
    mid-run lies behind, and is taken.
    """

    selections: tuple[Selection, ...] = ()
    known: tuple[int, int, int] = (0, 0, 0)

    def takes(self, coordinates: Mapping[str, int]) -> bool:
        """Whether a frame with these coordinates is shown."""
        return (
            not self.selections
            or any(
                coordinates.get(axis, 0) >= count
                for axis, count in zip(_AXES, self.known, strict=True)
            )
            or any(selection.takes(coordinates) for selection in self.selections)
        )

    def shows(self, channel: int) -> bool:
        """Whether there may ever be a frame of this channel: else its layer is there, hidden."""
        return (
            not self.selections
            or channel >= self.known[2]
            or any(first <= channel < stop for one in self.selections for first, stop in one.c)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the filter as a JSON object; one that fits no message is refused."""
        count = sum(len(getattr(one, axis)) for one in self.selections for axis in _AXES)
        if count > MOST_RANGES:
            raise ViewerError(
                f"what this viewer shows is scattered over {count} stretches of timepoints, fields"
                f" and channels, and a viewer takes {MOST_RANGES}; choose it by whole wells"
            )
        frames = [
            {axis: [list(run) for run in getattr(one, axis)] for axis in _AXES}
            for one in self.selections
        ]
        return {"frames": frames, "known": list(self.known)}

    @classmethod
    def from_json(cls, value: object) -> "LiveFilter":
        """Read a filter that `as_json` made; None is the one that takes all."""
        if value is None:
            return cls()
        try:
            if not isinstance(value, dict):
                raise TypeError
            selections = tuple(
                Selection(*(_ranges(one[axis]) for axis in _AXES)) for one in value["frames"]
            )
            t, p, c = value["known"]
            return cls(selections, (_whole(t), _whole(p), _whole(c)))
        except (TypeError, ValueError, KeyError) as error:
            raise ViewerError(f"{str(value)[:60]!r} is not a choice of live frames") from error


EVERYTHING = LiveFilter()


def _ranges(value: Any) -> Ranges:
    return tuple((_whole(first), _whole(stop)) for first, stop in value)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value
