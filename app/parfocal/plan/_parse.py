"""Make an experiment of a parsed file, or say what is wrong, in which line, with which value."""

import copy
import logging
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import useq
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from parfocal.plan._errors import PlanError
from parfocal.plan._experiment import Experiment, Revision
from parfocal.plan._faults import first_fault, not_finite, plate_fault
from parfocal.plan._items import Hold, Item, Phase, Reference, Stimulation, Wait
from parfocal.plan._yaml import Document, Location

__all__ = ["parse_plan"]

_log = logging.getLogger(__name__)

Model = TypeVar("Model", bound=BaseModel)

OPTIONS = ("name", "policy", "on_trouble", "storage", "view", "metadata")
EXPERIMENT_KEYS = {"parfocal", *OPTIONS, "items", "revisions"}
PHASE_OPTIONS = ("power", "seconds_per_field", "view", "products", "pipeline", "metadata")
PHASE_KEYS = {"phase", "sequence", "reference", "stimulate", *PHASE_OPTIONS}
ITEM_KEYS = ("phase", "wait", "hold")
REVISION_KEYS = {"kind", "done", "items"}
# what useq reads under another name, or wrote in earlier versions
KNOWN_ALIASES = {"uid", "row", "col"}
# a grid that fits none of these becomes a single point without a word
GRIDS: dict[str, type[BaseModel]] = {
    "rows": useq.GridRowsColumns,
    "columns": useq.GridRowsColumns,
    "top": useq.GridFromEdges,
    "width": useq.GridWidthHeight,
    "num_points": useq.RandomPoints,
    "vertices": useq.GridFromPolygon,
}


def parse_plan(path: Path, document: Document) -> Experiment:
    """The experiment in `document`; a plain useq file becomes one of one phase."""
    tree = document.value
    if not isinstance(tree, dict):
        raise PlanError(f"{path} is not a plan: it holds {_shown(tree)} and no `parfocal: 1`")
    parser = _Parser(path, document)
    parser.refuse_what_is_no_number(tree)
    if "parfocal" not in tree:
        if not any(key in useq.MDASequence.model_fields for key in tree):
            raise PlanError(
                f"{path} is not a plan: it has neither `parfocal: 1` nor a key of a useq sequence"
            )
        name = path.name.split(".")[0] or "experiment"
        return Experiment(name=name, items=(Phase(sequence=parser.sequence(tree, ())),))
    return parser.experiment(tree)


