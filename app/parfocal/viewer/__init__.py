"""Show a store and the newest frames of a run in napari, in a process of its own."""

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
    "launch",
    "read_key_frames",
    "run_child",
    "show_here",
    "virtual_display",
]
