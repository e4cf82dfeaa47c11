"""Open the napari window of a viewer child and keep it in step with its parent."""

import time
from pathlib import Path
from typing import Any

import napari
from qtpy.QtCore import QTimer

from parfocal.viewer._filter import LiveFilter
from parfocal.viewer._link import Link
from parfocal.viewer.child._draw import NextDraw
from parfocal.viewer.child._live import attach
from parfocal.viewer.child._operations import Operations
from parfocal.viewer.child._settings import prepare_settings
from parfocal.viewer.child._source import StoreSource
from parfocal.viewer.child._stage import Stage

_POLL_MS = 30
_STATUS_S = 0.5
_LOOK_AGAIN_S = 1.0


class ViewerWindow:
    """One window: polls the parent and the ring thirty times a second, and says how it is."""

    def __init__(self, opening: dict[str, Any], link: Link) -> None:
        source = StoreSource(Path(opening["store"]))
        prepare_settings()
        self._link = link
        viewer = napari.Viewer(title=str(opening.get("title", "")), show=False)
        viewer.theme = "dark" if opening.get("dark", True) else "light"
        ring = attach(opening["live"]) if opening.get("live") else None
        self._stage = Stage(viewer, source, ring, LiveFilter.from_json(opening.get("only")))
        canvas = viewer.window._qt_viewer.canvas
        self._draw = NextDraw(canvas)
        canvas.events.draw.connect(lambda _: self._stage.on_draw(), position="last")
        self._operations = Operations(self._stage, self._draw, link)
        self._said_at = self._looked_at = 0.0
        self._timer = QTimer()
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        viewer.window.show()

    def run(self) -> int:
        """Be open until the user or the parent closes the window."""
        self._draw.then(lambda _: self._timer.start())
        napari.run()
        self._timer.stop()
        return 0

    def _poll(self) -> None:
        for message in self._link.messages():
            self._operations.perform(message)
        if self._link.lost:
            self._timer.stop()
            self._stage.leave()
            return
        self._stage.poll()
        now = time.monotonic()
        if now - self._looked_at > _LOOK_AGAIN_S:
            self._looked_at = now
            self._stage.look_again()
        if now - self._said_at > _STATUS_S:
            self._said_at = now
            self._link.send({"status": self._stage.counters()})
