"""Watch a run from another computer: keys, the rig's server, and a viewer's side of it. No Qt.

Imported only by whoever serves or watches; nothing else opens a socket.
"""

from parfocal.viewer.remote._endpoint import Endpoint, RigAddress
from parfocal.viewer.remote._keys import Key, read_key, write_pair
from parfocal.viewer.remote._probe import Rig, ask_rig
from parfocal.viewer.remote._remote_source import RemoteSource
from parfocal.viewer.remote._server import RigServer, Served
from parfocal.viewer.remote._shows import Found

__all__ = [
    "Endpoint",
    "Found",
    "Key",
    "RemoteSource",
    "Rig",
    "RigAddress",
    "RigServer",
    "Served",
    "ask_rig",
    "read_key",
    "write_pair",
]
