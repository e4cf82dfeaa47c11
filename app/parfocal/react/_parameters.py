"""Read from a part's types what its parameters are, so that a form can be made of them."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from parfocal.react._catalogue import Catalogue
from parfocal.react._errors import Failing, ReactError
from parfocal.react._protocols import Kind

__all__ = ["Parameter", "PartFacts", "facts_of"]

Form: TypeAlias = Literal[
    "whole", "figure", "tick", "choice", "text", "channel", "channels", "other"
]
"""What a person does to give it: type a whole number or a figure, tick, choose a word, write,
choose one or several channels of the plan. `other` is anything else, as YAML writes it."""

FORMS: Mapping[str, Form] = {
    "integer": "whole",
    "number": "figure",
    "boolean": "tick",
    "string": "text",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `low` and `high` are its bounds, which it may only come near to where they
    are `open`; with `may_be_none` it may be left to the part."""

    name: str
    form: Form
    default: Any = None
    required: bool = False
    may_be_none: bool = False
    low: float | None = None
    high: float | None = None
    low_is_open: bool = False
    high_is_open: bool = False
    choices: tuple[Any, ...] = ()
    unit: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What a person has to know of a part to use it. `fault` says why it cannot be used."""

    kind: Kind
    name: str
    words: str = ""
    parameters: tuple[Parameter, ...] = ()
    needs: str = ""
    """Of a stimulator: what it is given."""
    requires: tuple[str, ...] = ()
    """What the metadata of the phase have to say."""
    fault: str = ""


def facts_of(kind: Kind, name: str, catalogue: Catalogue) -> PartFacts:
    """Load a part and look at it. One that cannot be used has a `fault` and nothing else."""
    failed: list[Exception] = []
    with Failing(failed.append):  # the code of others is imported, which may raise anything
        part = catalogue.part(kind, name)
        words, parameters = _described(part)
        requires = getattr(part, "requires", ())
        return PartFacts(
            kind,
            name,
            words,
            parameters,
            needs=str(getattr(part, "needs", "")) if kind == "stimulate" else "",
            requires=(requires,) if isinstance(requires, str) else tuple(requires),
        )
    error = failed[0]
    said = str(error) if isinstance(error, ReactError) else f"{type(error).__name__}: {error}"
    return PartFacts(kind, name, fault=said)


class _Schema(GenerateJsonSchema):
    """A type that JSON has no word for is a parameter all the same."""

    def handle_invalid_for_json_schema(self, *_what: Any, **_named: Any) -> dict[str, Any]:
        return {}


def _described(part: type[Any]) -> tuple[str, tuple[Parameter, ...]]:
    """What the part says of itself, and its parameters; a plain class has none."""
    words = " ".join((part.__doc__ or "").partition("\n\n")[0].split())
    is_dataclass = dataclasses.is_dataclass(part)
    if is_dataclass and words.startswith(f"{part.__name__}("):
        words = ""  # what Python itself writes where nobody wrote anything
    if not is_dataclass and not issubclass(part, BaseModel):
        return words, ()
    tree = TypeAdapter(part).json_schema(schema_generator=_Schema)
    known = tree.get("$defs", {})
    required = tree.get("required", ())
    properties = tree.get("properties", {})
    return words, tuple(
        _parameter(name, _resolved(one, known), required=name in required)
        for name, one in properties.items()
    )


def _resolved(tree: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What a reference stands for, with what is said beside it."""
    name = str(tree.get("$ref", "")).rpartition("/")[2]
    return {**known.get(name, {}), **tree} if name else tree


def _parameter(name: str, tree: dict[str, Any], *, required: bool) -> Parameter:
    default, words = tree.get("default"), " ".join(str(tree.get("description", "")).split())
    unit = str(tree.get("unit", ""))
    ways = tree.get("anyOf", [tree])
    left_out = [way for way in ways if way.get("type") != "null"]
    may_be_none = len(left_out) < len(ways)
    one = left_out[0] if len(left_out) == 1 else {}
    choices = tuple(one.get("enum", (one["const"],) if "const" in one else ()))
    form = _form(name, one, choices)
    low, high = one.get("minimum"), one.get("maximum")
    low_open, high_open = one.get("exclusiveMinimum"), one.get("exclusiveMaximum")
    return Parameter(
        name,
        form,
        default,
        required,
        may_be_none,
        low if low_open is None else low_open,
        high if high_open is None else high_open,
        low_is_open=low_open is not None,
        high_is_open=high_open is not None,
        choices=choices,
        unit=unit,
        words=words,
    )


def _form(name: str, tree: dict[str, Any], choices: tuple[Any, ...]) -> Form:
    """By its type; a text that is called `channel` is one of the plan's."""
    if choices:
        return "choice"
    form = FORMS.get(str(tree.get("type")), "other")
    if form == "text" and name == "channel":
        return "channel"
    listed = tree.get("type") == "array" and tree.get("items", {}).get("type") == "string"
    return "channels" if listed and name == "channels" else form
