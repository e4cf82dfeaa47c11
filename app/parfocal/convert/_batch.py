"""Write down a batch of conversions in a folder of its own, so that any process can go on with it.

`batch.json` says what is to be done and never changes; `progress.json` is what its one worker says
of it, `control.json` what people want of the worker; both are exchanged whole.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs

from parfocal.convert._errors import ConvertError
from parfocal.convert._source import Wishes
from parfocal.store import StageAxisMap, StoreError, read_json, write_json

__all__ = ["Batch", "BatchItem", "ConversionAction", "batches_folder"]

FORMAT = 1
ConversionAction = Literal["ingest", "migrate"]


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One source, what it becomes, and how."""

    source: Path
    destination: Path
    action: ConversionAction
    wishes: Wishes = field(default_factory=Wishes)
    overwrite: bool = False
    expected_bytes: int = 0
    """Of decoded pixels, as far as somebody looked."""

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        wishes = asdict(self.wishes)
        axes = self.wishes.stage_axes
        wishes["stage_axes"] = None if axes is None else str(axes)
        options = wishes["options"]
        if "data_folder" in options:
            options["data_folder"] = str(options["data_folder"])
        return {
            "source": str(self.source),
            "destination": str(self.destination),
            "action": self.action,
            "wishes": wishes,
            "overwrite": self.overwrite,
            "expected_bytes": self.expected_bytes,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "BatchItem":
        """Read what `as_json` made."""
        wishes = dict(value["wishes"])
        voxel = wishes["voxel_um"]
        wishes["voxel_um"] = None if voxel is None else _three(voxel)
        axes = wishes["stage_axes"]
        wishes["stage_axes"] = None if axes is None else StageAxisMap.parse(axes)
        options = dict(wishes["options"])
        if "positions" in options:
            options["positions"] = {
                name: _three(place) for name, place in options["positions"].items()
            }
        if "leave_out" in options:
            options["leave_out"] = tuple(options["leave_out"])
        if value["action"] not in get_args(ConversionAction):
            raise ValueError(f"{value['action']!r} is no action")
        return cls(
            Path(value["source"]),
            Path(value["destination"]),
            value["action"],
            Wishes(**{**wishes, "options": options}),
            bool(value["overwrite"]),
            int(value["expected_bytes"]),
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was written down."""

    folder: Path
    items: tuple[BatchItem, ...]
    made_utc: str

    @classmethod
    def create(cls, items: Sequence[BatchItem]) -> "Batch":
        """Write a new one down; nothing is converted yet."""
        if not items:
            raise ConvertError("there is nothing to convert: every item is left out")
        now = datetime.now(UTC)
        name = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        made = cls(batches_folder() / name, tuple(items), now.isoformat(timespec="seconds"))
        told = {
            "format": FORMAT,
            "made_utc": made.made_utc,
            "items": [item.as_json() for item in made.items],
        }
        try:
            write_json(made.folder / "batch.json", told)
        except OSError as problem:
            raise ConvertError(f"{made.folder} cannot be written: {problem.strerror}") from problem
        return made

    @classmethod
    def read(cls, folder: Path) -> "Batch":
        """One that was written down; a ConvertError when it is none."""
        try:
            told = read_json(folder / "batch.json")
            if told["format"] != FORMAT:
                raise ValueError(f"it is of version {told['format']!r}")
            items = tuple(BatchItem.from_json(item) for item in told["items"])
            return cls(folder, items, str(told["made_utc"]))
        except (StoreError, AttributeError, KeyError, TypeError, ValueError) as problem:
            raise ConvertError(f"{folder} holds no batch of conversions: {problem}") from problem


def batches_folder() -> Path:
    """Where they lie, a folder each."""
    return Path(platformdirs.user_state_dir("parfocal", appauthor=False)) / "conversions"


def _three(value: Any) -> tuple[float, float, float]:
    z, y, x = (float(one) for one in value)
    return z, y, x
