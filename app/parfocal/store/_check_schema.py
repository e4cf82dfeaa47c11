"""Judge an NGFF attributes document by JSON schema: what must be there, and what should be."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from parfocal.store._check_document import broken_rules

Kind: TypeAlias = Literal["image", "label", "plate", "well", "labels", "series", "collection"]
SCHEMAS = ("objects", "0.4", "0.5")
VERSIONS = ("0.4", "0.5")
STRICT_KINDS = ("image", "label", "plate", "well")
KEYS: dict[str, Kind] = {
    "multiscales": "image",
    "image-label": "label",
    "plate": "plate",
    "well": "well",
    "labels": "labels",
    "series": "series",
    "bioformats2raw.layout": "collection",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in an attributes document; a recommendation when it only should be so."""

    where: str
    rule: str
    message: str
    recommended: bool = False


def kinds_of(ome: Mapping[str, Any]) -> list[Kind]:
    """What a document says that its group is; a label image is an image too."""
    return [kind for key, kind in KEYS.items() if key in ome]


def judge_document(
    attributes: Mapping[str, Any], version: str, kind: Kind, *, strict: bool = False
) -> list[Fault]:
    """What is wrong with the attributes of a group of this kind, its arrays left aside.

    `strict` adds what the specification recommends, which is no fault of a valid document.
    """
    faults = [Fault(where, "schema", text) for where, text in _errors(version, kind, attributes)]
    if not faults:
        ome = attributes["ome"] if version == "0.5" else attributes
        faults += [Fault(*said) for said in broken_rules(ome, version, kind)]
        if strict and kind in STRICT_KINDS:
            wanted = _errors(version, f"strict_{kind}", attributes)
            for where, text in wanted:
                said = text.replace("is a required property", "is recommended")
                faults.append(Fault(where, "recommended", said, True))
    return faults


def _errors(version: str, name: str, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for error in _validator(version, name).iter_errors(document):
        yield error.json_path.removeprefix("$").lstrip("."), str(error.message)[:300]


@cache
def _validator(version: str, name: str) -> Any:
    # here and not above: it costs 0.1 s, and recording never needs it
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry, Resource

    folder = files("parfocal.store") / "schemas"
    contents = [json.loads((folder / f"{schema}.json").read_text("utf-8")) for schema in SCHEMAS]
    registry = Resource.from_contents(contents[0]) @ Registry()
    for schema in contents[1:]:
        registry = Resource.from_contents(schema) @ registry
    # theirs compares every pair, which takes minutes for the colours of 10,000 labels
    kind = validators.extend(Draft202012Validator, {"uniqueItems": _unique})
    return kind({"$ref": f"urn:parfocal:ngff:{version}#/$defs/{name}"}, registry=registry)


def _unique(_validator: Any, wanted: bool, values: Any, _schema: Any) -> Iterator[Exception]:
    from jsonschema.exceptions import ValidationError

    if wanted and isinstance(values, list):
        seen: set[str] = set()
        for value in values:
            text = json.dumps(value, sort_keys=True)
            if text in seen:
                yield ValidationError(f"{text[:200]} stands there twice")
                return
            seen.add(text)
