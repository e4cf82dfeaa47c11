"""Choose for each component of a picture (well, field, channel …): a layer a value, or a slider."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from parfocal.viewer._errors import ViewerError

COMPONENTS = ("step", "well", "field", "channel", "z", "time")
SLICE, STACK = "slice", "stack"


@dataclass(frozen=True, slots=True)
class Components:
    """Which components have a layer a value; the others are stacked, with a slider each."""

    sliced: frozenset[str] = frozenset({"step", "channel"})

    def is_sliced(self, component: str) -> bool:
        """Whether the component has a layer for each of its values."""
        return component in self.sliced

    def changed(self, modes: Mapping[str, object]) -> "Components":
        """The same with other modes for some, `{"well": "slice"}`; refuses what is neither."""
        sliced = set(self.sliced)
        for component, mode in modes.items():
            if component not in COMPONENTS:
                raise ViewerError(
                    f"there is no component {component!r}; there are {', '.join(COMPONENTS)}"
                )
            if mode not in (SLICE, STACK):
                raise ViewerError(
                    f"{component} can be {SLICE!r} (a layer a value) or {STACK!r} (a slider),"
                    f" not {mode!r}"
                )
            (sliced.add if mode == SLICE else sliced.discard)(component)
        return Components(frozenset(sliced))

    def stacking(self, components: Iterable[str]) -> "Components":
        """The same with sliders for these."""
        return Components(self.sliced - set(components))

    def as_json(self) -> dict[str, str]:
        """The mode of each component."""
        return {name: SLICE if name in self.sliced else STACK for name in COMPONENTS}
