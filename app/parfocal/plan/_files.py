"""Read and write plans: `.parfocal.yaml`, `.parfocal.json`, and plain useq files."""

import contextlib
import json
import os
import tempfile
from pathlib import Path

import useq
import yaml

from parfocal._yaml_text import yaml_text
from parfocal.plan._errors import PlanError
from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Phase
from parfocal.plan._parse import parse_plan
from parfocal.plan._tree import bare_sequence, plan_as_json
from parfocal.plan._yaml import LARGEST_BYTES, Document

__all__ = ["experiment_from_sequence", "read_plan", "write_plan"]

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
        tree = bare_sequence(experiment, path) if bare else plan_as_json(experiment)
        if path.suffix.lower() == ".json":
            text = json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        else:
            text = yaml_text(tree)
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
