"""A pipeline with its parts made, checked and warm: give it a picture, get cells and a mask."""

import dataclasses
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, TypeAdapter, ValidationError

from parfocal import ParfocalError
from parfocal.react._arrays import as_array, as_labels, as_mask
from parfocal.react._catalogue import Catalogue
from parfocal.react._errors import OURS, ReactError
from parfocal.react._lineage import Lineage, followed
from parfocal.react._pipeline import PartChoice, Pipeline, in_words
from parfocal.react._protocols import KINDS, Kind
from parfocal.react._seen import Cells, Seen

__all__ = ["ReadyPipeline", "ready"]


class ReadyPipeline:
    """The parts of one pipeline. Every method may be called from any thread.

    A part that says `one_at_a_time` is called by one thread after the other.
    """

    def __init__(self, pipeline: Pipeline, catalogue: Catalogue) -> None:
        self.pipeline = pipeline
        self._segmenter = _made("segment", pipeline.segment, catalogue)
        self._extractors = [_chosen("measure", one, catalogue) for one in pipeline.measure]
        self._tracker = _made("track", pipeline.track, catalogue)
        self._stimulator = _made("stimulate", pipeline.stimulate, catalogue)
        if self.needs_cells and self._segmenter is None:
            assert pipeline.stimulate is not None
            raise ReactError(
                f"the stimulator {pipeline.stimulate.name!r} wants cells that nothing finds: "
                "say how to `segment`"
            )

    # ------------------------------------------------------------------ what it wants

    @property
    def looks(self) -> bool:
        """Whether it wants pictures at all; light by metadata alone does not."""
        return self._segmenter is not None or self._needs == "image"

    @property
    def tracks(self) -> bool:
        """Whether cells are followed."""
        return self._tracker is not None

    @property
    def lights(self) -> bool:
        """Whether it says where light falls."""
        return self._stimulator is not None

    @property
    def lights_by_tracks(self) -> bool:
        """Whether the mask has to wait until the cells have their tracks."""
        return self._needs == "tracks" and self.tracks

    @property
    def needs_cells(self) -> bool:
        """Whether the mask is made of cells."""
        return self._needs in ("cells", "tracks")

    @property
    def _needs(self) -> str:
        return str(getattr(self._stimulator.part, "needs", "")) if self._stimulator else ""

    def lacking(self, metadata: Mapping[str, Any]) -> str:
        """A sentence about metadata that a part requires and the phase does not give, or none."""
        for part in self._parts():
            for name in part.required:
                if name not in metadata:
                    return (
                        f"the {part.what} needs the metadata {name!r}, which the phase does not "
                        "give; add it under `metadata`"
                    )
        return ""

    def prewarm(self) -> None:
        """Load every model; raises with the part's name when one cannot be loaded."""
        for part in self._parts():
            part.prewarm()

    # ------------------------------------------------------------------ what it does

    def cells(self, seen: Seen) -> Cells | None:
        """Find and measure the cells; None where nothing is to be found."""
        segmenter = self._segmenter
        if segmenter is None:
            return None
        image = seen.channels[self.pipeline.channel or next(iter(seen.channels))]
        shape = (image.shape[0], image.shape[1])
        labels = as_labels(segmenter("segment", image), shape, f"the {segmenter.what}")
        cells = Cells(labels, _places(labels))
        for extractor in self._extractors:
            measured = extractor("measure", cells, seen)
            columns = {
                name: _column(extractor.what, name, column, len(cells))
                for name, column in measured.items()
            }
            cells = cells.with_columns(columns)
        return cells

    def followed(self, before: Lineage, cells: Cells) -> tuple[Lineage, Cells]:
        """The cells with their tracks, and what the next picture is compared with."""
        assert self._tracker is not None  # the caller asked `tracks`
        return followed(before, cells, _Linking(self._tracker))

    def mask(self, seen: Seen, cells: Cells | None) -> NDArray[np.bool_]:
        """Where light falls."""
        assert self._stimulator is not None  # the caller asked `lights`
        made = self._stimulator
        return as_mask(made("mask", seen, cells), seen.shape, f"the {made.what}")

    def _parts(self) -> Iterator["_Made"]:
        for part in (self._segmenter, *self._extractors, self._tracker, self._stimulator):
            if part is not None:
                yield part


