"""The profiles of this machine: list, read, write and delete them here.

They lie in the machine's configuration folder, or in the user's where that one cannot be written.
`PARFOCAL_PROFILES` names another folder, and then it is the only one.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import platformdirs

from parfocal.scope._errors import MicroscopeError
from parfocal.scope._limits import Limits, PowerLimit, Range
from parfocal.scope._profile import Profile, profile_from_text, profile_text

__all__ = [
    "BUILT_IN",
    "calibration_places",
    "delete_profile",
    "profile_folders",
    "profiles",
    "read_profile",
    "write_profile",
]

ENDING = ".yaml"
FOLDER_VARIABLE = "PARFOCAL_PROFILES"
BUILT_IN = {
    "demo": Profile(
        name="demo",
        limits=Limits(power=(PowerLimit(device="Light", property="Power", range=Range(0, 100)),)),
        remarks="Micro-Manager's demo devices around a camera that looks at a living sample.",
    ),
    "demo-camera": Profile(
        name="demo-camera",
        remarks="Micro-Manager's demo devices as they are; z stacks run as hardware sequences.",
    ),
    "safe": Profile(
        name="safe",
        remarks="No hardware at all: for designing experiments and for looking at stores.",
    ),
}
"""The profiles that every machine has; they cannot be changed."""


def profile_folders(folder: Path | None = None) -> tuple[Path, ...]:
    """Where profiles are looked for, the machine's own place first."""
    if folder is not None:
        return (folder,)
    if named := os.environ.get(FOLDER_VARIABLE):
        return (Path(named).expanduser(),)
    return (
        Path(platformdirs.site_config_dir("parfocal", appauthor=False)) / "microscopes",
        Path(platformdirs.user_config_dir("parfocal", appauthor=False)) / "microscopes",
    )


def calibration_places(profile: Profile, folder: Path | None = None) -> tuple[Path, ...]:
    """Where the calibration of a profile's projector may lie, the first choice first."""
    if profile.projector is not None:
        return (profile.projector,)
    beside = Path("projectors") / (profile.name + ENDING)
    return tuple(place / beside for place in profile_folders(folder))


def profiles(folder: Path | None = None) -> tuple[str, ...]:
    """The names of all profiles, the built-in ones first. Their files are not read."""
    return (*BUILT_IN, *sorted({path.stem for path in _files(folder)} - set(BUILT_IN)))


def read_profile(name: str, folder: Path | None = None) -> Profile:
    """One profile; a file that is wrong is refused with its path, the key and the value."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    path = _find(name, folder)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise MicroscopeError(f"{path} is not text in UTF-8.") from error
    except OSError as error:
        raise MicroscopeError(f"{path} cannot be read: {error.strerror}.") from error
    return profile_from_text(text, path)


def write_profile(profile: Profile, folder: Path | None = None) -> Path:
    """Write a profile in one step: a reader finds the old file or the new one, no half of it."""
    if profile.name in BUILT_IN:
        raise MicroscopeError(
            f"The profile {profile.name!r} is built in and cannot be changed; choose another name."
        )
    there = [path for path in _files(folder) if path.stem == profile.name]
    candidates = [there[0].parent] if there else list(profile_folders(folder))
    trouble: OSError | None = None
    for place in candidates:
        try:
            place.mkdir(parents=True, exist_ok=True)
            return _replace(place / (profile.name + ENDING), profile_text(profile))
        except OSError as error:
            trouble = error
    assert trouble is not None
    raise MicroscopeError(
        f"The profile {profile.name!r} could not be written to {candidates[-1]}: "
        f"{trouble.strerror}; choose a folder that can be written with {FOLDER_VARIABLE}."
    ) from trouble


def delete_profile(name: str, folder: Path | None = None) -> None:
    """Remove a profile's file."""
    if name in BUILT_IN:
        raise MicroscopeError(f"The profile {name!r} is built in and cannot be deleted.")
    path = _find(name, folder)
    try:
        path.unlink()
    except OSError as error:
        raise MicroscopeError(f"{path} could not be deleted: {error.strerror}.") from error


def _files(folder: Path | None) -> Iterator[Path]:
    for place in profile_folders(folder):
        with suppress(OSError):  # a folder that is not there, or not for this user, has none
            yield from sorted(place.glob("*" + ENDING))


def _find(name: str, folder: Path | None) -> Path:
    for path in _files(folder):
        if path.stem == name:
            return path
    raise MicroscopeError(
        f"There is no microscope {name!r}; there are {', '.join(profiles(folder))}, and the path "
        "of any Micro-Manager configuration (.cfg)."
    )


def _replace(path: Path, text: str) -> Path:
    handle, beside = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # mkstemp's are for the owner alone, and a machine's profile is for all who work on it
        Path(beside).chmod(0o644)
        return Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
