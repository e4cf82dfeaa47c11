"""Remember where in the list the layers were that a user deleted."""

from collections.abc import Sequence

from parfocal.viewer.child._arrangement import LayerKey


class LayerOrder:
    """The order of a store's layers, those that were deleted included."""

    def __init__(self) -> None:
        self._order: list[LayerKey] = []

    def lost(self, key: LayerKey, place: int, left: Sequence[LayerKey]) -> None:
        """A layer was deleted that had `place` of the others, in their order, below it."""
        now = [*left[:place], key, *left[place:]]
        before: LayerKey | None = None
        for one in self._order:
            if one not in now:
                now.insert(0 if before is None else now.index(before) + 1, one)
            before = one
        self._order = now

    def place(self, key: LayerKey, there: Sequence[LayerKey]) -> int:
        """How many of those that are there belong below it."""
        known = self._order.index(key)
        return max((there.index(one) + 1 for one in self._order[:known] if one in there), default=0)
