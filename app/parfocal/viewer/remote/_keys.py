"""Make, write and read the pair of key files by which a rig and a workstation know each other.

Each file holds what its own side needs: its secret, and whom it talks to. Nothing else has to be
carried, and neither file is enough to play the other side.
"""

import contextlib
import hmac
import json
import os
import secrets
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import zmq
from zmq.utils import z85

from parfocal.viewer._errors import ViewerError

Side = Literal["rig", "viewer"]

_VERSION = 1
_KEY_BYTES = 32
_MOST_BYTES = 4096
_OWNER = stat.S_IRUSR | stat.S_IWUSR
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WHOSE = {"rig": "rig", "viewer": "workstation"}


@dataclass(frozen=True, slots=True)
class Key:
    """One side's key: its secret, its public half, and the public half of the other side."""

    side: Side
    public: bytes
    peer: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def pair(cls) -> tuple["Key", "Key"]:
        """A new key for the rig, and the one for the workstation."""
        rig, viewer = ([z85.decode(half) for half in zmq.curve_keypair()] for _ in range(2))
        return cls("rig", rig[0], viewer[0], rig[1]), cls("viewer", viewer[0], rig[0], viewer[1])


def write_pair(name: Path, *, overwrite: bool = False) -> tuple[Path, Path, Key]:
    """Write NAME.rig.key and NAME.viewer.key for you alone: both, or neither.

    Returns their paths and the rig's key.
    """
    if name.name in ("", ".."):
        raise ViewerError(f"{name} is a folder; give the pair of keys a name in it")
    rig, viewer = Key.pair()
    keys = {name.with_name(f"{name.name}.{key.side}.key"): key for key in (rig, viewer)}
    for path in keys:
        if os.path.lexists(path) and (path.is_dir() or not overwrite):
            raise ViewerError(_is_there(path))
    asides: dict[Path, Path] = {}
    placed: list[Path] = []
    try:
        for path, key in keys.items():
            asides[path] = _write_aside(path, key)
        for path, aside in asides.items():
            if overwrite:
                aside.replace(path)
            else:
                os.link(aside, path)  # unlike a rename it never replaces what came meanwhile
                placed.append(path)
        placed.clear()
    except FileExistsError:
        raise ViewerError(_is_there(path)) from None
    except OSError as problem:
        raise ViewerError(
            f"the keys {name}.*.key cannot be written: {problem.strerror}"
        ) from problem
    finally:
        for leftover in (*placed, *asides.values()):
            with contextlib.suppress(OSError):
                leftover.unlink(missing_ok=True)
    paths = list(keys)
    return paths[0], paths[1], rig


def read_key(path: Path, side: Side) -> Key:
    """Read this side's key; one that others can read is refused."""
    try:
        # O_NONBLOCK: a pipe in its place must not hang us
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            _refuse_shared(path, os.fstat(descriptor))
            raw = os.read(descriptor, _MOST_BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise ViewerError(
            f"the key {path} cannot be read: {problem.strerror};"
            " `parfocal keygen` makes a pair of keys"
        ) from problem
    key = _parse(raw)
    if key is None:
        raise ViewerError(f"{path} is no key of Parfocal; `parfocal keygen` makes a pair of keys")
    if key.side != side:
        raise ViewerError(
            f"{path} is the {_WHOSE[key.side]}'s key; what is needed here is the"
            f" {_WHOSE[side]}'s, the file *.{side}.key of the same pair"
        )
    return key


def _refuse_shared(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ViewerError(f"{path} is no file, and so no key")
    if sys.platform == "win32":
        return  # no mode tells there who may read it
    if found.st_uid != os.geteuid():
        raise ViewerError(
            f"the key {path} belongs to another user (number {found.st_uid});"
            " copy it for yourself, or make a pair with `parfocal keygen`"
        )
    if found.st_mode & _OTHERS:
        raise ViewerError(
            f"the key {path} is open to other users (mode {stat.S_IMODE(found.st_mode):04o});"
            f" close it with `chmod 600 {path}`, or make a new pair if somebody may have read it"
        )


def _parse(raw: bytes) -> Key | None:
    """None for anything that `_as_text` did not make."""
    if len(raw) > _MOST_BYTES:
        return None
    try:
        value: Any = json.loads(raw)
        side, version = value["parfocal key"], value["version"]
        public, peer, secret = (bytes.fromhex(value[n]) for n in ("public", "peer", "secret"))
        if side not in _WHOSE or version != _VERSION:
            return None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if {len(public), len(peer), len(secret)} != {_KEY_BYTES}:
        return None
    own = z85.decode(zmq.curve_public(z85.encode(secret)))
    return Key(side, public, peer, secret) if hmac.compare_digest(own, public) else None


def _as_text(key: Key) -> str:
    value = {
        "parfocal key": key.side,
        "version": _VERSION,
        "public": key.public.hex(),
        "peer": key.peer.hex(),
        "secret": key.secret.hex(),
    }
    return json.dumps(value, indent=1) + "\n"


def _write_aside(path: Path, key: Key) -> Path:
    """Write it whole beside its place, so that a full disk leaves no half a key."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if sys.platform != "win32" and os.fstat(descriptor).st_mode & _OTHERS:
                raise ViewerError(
                    f"the folder {path.parent} cannot keep a file to its owner;"
                    " write the keys into a folder of your home"
                )
            file.write(_as_text(key))
            file.flush()
            os.fsync(descriptor)
    except (OSError, ViewerError):
        aside.unlink(missing_ok=True)
        raise
    return aside


def _is_there(path: Path) -> str:
    return (
        f"there is a key {path} already; name another pair with -o, or take --overwrite,"
        " after which the old pair opens nothing any more"
    )
