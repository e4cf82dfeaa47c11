"""Say which viewer shows what: on an experiment, a phase or a product, each as the one above."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["MAIN", "NO_VIEWER", "PRODUCTS", "Product", "View", "Views", "inherited"]

Product = Literal["imaging", "reference", "stimulation"]
PRODUCTS: tuple[Product, ...] = get_args(Product)
MAIN = "main"
"""The one viewer for everything, where a plan names none."""
NO_VIEWER = "none"
"""The name that is no viewer's: what goes to it is stored, and not shown live."""


def _as_names(value: Any) -> Any:
    """One name is a list of one, and a field may be written as its number."""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        value = (value,)
    if isinstance(value, list | tuple):
        return tuple(
            str(name) if isinstance(name, int) and not isinstance(name, bool) else name
            for name in value
        )
    return value


Names = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...] | None, BeforeValidator(_as_names)
]


class View(BaseModel):
    """Some of a run's frames in the viewer of a name.

    None is as the view above has it, an empty tuple is all of them. `fields` are names, or numbers
    as people count them, from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    viewer: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    wells: Names = None
    fields: Names = None
    channels: Names = None
    steps: Annotated[tuple[Product, ...] | None, BeforeValidator(_as_names)] = None

    def over(self, above: "View") -> "View":
        """This view, and what it leaves out as the one above has it."""
        said = {name: value for name, value in self if value is not None}
        return above.model_copy(update=said)


def _as_views(value: Any) -> Any:
    return (value,) if isinstance(value, dict | View) else value


Views = Annotated[tuple[View, ...], BeforeValidator(_as_views)]
"""One view, or several; none leaves everything as it is above."""


def inherited(above: tuple[View, ...], own: Iterable[View]) -> tuple[View, ...]:
    """The views of a level that has these above it.

    A level without a view is as the one above. One with views has these alone. A view that names
    a viewer inherits from the view of that viewer, else from the first; a view that names none
    changes every view above.
    """
    made: list[View] = []
    for view in own:
        same = [one for one in above if one.viewer == view.viewer]
        bases = above if view.viewer is None else (same or above)[:1]
        made += [view.over(base) for base in bases]
    return tuple(dict.fromkeys(made)) or above
