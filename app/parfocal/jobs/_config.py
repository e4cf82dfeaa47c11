"""Read what is to be done with the strips of one scan: one YAML file, checked line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from parfocal.convert import ConvertError, refuse_address
from parfocal.jobs._errors import JobError
from parfocal.jobs._identity import Naming, StripName, map_path
from parfocal.jobs._yaml_lines import Lines
from parfocal.store import Codec

__all__ = [
    "CLEANING",
    "LARGEST",
    "LOCAL",
    "Config",
    "Fault",
    "Thresholds",
    "Way",
    "faults_of",
    "is_scan_file",
    "read_config",
]

CLEANING = frozenset({"move", "trash", "delete"})
"""What takes the raw data away from where they lie."""
GB, MB = 1e9, 1e6
LOCAL = "local"
LARGEST = 1_000_000
"""Bytes that somebody may have written by hand; a larger file is something else."""

WANTED = {
    "project": "a name: letters, figures, spaces and . _ + -, with a letter or figure first",
    "info_file": "the name of a file in the strip's folder",
    "webhook": "an address that begins with https:// or http://",
    "email": "one mail address, as me@example.org",
}
"""What the patterns below ask for, in words."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _absolute(path: Path) -> Path:
    if not (path.is_absolute() or PureWindowsPath(path).is_absolute()):
        raise ValueError(f"{path} is no whole path, and a worker stands in another folder")
    return path


def _named(executor: str) -> str:
    if executor != LOCAL:
        try:
            refuse_address(executor)
        except ConvertError as problem:
            raise ValueError(f"{problem}; or say {LOCAL}") from problem
    return executor


Place = Annotated[Path, AfterValidator(_absolute)]


class Way(_Value):
    """One way on which people are told."""

    webhook: str | None = Field(default=None, pattern=r"^https?://[^\s]+$")
    format: Literal["json", "slack", "teams"] = "json"
    email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$")
    smtp: str = "localhost:25"
    sender: str = "parfocal@localhost"
    only: Literal["all", "needs me"] = "all"

    @model_validator(mode="after")
    def _is_one(self) -> "Way":
        if (self.webhook is None) is (self.email is None):
            raise ValueError("say either webhook or email")
        return self


class Thresholds(_Value):
    """Below which a product cannot be right, in decimal GB and MB."""

    store_gb: float = Field(default=1.0, ge=0)
    mip_mb: float = Field(default=1.0, ge=0)


