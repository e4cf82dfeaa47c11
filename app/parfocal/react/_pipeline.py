"""A pipeline as a frozen value: which parts with which parameters; in a plan or a file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from parfocal._yaml_text import yaml_text
from parfocal.react._errors import ReactError

__all__ = ["PartChoice", "Pipeline", "pipeline_from", "read_pipeline", "write_pipeline"]

VERSION = 1
KEY = "parfocal-pipeline"
ENDINGS = (".yaml", ".yml", ".json")
# beyond this it is some other file
LARGEST_BYTES = 2**20


class PartChoice(BaseModel):
    """One part by its name, with the parameters that are not as usual.

    Written as `otsu`, or as `{otsu: {smooth: 2}}`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    parameters: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"name": given}
        if isinstance(given, Mapping) and len(given) == 1 and "name" not in given:
            ((name, parameters),) = given.items()
            return {"name": name, "parameters": parameters or {}}
        return given

    @model_serializer
    def _shortened(self) -> str | dict[str, Any]:
        return {self.name: self.parameters} if self.parameters else self.name


class Pipeline(BaseModel):
    """From a picture to cells, tracks and light. What is left out is not done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: PartChoice | None = None
    measure: tuple[PartChoice, ...] = ()
    track: PartChoice | None = None
    stimulate: PartChoice | None = None
    channel: str | None = None
    """Which channel is segmented; the first imaging channel, unless another is named."""
    give_up: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """Seconds after which a picture whose pipeline has not come back is left behind."""

    @field_validator("measure", mode="before")
    @classmethod
    def _one_is_many(cls, given: Any) -> Any:
        return [given] if isinstance(given, str | Mapping) else given

    @model_validator(mode="after")
    def _cells_first(self) -> Self:
        if self.segment is None and (self.measure or self.track is not None):
            raise ValueError("cells are measured and tracked that nothing finds: say `segment`")
        return self

    def as_tree(self) -> dict[str, Any]:
        """The pipeline as plain values, in the shape of a file; what is as usual is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)


def pipeline_from(tree: Mapping[str, Any], where: str) -> Pipeline:
    """A pipeline out of plain values; `where` begins the sentence that refuses it."""
    try:
        return Pipeline.model_validate(dict(tree))
    except ValidationError as error:
        raise ReactError(f"{where} {in_words(error)}") from error


def read_pipeline(path: Path | str) -> Pipeline:
    """Read a pipeline's file, YAML or JSON; one that is none is refused with a sentence."""
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ReactError(f"{path} is no pipeline: it is larger than {LARGEST_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ReactError(f"there is no pipeline at {path}") from None
    except UnicodeDecodeError:
        raise ReactError(f"{path} is no pipeline: it is not text") from None
    except OSError as error:
        raise ReactError(f"{path} cannot be read: {error.strerror}") from error
    try:
        tree = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ReactError(f"{path} is no pipeline: {str(error).splitlines()[0]}") from error
    if not isinstance(tree, dict) or tree.pop(KEY, None) != VERSION:
        raise ReactError(f"{path} is no pipeline: it has to say `{KEY}: {VERSION}`")
    return pipeline_from(tree, f"{path}:")


def write_pipeline(pipeline: Pipeline, path: Path | str) -> None:
    """Write a pipeline as YAML or JSON, by the ending of its name."""
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ReactError(f"{path} must end in .yaml or .json")
    tree = {KEY: VERSION, **pipeline.as_tree()}
    if path.suffix.lower() == ".json":
        text = json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml_text(tree)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise ReactError(f"{path} cannot be written: {error.strerror}") from error


def in_words(error: ValidationError) -> str:
    """The first thing that is wrong: which key, which value, why."""
    fault = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in fault["loc"])
    why = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        return f"there is no key {key!r}"
    if fault["type"] == "missing":
        return f"the key {key!r} is missing"
    return f"{key} = {fault['input']!r} is not right: {why[:1].lower()}{why[1:]}" if key else why
