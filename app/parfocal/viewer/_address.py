"""Tell another process where a ring lies."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from parfocal.viewer._errors import ViewerError


@dataclass(frozen=True, slots=True)
class RingAddress:
    """Where a ring lies and how to know that it is still the same one."""

    path: str
    token: str

    def as_json(self) -> dict[str, str]:
        """Return the address as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "RingAddress":
        """Read an address that `as_json` made."""
        path, token = value.get("path"), value.get("token")
        if not isinstance(path, str) or not isinstance(token, str):
            raise ViewerError(f"{value!r} is not the address of a live stream")
        return cls(path, token)