def ready(pipeline: Pipeline, catalogue: Catalogue | None = None) -> ReadyPipeline:
    """Make the parts of a pipeline; what cannot work is refused with a sentence that names it."""
    return ReadyPipeline(pipeline, catalogue or Catalogue())


class _Made:
    """One part with its parameters."""

    def __init__(self, kind: Kind, name: str, part: Any) -> None:
        self.part = part
        self.what = f"{next(one.name for one in KINDS if one.key == kind)} {name!r}"
        self.required: tuple[str, ...] = tuple(getattr(part, "requires", ()))
        alone = bool(getattr(part, "one_at_a_time", False))
        self._turn = threading.Lock() if alone else None

    def __call__(self, method: str, *given: Any) -> Any:
        with self._in_turn(), _saying(f"the {self.what}"):
            return getattr(self.part, method)(*given)
        raise AssertionError("_saying swallows nothing")

    def prewarm(self) -> None:
        prewarm = getattr(self.part, "prewarm", None)
        if prewarm is not None:
            with self._in_turn(), _saying(f"the {self.what} cannot be loaded"):
                prewarm()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        with self._turn:
            yield


class _Linking:
    """A tracker as `followed` wants it."""

    def __init__(self, made: _Made) -> None:
        self.link = partial(made, "link")
        self.memory = int(getattr(made.part, "memory", 2))


class _saying:  # noqa: N801 - reads as a word where it is used
    """Say whose error it was; an except clause would have to name every class there is."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, (ParfocalError, *OURS)):
            said = str(error).strip().rstrip(".") or "nothing more is said"
            raise ReactError(f"{self._what}: {type(error).__name__}: {said}") from error


def _made(kind: Kind, choice: PartChoice | None, catalogue: Catalogue) -> _Made | None:
    return None if choice is None else _chosen(kind, choice, catalogue)


def _chosen(kind: Kind, choice: PartChoice, catalogue: Catalogue) -> _Made:
    part = catalogue.part(kind, choice.name)
    what = f"the {next(one.name for one in KINDS if one.key == kind)} {choice.name!r}"
    given = choice.parameters
    if not issubclass(part, BaseModel):
        known = [one.name for one in dataclasses.fields(part)] if _is_dataclass(part) else []
        for name in given:
            if name not in known:
                raise ReactError(f"{what} has no parameter {name!r}; it has {known or 'none'}")
    with _saying(f"{what} cannot be made"):
        try:
            made = TypeAdapter(part).validate_python(given) if _is_value(part) else part()
        except ValidationError as error:
            raise ReactError(f"{what}: {in_words(error)}") from error
        return _Made(kind, choice.name, made)
    raise AssertionError("_saying swallows nothing")


def _is_dataclass(part: type[Any]) -> bool:
    return dataclasses.is_dataclass(part)


def _is_value(part: type[Any]) -> bool:
    return issubclass(part, BaseModel) or _is_dataclass(part)


def _places(labels: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    """Number, middle and area of each cell, from the pixels of cells alone: most are background."""
    pixels = np.flatnonzero(labels)
    of = labels.ravel()[pixels]
    rows, columns = np.divmod(pixels, labels.shape[1])
    area = np.bincount(of)
    numbers = np.flatnonzero(area)
    return {
        "label": numbers,
        "y": np.bincount(of, weights=rows)[numbers] / area[numbers],
        "x": np.bincount(of, weights=columns)[numbers] / area[numbers],
        "area": area[numbers],
    }


def _column(what: str, name: str, column: Any, count: int) -> NDArray[Any]:
    values = as_array(column, f"the {what}")
    if values.shape != (count,):
        raise ReactError(f"the {what} gave {values.shape} values of {name!r} for {count} cells")
    return values