class _Parser:
    """Knows the file, so that every refusal can name its line."""

    def __init__(self, path: Path, document: Document) -> None:
        self._path = path
        self._document = document

    def refuse_what_is_no_number(self, tree: dict[str, Any]) -> None:
        for fault in not_finite(tree):
            raise self._error(fault.location, fault.message)

    def experiment(self, tree: dict[str, Any]) -> Experiment:
        version = tree["parfocal"]
        if version != 1 or isinstance(version, bool):
            raise self._error(
                ("parfocal",), f"says `parfocal: {version}`; this version reads `parfocal: 1`"
            )
        self._refuse_unknown(tree, EXPERIMENT_KEYS, ())
        fields: dict[str, Any] = {key: tree[key] for key in OPTIONS if key in tree}
        if isinstance(fields.get("on_trouble"), str):
            fields["on_trouble"] = {"action": fields["on_trouble"]}
        fields["items"] = self._items(tree, ())
        if "revisions" in tree:
            fields["revisions"] = self._revisions(tree["revisions"])
        try:
            return Experiment(**fields)
        except ValidationError as error:
            raise self._wrong_value(error, ()) from error

    def _items(self, tree: dict[str, Any], at: Location) -> tuple[Item, ...]:
        items = tree.get("items")
        if not isinstance(items, list) or not items:
            raise self._error(
                (*at, "items"), "must have `items`: a list of phases, waits and holds"
            )
        return tuple(
            self._item(item, number, (*at, "items", number)) for number, item in enumerate(items)
        )

    def _item(self, item: Any, number: int, at: Location) -> Item:
        if not isinstance(item, dict):
            raise self._error(
                at, f"has {_shown(item)} as item {number + 1}; write `phase:`, `wait:` or `hold:`"
            )
        kinds = [key for key in ITEM_KEYS if key in item]
        if len(kinds) > 1:
            raise self._error(at, f"says both {' and '.join(kinds)} in item {number + 1}")
        if kinds == ["wait"]:
            return self._barrier(Wait, "wait", "seconds", item, at)
        if kinds == ["hold"]:
            return self._barrier(Hold, "hold", "message", item, at)
        if not kinds and "sequence" not in item:
            raise self._error(
                at, f"has an item {number + 1} that is neither a phase nor a wait nor a hold"
            )
        return self._phase(item, number, at)

    def _barrier(
        self, model: type[Model], key: str, field: str, item: dict[str, Any], at: Location
    ) -> Model:
        self._refuse_unknown(item, {key}, at)
        value = item[key]
        if isinstance(value, bool):  # `wait: yes` is a bool in YAML, and a bool is a number too
            words = _has((*at, key), value, f"it must be {'seconds' if key == 'wait' else 'words'}")
            raise self._error((*at, key), words)
        try:
            return model(**{field: value})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise self._error((*at, key), _has((*at, key), value, first["msg"])) from error

    def _phase(self, item: dict[str, Any], number: int, at: Location) -> Phase:
        self._refuse_unknown(item, PHASE_KEYS, at)
        name = item.get("phase", f"phase {number + 1}")
        if not isinstance(item.get("sequence"), dict):
            raise self._error(at, f"has no `sequence` in phase {_name_of(item)!r}")
        fields: dict[str, Any] = {key: item[key] for key in PHASE_OPTIONS if key in item}
        fields["sequence"] = self.sequence(item["sequence"], (*at, "sequence"))
        for key, model in (("reference", Reference), ("stimulate", Stimulation)):
            if key in item:
                fields[key] = self._beside(model, item[key], (*at, key))
        try:
            return Phase(name=name, **fields)
        except ValidationError as error:
            raise self._wrong_value(error, at) from error

    def _beside(self, model: type[Model], given: Any, at: Location) -> Model:
        """A reference or a stimulation, whose channels are useq's: those ignore unknown keys."""
        value = self._value(model, copy.deepcopy(given), at)
        for location in _unknown(given, value, at):
            raise self._error(location, f"has the unknown key {location[-1]!r}")
        return value

    def _revisions(self, given: Any) -> tuple[Revision, ...]:
        if not isinstance(given, list):
            raise self._error(("revisions",), f"has {_shown(given)} as `revisions`, not a list")
        return tuple(
            self._revision(change, ("revisions", number)) for number, change in enumerate(given)
        )

    def _revision(self, change: Any, at: Location) -> Revision:
        if not isinstance(change, dict):
            raise self._error(at, f"has {_shown(change)} as a revision, not a mapping")
        self._refuse_unknown(change, REVISION_KEYS, at)
        fields = {key: value for key, value in change.items() if key != "items"}
        # taking away all that was to come leaves no items
        items = self._items(change, at) if change.get("items") else ()
        try:
            return Revision(**fields, items=items)
        except ValidationError as error:
            raise self._wrong_value(error, at) from error

    def sequence(self, tree: dict[str, Any], at: Location) -> useq.MDASequence:
        # useq's validators move keys inside the dicts that they are given
        given = _with_tuples(copy.deepcopy(tree))
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            # one by one first: inside a sequence useq loses which of them was wrong
            for key, model in (("channels", useq.Channel), ("stage_positions", useq.Position)):
                for number, part in enumerate(_listed(given.get(key))):
                    if isinstance(part, dict):
                        self._value(model, copy.deepcopy(part), (*at, key, number))
            grid = given.get("grid_plan")
            for key in GRIDS.keys() & (grid if isinstance(grid, dict) else {}):
                self._value(GRIDS[key], copy.deepcopy(grid), (*at, "grid_plan"))
            self._refuse_endless_plate(given.get("stage_positions"), (*at, "stage_positions"))
            sequence = self._value(useq.MDASequence, given, at)
        for warning in {str(warning.message) for warning in said}:
            _log.warning("%s: %s", self._path, warning)
        for location in _unknown(tree, sequence, at):
            raise self._error(location, f"has the unknown key {location[-1]!r}")
        if fault := first_fault(sequence):
            raise self._error((*at, *fault.location), fault.message)
        return sequence

    def _refuse_endless_plate(self, given: Any, at: Location) -> None:
        if isinstance(given, dict) and "plate" in given:
            plate = self._value(useq.WellPlatePlan, copy.deepcopy(given), at)
            if fault := plate_fault(plate):
                raise self._error(at, fault.message)

    def _value(self, model: type[Model], given: Any, at: Location) -> Model:
        try:
            return model.model_validate(given)
        except ValidationError as error:
            raise self._wrong_value(error, at) from error
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
            # useq's before-validators stumble over wrong shapes with Python's own errors
            raise self._error(at, f"holds no useq sequence: {error}") from error

    def _refuse_unknown(self, tree: dict[str, Any], known: set[str], at: Location) -> None:
        for key in tree:
            if key not in known:
                raise self._error((*at, key), f"has the unknown key {key!r}")

    def _wrong_value(self, error: ValidationError, at: Location) -> PlanError:
        first = self._likeliest(error, at)
        location = (*at, *first["loc"])
        # the names of a union's members are no keys of the file
        words = [str(part) for part in location if isinstance(part, int) or part.islower()]
        name = ".".join(words) or "the plan"
        if first["type"] == "missing":
            return self._error(location, f"lacks {name}")
        return self._error(location, _has(words, first["input"], first["msg"]))

    def _likeliest(self, error: ValidationError, at: Location) -> ErrorDetails:
        """The complaint to show: a union (of z plans, say) complains once for each member.

        The member meant is the one that knows most of the keys that were written.
        """
        complaints: dict[Location, list[ErrorDetails]] = {}
        for complaint in error.errors(include_url=False):
            complaints.setdefault(complaint["loc"][:-1], []).append(complaint)

        def unlikeliness(location: Location) -> tuple[int, int]:
            member = getattr(useq, str(location[-1]), None) if location else None
            written = self._document.at((*at, *location))
            known = set(getattr(member, "model_fields", ())) & set(
                written if isinstance(written, dict) else ()
            )
            return -len(known), len(complaints[location])

        return complaints[min(complaints, key=unlikeliness)][0]

    def _error(self, location: Location, message: str) -> PlanError:
        line = self._document.line(location)
        where = f", line {line}," if line else ""
        return PlanError(f"{self._path}{where} {message}")


