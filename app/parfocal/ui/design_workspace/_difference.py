"""Find which one field of a plan an edit changed, so that edits of one field become one step."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from pydantic import BaseModel

from parfocal.plan import Experiment

__all__ = ["changed_field", "changed_item"]


def changed_field(before: Experiment, after: Experiment) -> str:
    """The path of the only field that differs; nothing when several do, or none."""
    paths = list(islice(_differences(before, after, ""), 2))
    return paths[0] if len(paths) == 1 else ""


def changed_item(before: Experiment, after: Experiment) -> int | None:
    """The number of the first item that differs, as the new plan counts."""
    pairs = zip(before.items, after.items, strict=False)
    for number, (old, new) in enumerate(pairs):
        if old is not new and old != new:
            return number
    if len(before.items) == len(after.items):
        return None
    return min(len(before.items), len(after.items) - 1)


def _differences(before: Any, after: Any, at: str) -> Iterator[str]:
    if before is after or before == after:
        return
    if type(before) is type(after):
        parts = _parts(before), _parts(after)
        if parts[0] and parts[0].keys() == parts[1].keys():
            for name, part in parts[0].items():
                yield from _differences(part, parts[1][name], f"{at}.{name}")
            return
        if parts[0] or parts[1]:
            yield at  # told twice: what came or went is no edit of a field
    yield at


def _parts(value: Any) -> dict[Any, Any]:
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, dict):
        return value
    if isinstance(value, tuple | list):
        # figures or words alone are one field: "0, 3, -1" is typed as such
        plain = all(isinstance(one, int | float | str) for one in value)
        return {} if plain else dict(enumerate(value))
    return {}
