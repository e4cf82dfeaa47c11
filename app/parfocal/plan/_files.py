"""Read and write plans: `.parfocal.yaml`, `.parfocal.json`, and plain useq files."""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import useq
import yaml

from parfocal.plan._experiment import Experiment, Phase, PlanError
from parfocal.plan._parse import parse_plan
from parfocal.plan._yaml import LARGEST_BYTES, Document

__all__ = ["experiment_from_sequence", "plan_as_json", "read_plan", "write_plan"]

ENDINGS = (".yaml", ".yml", ".json")


def experiment_from_sequence(sequence: useq.MDASequence, name: str = "experiment") -> Experiment:
    """Wrap one useq sequence as an experiment of one phase."""
    return Experiment(name=name, items=(Phase(sequence=sequence),))


def read_plan(path: Path | str) -> Experiment:
    """Read a plan; a file that is none is refused with a sentence."""
    path = Path(path)
    document = Document(str(path), _text(path), is_json=path.suffix.lower() == ".json")
    return parse_plan(path, document)


def write_plan(experiment: Experiment, path: Path | str) -> None:
    """Write a plan as YAML or JSON by its ending, whole or not at all.

    `NAME.useq.yaml` and `NAME.useq.json` hold the useq sequence alone, for other programs.
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise PlanError(f"{path} must end in .parfocal.yaml or .parfocal.json")
    bare = Path(path.stem).suffix == ".useq"
    try:
        tree = _bare_sequence(experiment, path) if bare else plan_as_json(experiment)
        if path.suffix.lower() == ".json":
            text = json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        else:
            text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    except (TypeError, ValueError, yaml.YAMLError) as error:
        raise PlanError(
            f"{path} cannot be written: the plan holds a value that no file can keep ({error})"
        ) from error
    _replace(path, text)


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise PlanError(f"{path} is a folder, not a plan")
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise PlanError(f"{path} is no plan: it has {size / 2**20:.0f} MB")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"there is no plan at {path}") from None
    except UnicodeDecodeError:
        raise PlanError(f"{path} is no plan: it is not text") from None
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the name
        raise PlanError(f"{str(path)!r} is not the name of a file: {error}") from error


def plan_as_json(experiment: Experiment) -> dict[str, Any]:
    """The plan as plain values, in the shape of the file."""
    phase = experiment.items[0]
    item: dict[str, Any] = {"phase": phase.name, "sequence": _sequence_tree(phase.sequence)}
    if phase.metadata:
        item["metadata"] = phase.model_dump(mode="json")["metadata"]
    tree: dict[str, Any] = {
        "parfocal": experiment.parfocal,
        "name": experiment.name,
        "policy": experiment.policy,
    }
    if experiment.metadata:
        tree["metadata"] = experiment.model_dump(mode="json")["metadata"]
    return {**tree, "items": [item]}


def _sequence_tree(sequence: useq.MDASequence) -> dict[str, Any]:
    short = sequence.model_dump(mode="json", exclude_defaults=True)
    # a default that useq derives from another value (the shape of a well's random points) is lost
    # by leaving defaults out; then everything is written
    if useq.MDASequence.model_validate(json.loads(json.dumps(short))) == sequence:
        return short
    return sequence.model_dump(mode="json")


def _bare_sequence(experiment: Experiment, path: Path) -> dict[str, Any]:
    if experiment.metadata or experiment.items[0].metadata or experiment.policy != "catch-up":
        raise PlanError(
            f"{path} would lose the plan's policy and metadata, which a useq file cannot keep; "
            "save it as .parfocal.yaml"
        )
    return _sequence_tree(experiment.items[0].sequence)


def _replace(path: Path, text: str) -> None:
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise PlanError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise PlanError(f"{path} cannot be written: {error.strerror}") from error