def _has(words: Iterable[object], value: object, message: str) -> str:
    message = message.removeprefix("Value error, ")
    name = ".".join(map(str, words)) or "the plan"
    return f"has {name} = {_shown(value)}: {message[:1].lower()}{message[1:]}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _with_tuples(tree: Any) -> Any:
    """Positions written as [x, y, z]: useq wants tuples there and a file has only lists."""
    places = tree.get("stage_positions")
    if isinstance(places, list):
        tree["stage_positions"] = [tuple(at) if isinstance(at, list) else at for at in places]
        for place in places:
            if isinstance(place, dict) and isinstance(place.get("sequence"), dict):
                _with_tuples(place["sequence"])
    return tree


def _unknown(tree: Any, value: Any, at: Location) -> Iterator[Location]:
    """Keys of `tree` that became nothing: useq ignores what it does not know."""
    if isinstance(tree, list) and isinstance(value, useq.MultiPhaseTimePlan):
        value = value.phases
    if isinstance(tree, dict) and isinstance(value, BaseModel):
        for key, below in tree.items():
            if key not in type(value).model_fields:
                if key not in KNOWN_ALIASES:
                    yield (*at, key)
            else:
                yield from _unknown(below, getattr(value, key), (*at, key))
    elif isinstance(tree, list) and isinstance(value, list | tuple):
        for number, (below, part) in enumerate(zip(tree, value, strict=False)):
            yield from _unknown(below, part, (*at, number))


def _name_of(item: Any) -> str:
    return str(item.get("phase", "unnamed")) if isinstance(item, dict) else _shown(item)


def _shown(value: Any) -> str:
    """A value as a person wrote it, short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list | tuple):
        kind = "a mapping" if isinstance(value, dict) else "a list"
        return f"{kind} of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
