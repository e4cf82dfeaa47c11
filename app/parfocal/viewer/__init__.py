"""Show a store and the newest frames of a run in napari, in a process of its own.

Nothing is imported before it is asked for: whether there is a display is asked before the window is
painted, and hearing the parent comes before a child's store and napari; both need no numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parfocal.viewer._address import RingAddress
    from parfocal.viewer._child_entry import run_child
    from parfocal.viewer._display import display_problem, virtual_display
    from parfocal.viewer._errors import ViewerError
    from parfocal.viewer._filter import LiveFilter, Selection
    from parfocal.viewer._host import Viewer
    from parfocal.viewer._in_process import show_here
    from parfocal.viewer._keyframe_file import read_key_frames
    from parfocal.viewer._launch import Launch, chosen_launch, launch
    from parfocal.viewer._live_pace import LivePace
    from parfocal.viewer._open_viewers import OpenViewers
    from parfocal.viewer._reader import RingReader
    from parfocal.viewer._record import ViewerRecord, detached_viewers
    from parfocal.viewer._ring import Ring
    from parfocal.viewer._status import ViewerState, ViewerStatus
    from parfocal.viewer._waiting import keep_one_waiting, let_waiting_go

__all__ = [
    "Launch",
    "LiveFilter",
    "LivePace",
    "OpenViewers",
    "Ring",
    "RingAddress",
    "RingReader",
    "Selection",
    "Viewer",
    "ViewerError",
    "ViewerRecord",
    "ViewerState",
    "ViewerStatus",
    "chosen_launch",
    "detached_viewers",
    "display_problem",
    "keep_one_waiting",
    "launch",
    "let_waiting_go",
    "read_key_frames",
    "run_child",
    "show_here",
    "virtual_display",
]

_HOMES = {
    "Launch": "parfocal.viewer._launch",
    "LiveFilter": "parfocal.viewer._filter",
    "LivePace": "parfocal.viewer._live_pace",
    "OpenViewers": "parfocal.viewer._open_viewers",
    "Ring": "parfocal.viewer._ring",
    "RingAddress": "parfocal.viewer._address",
    "RingReader": "parfocal.viewer._reader",
    "Selection": "parfocal.viewer._filter",
    "Viewer": "parfocal.viewer._host",
    "ViewerError": "parfocal.viewer._errors",
    "ViewerRecord": "parfocal.viewer._record",
    "ViewerState": "parfocal.viewer._status",
    "ViewerStatus": "parfocal.viewer._status",
    "chosen_launch": "parfocal.viewer._launch",
    "detached_viewers": "parfocal.viewer._record",
    "display_problem": "parfocal.viewer._display",
    "keep_one_waiting": "parfocal.viewer._waiting",
    "launch": "parfocal.viewer._launch",
    "let_waiting_go": "parfocal.viewer._waiting",
    "read_key_frames": "parfocal.viewer._keyframe_file",
    "run_child": "parfocal.viewer._child_entry",
    "show_here": "parfocal.viewer._in_process",
    "virtual_display": "parfocal.viewer._display",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
