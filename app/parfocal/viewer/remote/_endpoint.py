"""Read `HOST:PORT` as a person types it, and keep where a rig is found."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.viewer._errors import ViewerError

_EVERY = {"*": "0.0.0.0", "[*]": "::"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A computer and a port of it."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def uses_ipv6(self) -> bool:
        """Whether the address is one of IPv6."""
        return ":" in self.host

    @classmethod
    def read(cls, text: str) -> "Endpoint":
        """Read what was typed; refused in a sentence."""
        host, colon, port = text.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = _EVERY.get(host, host[1:-1])
        elif ":" in host:
            colon = ""  # an IPv6 address without brackets has no end
        if not colon or not host or not port.isascii() or not port.isdigit():
            raise ViewerError(f"{text!r} is no HOST:PORT, such as 192.168.1.20:5571 or [::1]:5571")
        if int(port) > 65535:
            raise ViewerError(f"{text!r}: a port is a number up to 65535")
        return cls(host, int(port))

    def to_listen(self) -> "Endpoint":
        """The same with the address as a number, as the socket wants it."""
        return Endpoint(_resolved(_EVERY.get(self.host, self.host), self.port), self.port)

    def to_connect(self) -> "Endpoint":
        """The same with the address as a number."""
        if self.port == 0:
            raise ViewerError(f"{self}: port 0 is nobody's; `parfocal serve-viewer` says which")
        return Endpoint(_resolved(self.host, self.port), self.port)


@dataclass(frozen=True, slots=True)
class RigAddress:
    """Where a rig is found, and the file of the key that it lets in."""

    endpoint: Endpoint
    key: Path

    def as_json(self) -> dict[str, Any]:
        """The address as a JSON object; of the key only where it lies."""
        return {"host": self.endpoint.host, "port": self.endpoint.port, "key": str(self.key)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "RigAddress":
        """Read an address that `as_json` made."""
        host, port, key = (value.get(name) for name in ("host", "port", "key"))
        if not isinstance(host, str) or not isinstance(key, str) or not isinstance(port, int):
            raise ViewerError(f"{value!r} is not the address of a rig")
        return cls(Endpoint(host, port), Path(key))


def why_not_listening(endpoint: Endpoint, number: int, said: str) -> str:
    """The sentence for an address that cannot be listened at."""
    if number == errno.EADDRINUSE:
        said = "another program listens there; take another port"
    elif number in (errno.EADDRNOTAVAIL, errno.ENODEV):
        said = "this computer has no such address"
    return f"{endpoint} cannot be listened at: {said}"


def _resolved(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise ViewerError(f"there is no computer named {host!r} in reach: {problem}") from problem
    return str(found[0][4][0])
