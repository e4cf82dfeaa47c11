"""Say in a store what was done to it: with which tools and parameters, from what, to what."""

import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any, TypeAlias

import numpy as np

from parfocal.store._component import normal
from parfocal.store._errors import StoreError
from parfocal.store._layout import PROVENANCE, whole_path
from parfocal.store._metadata import timestamp
from parfocal.store._provenance_chain import EDITED, append, canonical, read_chain
from parfocal.store._provenance_identity import content_identity
from parfocal.store._results_place import named_place
from parfocal.store._store_lock import changing

TOOLS = ("parfocal", "numpy", "tensorstore", "zarr")


@dataclass(frozen=True, slots=True)
class Content:
    """Something that was read or made: its path in the store (or outside), and its identity.

    An identity is what `content_identity` gives; it is empty where nobody has named the content.
    """

    path: str
    identity: str = ""


@dataclass(frozen=True, slots=True)
class ProvenanceRecord:
    """One thing that was done to a store."""

    number: int
    action: str
    at: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    code_version: str = ""
    inputs: tuple[Content, ...] = ()
    outputs: tuple[Content, ...] = ()
    run: str | None = None
    tools: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""


Part: TypeAlias = str | Content


def record_provenance(
    store: Path | str,
    action: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    code_version: str = "",
    inputs: Iterable[Part] = (),
    outputs: Iterable[Part] = (),
    run: str | None = None,
    tools: Mapping[str, str] | None = None,
) -> ProvenanceRecord:
    """Append one record to the history of the store.

    `inputs` and `outputs` are paths inside the store, whose content is named now, from its
    checksums; or a `Content` that says its identity itself (what lies outside has none).
    `tools` adds to the versions of Python, of Parfocal and of what it stands on.
    """
    root = whole_path(store)
    return record_in(
        root,
        action,
        parameters=parameters,
        code_version=code_version,
        inputs=named(root, inputs),
        outputs=named(root, outputs),
        run=run,
        tools=tools,
    )


def record_in(
    root: Path,
    action: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    code_version: str = "",
    inputs: Iterable[Content] = (),
    outputs: Iterable[Content] = (),
    run: str | None = None,
    tools: Mapping[str, str] | None = None,
) -> ProvenanceRecord:
    """The same for what has been named already."""
    content: dict[str, Any] = {
        "action": action,
        "at": timestamp(),
        "tools": {**_tools(), **(tools or {})},
        "parameters": plain(parameters or {}),
        "code_version": code_version,
        "inputs": [_as_json(one) for one in inputs],
        "outputs": [_as_json(one) for one in outputs],
    }
    if run is not None:
        content["run"] = run
    with changing(root):
        return _record(append(root, content))


def read_provenance(store: Path | str) -> tuple[ProvenanceRecord, ...]:
    """What was done to the store, the oldest first; a StoreError when somebody edited it.

    A last record that a kill has torn is left out: nobody was told that it was written.
    """
    root = whole_path(store)
    chain = read_chain(root)
    if chain.problem:
        raise StoreError(f"{root / PROVENANCE}: {chain.problem}; {EDITED}")
    return tuple(_record(each) for each in chain.records)


def named(
    root: Path, parts: Iterable[Part], *, touched_since: float | None = None
) -> tuple[Content, ...]:
    """Each part with the identity of its content, and under a path that stays true.

    Checksums are believed, but not in files that were touched since that time.
    """
    found = []
    for part in parts:
        if isinstance(part, Content):
            found.append(part)
        else:
            path = normal(part)
            identity = content_identity(root, path, quick=True, touched_since=touched_since)
            found.append(Content(named_place(root, path), identity))
    return tuple(found)


def plain(value: Any) -> Any:
    """Parameters as JSON knows them, so that equal ones are equal when read back."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(entry) for entry in value), key=canonical)
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        # JSON has no nan and no inf
        return value if np.isfinite(value) else str(value)
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise StoreError(f"the parameter {value!r} is of type {type(value).__name__}, not plain data")


@cache
def _tools() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": f"{platform.system()} {os.name}"}
    for name in TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # a frozen program may bring a package without its metadata
    return found


def _as_json(content: Content) -> dict[str, str]:
    return {"path": content.path, "identity": content.identity}


def _record(each: Mapping[str, Any]) -> ProvenanceRecord:
    try:
        return ProvenanceRecord(
            number=each["record"],
            action=each["action"],
            at=each["at"],
            parameters=each["parameters"],
            code_version=each["code_version"],
            inputs=tuple(Content(**one) for one in each["inputs"]),
            outputs=tuple(Content(**one) for one in each["outputs"]),
            run=each.get("run"),
            tools=each["tools"],
            sha256=each["sha256"],
        )
    except (KeyError, TypeError) as problem:
        raise StoreError(f"record {each.get('record')} of the provenance is no record") from problem
