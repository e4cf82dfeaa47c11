"""Take from the tables what a person touched, and everything else from the plan as it was."""

from typing import Any

import useq

__all__ = ["merged"]


def merged(
    plan: useq.MDASequence, before: useq.MDASequence, after: useq.MDASequence
) -> useq.MDASequence:
    """`plan` with the changes that lead from `before` to `after`, both read from the tables.

    The tables cannot show everything that a plan may hold: metadata, plates, the order of axes
    that are not used, a place without a height among others that have one.
    """
    touched: dict[str, Any] = {}
    for name in type(after).model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if name != "metadata" and old != new:
            touched[name] = _by_rows(getattr(plan, name), old, new)
    return plan.replace(**touched) if touched else plan


def _by_rows(plan: Any, old: Any, new: Any) -> Any:
    """Of a table, the rows that were edited; all of it when rows came or went."""
    parts = (plan, old, new)
    if not all(isinstance(part, tuple | list) for part in parts):
        return new
    if len({len(part) for part in parts}) != 1:
        return new
    rows = zip(plan, old, new, strict=True)
    return tuple(kept if before == after else after for kept, before, after in rows)
