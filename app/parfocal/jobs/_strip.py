"""Say what the chain of one strip is: its stages, what each needs, and where its products lie."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parfocal.jobs._config import CLEANING, Config
from parfocal.jobs._database import Row
from parfocal.jobs._errors import JobError
from parfocal.jobs._identity import StripName
from parfocal.jobs._job import Lane

__all__ = ["Stage", "Strip", "config_of", "stages_of"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: what it strains, and what must be done before it."""

    kind: str
    lane: Lane
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip as the queue knows it."""

    name: StripName
    raw: Path
    raw_identity: str
    config: Config
    generation: int

    @classmethod
    def of(cls, row: Row) -> "Strip":
        """As the queue holds it."""
        name = StripName(row["project"], row["slice"], row["channel"], row["strip"])
        config = config_of(row)
        return cls(name, Path(row["raw"]), row["raw_identity"], config, row["generation"])

    @property
    def backup(self) -> Path | None:
        """Where the archived copy lies."""
        root = self.config.archive
        return None if root is None else self.config.local(root) / self.name.place

    @property
    def store(self) -> Path | None:
        """Where the compressed store lies."""
        return self._product(".ome.zarr")

    @property
    def mip(self) -> Path | None:
        """Where its maximum projection lies."""
        return self._product(".mip.tif") if self.config.mip else None

    def preview(self, number: int) -> Path | None:
        """Where a part of its preview lies."""
        return self._product(f".preview-{number}.jpg")

    def _product(self, ending: str) -> Path | None:
        root = self.config.output
        if root is None:
            return None
        place = self.config.local(root) / self.name.place
        return place.with_name(place.name + ending)


def config_of(row: Row) -> Config:
    """What the queue holds of the configuration of a strip; an older version may have had another
    idea of it."""
    try:
        return Config.model_validate(json.loads(row["config"]))
    except ValueError as problem:  # also pydantic's
        first = str(problem).partition("\n")[0]
        raise JobError(
            f"the queue holds no good configuration of {row['id']} ({first}); force the strip, "
            "with a file that is good"
        ) from problem


def stages_of(config: Config) -> Iterator[Stage]:
    """The stages that a configuration asks for, in their order."""
    yield Stage("settle", Lane.LIGHT, ())
    yield Stage("inspect", Lane.LIGHT, ("settle",))
    last = []
    if config.archive is not None:
        if not config.external_archiver:
            yield Stage("archive", Lane.COPY, ("inspect",))
        before = "inspect" if config.external_archiver else "archive"
        yield Stage("verify_archive", Lane.COPY, (before,))
        last.append("verify_archive")
    if config.output is not None:
        yield Stage("compress", Lane.WORK, ("inspect",))
        yield Stage("verify_store", Lane.WORK, ("compress",))
        last.append("verify_store")
        if config.mip:
            yield Stage("preview", Lane.WORK, ("verify_store",))
            last.append("preview")
    yield Stage("report", Lane.LIGHT, tuple(last))
    if config.cleanup in CLEANING:
        yield Stage("cleanup", Lane.LIGHT, ("report",))
