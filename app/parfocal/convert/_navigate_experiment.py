"""Read what Navigate writes beside its data: `experiment.yml` and `multi_positions.yml`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

import yaml

from parfocal.convert._description import Zyx
from parfocal.convert._errors import ConvertError
from parfocal.convert._stage_rows import read_stage_rows
from parfocal.store import navigate_spacing

__all__ = ["DATA_FOLDER", "NAMES", "NavigateExperiment", "read_experiment"]

NAMES = ("experiment.yml", "experiment.yaml")
POSITIONS = "multi_positions.yml"
MOST = 2**20
DATA_FOLDER = "data_folder"
"""Where a person says that the data are."""


@dataclass(frozen=True, slots=True)
class NavigateExperiment:
    """An experiment as Navigate recorded it."""

    file: Path
    told: Mapping[str, Any]
    named: Path | None = None
    """Where a person says that its data are."""

    @property
    def state(self) -> Mapping[str, Any]:
        """How the microscope was set."""
        return _mapping(self.told.get("MicroscopeState"))

    @property
    def file_type(self) -> str:
        """What kind of files it saved."""
        return str(_mapping(self.told.get("Saving")).get("file_type") or "")

    @property
    def channels(self) -> tuple[str, ...]:
        """The lasers of the channels that were selected, in order."""
        channels = _mapping(self.state.get("channels"))
        chosen = [
            str(_mapping(channels[name]).get("laser") or name)
            for name in sorted(channels, key=_natural)
            if _is_true(_mapping(channels[name]).get("is_selected", True))
        ]
        return tuple(chosen)

    @property
    def timepoints(self) -> int:
        """How many were planned."""
        return max(1, _count(self.state.get("timepoints")))

    @property
    def planes(self) -> int:
        """Of a stack; 0 where it does not say."""
        return _count(self.state.get("number_z_steps"))

    @property
    def is_multiposition(self) -> bool:
        """Whether the list of positions was used."""
        return _is_true(self.state.get("is_multiposition"))

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where its data may be: where they were saved, then beside this file."""
        beside = self.file.parent
        if self.named is not None:
            return (self.named, beside)
        saved = self.saved_in
        if not saved or not Path(saved).is_absolute() or not Path(saved).is_dir():
            return (beside,)
        return tuple(dict.fromkeys((Path(saved), beside)))

    @property
    def saved_in(self) -> str:
        """The folder that it names, as text: it may be of another computer."""
        saving = _mapping(self.told.get("Saving"))
        return str(saving.get("save_directory") or saving.get("root_directory") or "").strip()

    @property
    def was_moved(self) -> bool:
        """Whether it names a folder that is neither here nor of this one's name."""
        if (
            self.named is not None
            or not self.saved_in
            or len(self.folders) > 1
            or self.folders[0] == Path(self.saved_in)
        ):
            return False
        # Windows and UNC paths: case does not count there, and both slashes do
        named = PureWindowsPath(self.saved_in).name.casefold()
        return named != self.file.parent.resolve().name.casefold()

    def voxel(self) -> tuple[Zyx, tuple[str, ...]] | None:
        """z, y, x in µm, and the axes of which nobody said it."""
        found = navigate_spacing(self.told)
        if found is None:
            return None
        unknown = () if found.z is not None or self.planes > 1 else ("z",)
        return (found.z or 1.0, found.y, found.x), unknown

    def rows(self) -> list[Mapping[str, float]]:
        """Where the stage was to stand for each position; none if the list was not used."""
        if not self.is_multiposition:
            return []
        for folder in self.folders:
            if (folder / POSITIONS).is_file():
                found = read_stage_rows(_read(folder / POSITIONS))
                if found:
                    return found
        return read_stage_rows(self.told.get("MultiPositions"))


def read_experiment(file: Path, data: Path | str | None = None) -> NavigateExperiment:
    """The experiment in a file; a ConvertError says what it lacks."""
    named = None if data is None else Path(data).absolute()
    if named is not None and not named.is_dir():
        raise ConvertError(f"there is no folder {named} with the data of {file}")
    told = _read(file)
    if not isinstance(told, Mapping) or "MicroscopeState" not in told:
        raise ConvertError(f"{file} is no experiment of Navigate: it has no MicroscopeState")
    return NavigateExperiment(file, told, named)


def _read(file: Path) -> Any:
    """JSON text or YAML: Navigate writes the one into files of the other's name."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConvertError(f"{file} cannot be read: {problem}") from problem
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        first = str(problem).splitlines()[0]
        raise ConvertError(f"{file} is neither JSON nor YAML: {first}") from problem


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_true(value: Any) -> bool:
    return value.strip().lower() in ("true", "1", "yes") if isinstance(value, str) else bool(value)


def _count(value: Any) -> int:
    """A number of planes or timepoints; 0 for what can be none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 1 <= value <= MOST else 0


def _natural(name: str) -> tuple[int, str]:
    digits = "".join(sign for sign in name if sign.isdecimal())
    return int(digits or 0), name
