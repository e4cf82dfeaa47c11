"""The four kinds of parts that a pipeline is made of, and what each has to be able to do.

A part is a class: its fields are its parameters, with types and defaults, and its one method is
called for every picture. It may also have

- `prewarm()`, called once before the run: load the model there, and raise when it cannot be;
- `one_at_a_time = True` where the library behind it is not thread-safe;
- `packages = ("cellpose",)`, what has to be installed, and `install`, what to type for it;
- `requires = ("dose",)`, what the metadata of the phase have to say.
"""

from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from parfocal.react._seen import Cells, Seen, Table

__all__ = [
    "KINDS",
    "FeatureExtractor",
    "Kind",
    "PartKind",
    "Segmenter",
    "Stimulator",
    "Tracker",
]

Kind: TypeAlias = Literal["segment", "measure", "track", "stimulate"]
Needs: TypeAlias = Literal["metadata", "image", "cells", "tracks"]


class Segmenter(Protocol):
    """Finds cells: a picture in, a label image out."""

    def segment(self, image: Any) -> Any: ...


class FeatureExtractor(Protocol):
    """Measures cells: a mapping of names to one number a cell, in the order of `cells.table`."""

    def measure(self, cells: Cells, seen: Seen) -> Table: ...


class Tracker(Protocol):
    """Says of each cell now which row of the cells before it was, or came from; -1: of none.

    Two cells that come from one row are its daughters.
    """

    def link(self, before: Table, now: Table) -> Any: ...


class Stimulator(Protocol):
    """Says where light falls: not 0 in an image of `seen.shape`.

    `needs` says what it is given: "metadata" alone, the "image" too, or the pipeline's "cells",
    or those with their "tracks".
    """

    needs: Needs

    def mask(self, seen: Seen, cells: Cells | None) -> Any: ...


class PartKind(NamedTuple):
    """How a kind is called in a pipeline and in a sentence, and the method that makes a part it."""

    key: Kind
    name: str
    method: str
    given: tuple[str, ...]
    group: str


KINDS: tuple[PartKind, ...] = (
    PartKind("segment", "segmenter", "segment", ("image",), "parfocal.segmenters"),
    PartKind("measure", "feature extractor", "measure", ("cells", "seen"), "parfocal.features"),
    PartKind("track", "tracker", "link", ("before", "now"), "parfocal.trackers"),
    PartKind("stimulate", "stimulator", "mask", ("seen", "cells"), "parfocal.stimulators"),
)
