"""What is known of one machine's microscope: a `Profile`, and its file, checked value by value.

A profile belongs to the machine; what a person likes (folders, theme) is kept elsewhere.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from parfocal._yaml_text import yaml_text
from parfocal.scope._errors import MicroscopeError
from parfocal.scope._limits import Limits

__all__ = ["CameraSettings", "Hooks", "Profile", "Region", "profile_from_text", "profile_text"]

VERSION = 1
# beyond this it is some other file
LARGEST_BYTES = 2**20
ENTRY = r"[\w.]+:\w+"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Region(NamedTuple):
    """The part of the chip that is read, in pixels as the camera counts them."""

    x: int
    y: int
    width: int
    height: int


class CameraSettings(Frozen):
    """One camera, and how it is set when the microscope is opened."""

    device: str
    region: Region | None = None
    binning: Annotated[int, Field(ge=1)] | None = None
    exposure_ms: Annotated[float, Field(gt=0)] | None = None
    frame_number: str | None = None
    """The tag in which this camera numbers its own frames, if it has one: "PVCAM-FrameNr"."""
    first_frame_number: int = 0


Entry = Annotated[str, Field(pattern=ENTRY)]


class Hooks(Frozen):
    """Functions "module:name" that are called with the microscope: for keep-alive threads."""

    opened: tuple[Entry, ...] = ()
    run_starts: tuple[Entry, ...] = ()
    run_ended: tuple[Entry, ...] = ()
    closing: tuple[Entry, ...] = ()


def _a_name(value: str) -> str:
    if not value.strip() or value != value.strip() or set(value) & set('/\\:*?"<>|\n\0'):
        raise ValueError('a name is a word or several, without / \\ : * ? " < > |')
    if value.startswith(".") or len(value.encode()) > 100:
        raise ValueError("a name has at most 100 characters and begins with no dot")
    return value


class Profile(Frozen):
    """One microscope of this machine. `name` is also the name of its file."""

    name: Annotated[str, AfterValidator(_a_name)]
    configuration: Path | None = None
    """Micro-Manager's configuration file; None: no hardware."""
    adapters: Path | None = None
    """The folder with the device adapters; None: where Micro-Manager is found."""
    cameras: tuple[CameraSettings, ...] = ()
    """The first one is chosen, whatever the configuration says."""
    limits: Limits = Limits()
    projector: Path | None = None
    """The file of the projector's calibration; None: `projectors/NAME.yaml` beside the profiles."""
    hooks: Hooks = Hooks()
    deadline_s: Annotated[float, Field(gt=0, le=3600)] = 30.0
    """How long a device may take to answer, beyond an exposure."""
    remarks: str = ""

    def camera(self, device: str) -> CameraSettings | None:
        """What the profile says about a camera."""
        return next((camera for camera in self.cameras if camera.device == device), None)


class _File(Profile):
    parfocal_microscope: Literal[1] = Field(alias="parfocal-microscope")


def profile_text(profile: Profile) -> str:
    """The profile as the text of its file, with what is not said left out."""
    values = profile.model_dump(mode="json", exclude_defaults=True)
    return yaml_text({"parfocal-microscope": VERSION, **values})


def profile_from_text(text: str, path: Path) -> Profile:
    """Read a profile's file; relative paths in it are beside the file."""
    if len(text) > LARGEST_BYTES:
        raise MicroscopeError(f"{path} is no microscope profile: it has {len(text)} characters.")
    try:
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}," if error.problem_mark else ""
        raise MicroscopeError(f"{path}{line} is not YAML: {error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MicroscopeError(f"{path} is not YAML: {str(error).splitlines()[0]}.") from error
    if not isinstance(values, Mapping) or "parfocal-microscope" not in values:
        raise MicroscopeError(
            f"{path} is no microscope profile: it must begin with `parfocal-microscope: {VERSION}`."
        )
    if (version := values["parfocal-microscope"]) != VERSION:
        raise MicroscopeError(
            f"{path} says parfocal-microscope = {version!r}, and this program reads {VERSION}; "
            "open it with the version of Parfocal that wrote it."
        )
    try:
        read = _File.model_validate({"name": path.stem, **values})
    except ValidationError as error:
        raise MicroscopeError(f"{path}: {_first(error)}") from error
    if read.name != path.stem:
        raise MicroscopeError(
            f"{path} says name = {read.name!r}; name the file {read.name}.yaml, or change the name."
        )
    said = read.model_dump(exclude={"parfocal_microscope"})
    for key in ("configuration", "adapters", "projector"):
        if said[key] is not None:
            said[key] = path.parent / said[key].expanduser()
    return Profile.model_validate(said)


def _first(error: ValidationError) -> str:
    """The first thing that is wrong: which key, which value, why."""
    fault = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"there is no key {key!r} in a profile; look at docs/microscopes.md for those."
    if fault["type"] == "missing":
        return f"the key {key!r} is missing."
    value: Any = fault["input"]
    return f"{key} = {value!r} is not right: {fault['msg'].removeprefix('Value error, ')}."
