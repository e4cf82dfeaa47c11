"""Read the keys by which napari slices an array that is not in memory."""

from typing import Any


def every_axis(key: Any, axes: int) -> list[int | slice]:
    """A key as one integer or slice for each of so many axes, ellipsis and rest written out."""
    given = list(key) if isinstance(key, tuple) else [key]
    for place, one in enumerate(given):
        if one is Ellipsis:
            given[place : place + 1] = [slice(None)] * (axes - len(given) + 1)
            break
    given += [slice(None)] * (axes - len(given))
    return [k if isinstance(k, slice) else int(k) for k in given]