class Config(_Value):
    """What is to be done with the strips of one scan."""

    project: str = Field(pattern=r"^[\w][\w .+-]*$", max_length=100)
    watch: tuple[Place, ...] = ()
    pattern: str = "Run<N>[_C2][_s]"
    slices: int | None = Field(default=None, ge=1)
    slice_offset: int = 0
    strips_per_slice: int = Field(default=100, ge=1)
    stable_seconds: float = Field(default=15.0, ge=0)
    minimum_strip_gb: float = Field(default=25.0, ge=0)
    info_file: str | None = Field(default=None, pattern=r"^[^/\\]+$")
    output: Place | None = None
    archive: Place | None = None
    bandwidth_mb_s: Positive | None = 500.0
    voxel_size_um: tuple[Positive, Positive, Positive] | None = None
    codec: Codec = "lz4"
    shard_mb: int | None = Field(default=None, ge=1, le=4096)
    workers: int = Field(default=2, ge=1, le=64)
    threads: int | None = Field(default=None, ge=1, le=256)
    cpu_affinity: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)] | None = (
        None
    )
    executor: Annotated[str, AfterValidator(_named)] = LOCAL
    mip: bool = True
    preview_window: tuple[float, float] | None = None
    preview_parts: int = Field(default=2, ge=1, le=64)
    thresholds: Thresholds = Thresholds()
    cleanup: Literal["keep", "move", "trash", "delete"] = "keep"
    trash_days: Positive = 30.0
    delete_consent: str | None = None
    external_archiver: bool = False
    path_map: dict[str, str] = {}
    notify: tuple[Way, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> "Config":
        if self.preview_window is not None and self.preview_window[0] >= self.preview_window[1]:
            low, high = self.preview_window
            raise ValueError(f"preview_window: {low:g} is not below {high:g}")
        if self.archive is None and self.output is None:
            raise ValueError("neither output nor archive is told, so there is nothing to do")
        if self.cleanup in CLEANING and self.archive is None:
            raise ValueError(
                f"cleanup: {self.cleanup} needs an archive: raw data go only when a copy was "
                "compared with them, hash by hash"
            )
        if self.external_archiver and self.archive is None:
            raise ValueError("external_archiver needs archive: where the other program copies to")
        if self.delete_consent is not None and self.delete_consent != f"delete {self.project}":
            raise ValueError(f"delete_consent must say 'delete {self.project}', or be left out")
        try:
            self.naming.refuse_senseless()
        except JobError as problem:
            raise ValueError(str(problem)) from problem
        self._refuse_places_within_each_other()
        return self

    @property
    def naming(self) -> Naming:
        """How the folders of strips are named."""
        return Naming(self.pattern, self.slice_offset, self.strips_per_slice)

    @property
    def minimum_bytes(self) -> int:
        """Below which a strip is taken for one that was not finished."""
        return round(self.minimum_strip_gb * GB)

    @property
    def shard_bytes(self) -> int | None:
        """Of pixels in a shard of the store; None for what conversion takes."""
        return None if self.shard_mb is None else round(self.shard_mb * MB)

    def local(self, path: str | Path) -> Path:
        """As this computer knows it."""
        return map_path(str(path), self.path_map)

    def name_of(self, folder: Path) -> StripName | None:
        """The strip that a folder is."""
        return self.naming.read(self.project, folder.name)

    def as_json(self) -> dict[str, Any]:
        """As the queue keeps it: a later change of the file changes no strip that is queued."""
        told: dict[str, Any] = self.model_dump(mode="json")
        return told

    def _refuse_places_within_each_other(self) -> None:
        told = {"output": self.output, "archive": self.archive}
        places = {name: self.local(place) for name, place in told.items() if place is not None}
        watched = [self.local(folder) for folder in self.watch]
        for name, place in (*places.items(), *(("watch", folder) for folder in watched)):
            if not place.is_absolute():
                raise ValueError(
                    f"{name}: {place} is of another computer, and path_map does not say where it "
                    "is on this one"
                )
        for name, product in places.items():
            for folder in watched:
                if product == folder or folder in product.parents:
                    raise ValueError(
                        f"{name}: {product} lies in the watched folder {folder}: what is made "
                        "would be taken for a strip"
                    )
        if len(set(places.values())) < len(places):
            raise ValueError("output and archive are the same folder")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a configuration: at which of its values, and in words that name it."""

    place: tuple[str | int, ...]
    words: str


def faults_of(told: Mapping[str, Any]) -> tuple[Fault, ...]:
    """All that is wrong with what a file says; rules about several values count when each makes
    sense alone."""
    try:
        Config.model_validate(dict(told))
    except ValidationError as problem:
        return tuple(_fault(error) for error in problem.errors(include_url=False))
    return ()


def read_config(path: Path) -> Config:
    """Read and check it; the message names the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is not text"
        raise JobError(f"{path} cannot be read: {why}") from problem
    lines = Lines(str(path), text)
    if not isinstance(lines.value, dict):
        raise JobError(f"{path} is no configuration: it holds no `key: value`")
    if faults := faults_of(lines.value):
        raise JobError(_sentence(path, lines, faults[0]))
    return Config.model_validate(lines.value)


def is_scan_file(path: Path) -> bool:
    """Whether a file is meant as such a configuration, right or wrong; it reads the disk."""
    try:
        text = path.read_text(encoding="utf-8-sig") if path.stat().st_size <= LARGEST else ""
        told = Lines(str(path), text).value
    except (OSError, UnicodeDecodeError, JobError):
        return False
    places = {"watch", "output", "archive"}
    return isinstance(told, dict) and "project" in told and not places.isdisjoint(told)


def _fault(error: Any) -> Fault:
    place = error["loc"]
    words = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        words = "there is no such setting"
    elif error["type"] == "missing":
        words = "it is missing"
    elif error["type"] == "string_pattern_mismatch":
        words = f"{error['input']!r} is not {WANTED[place[-1]]}"
    if place:
        return Fault(place, f"{'.'.join(str(part) for part in place)}: {words}")
    # a rule about several keys begins with the one that breaks it
    mentioned = words.replace(":", " ").split()
    return Fault(tuple(word for word in mentioned if word in Config.model_fields)[:1], words)


def _sentence(path: Path, lines: Lines, fault: Fault) -> str:
    line = lines.of(fault.place)
    where = f"{path}, line {line}" if line is not None else str(path)
    return f"{where}: {fault.words}"
