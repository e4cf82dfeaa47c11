"""Opening a microscope: name a profile, get a `Microscope` that leaves cleanly."""

from parfocal.scope._errors import MicroscopeError
from parfocal.scope._microscope import Microscope

__all__ = ["DEMO_CAMERA_SHAPE", "open_microscope"]

DEMO_CAMERA_SHAPE = (512, 512)


def open_microscope(
    profile: str | None = None, *, camera_size: tuple[int, int] | None = None
) -> Microscope:
    """Open the microscope of `profile`; none is the demo with its living sample."""
    raise MicroscopeError(f"{profile or 'demo'} cannot be opened yet ({camera_size}).")
