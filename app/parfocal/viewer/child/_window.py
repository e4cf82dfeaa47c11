"""Open the napari window of a viewer child and keep it in step with its parent."""

import gc
import time
from typing import Any

import napari
from qtpy.QtCore import QTimer

from parfocal.viewer._filter import LiveFilter
from parfocal.viewer._link import Link, Standing
from parfocal.viewer._niceness import step_back_as_a_session
from parfocal.viewer.child._draw import NextDraw
from parfocal.viewer.child._opengl import refuse_without_opengl
from parfocal.viewer.child._opening import open_source
from parfocal.viewer.child._operations import Operations
from parfocal.viewer.child._pace import FramePace
from parfocal.viewer.child._settings import (
    hide_what_is_not_shipped,
    prepare_settings,
    save_settings,
)
from parfocal.viewer.child._stage import Stage
from parfocal.viewer.child._store_extras import StoreExtras

_POLL_MS = 30
_STATUS_S = 0.5
_LOOK_AGAIN_S = 1.0
_TITLES = {
    Standing.HELD: "{title}",
    Standing.KEPT: "{title} — kept open",
    Standing.ORPHANED: "{title} — left alone, reading the store",
}
_GONE = "the program that showed this run is gone; reading the store"


class ViewerWindow:
    """One window: shows frames as they come, and asks its parent thirty times a second."""

    def __init__(self, opening: dict[str, Any], link: Link) -> None:
        source, arrivals = open_source(opening)
        prepare_settings()
        refuse_without_opengl()
        self._link = link
        self._standing = Standing.HELD
        self._streaming = bool(opening.get("live"))
        self._title = str(opening.get("title", ""))
        viewer = napari.Viewer(title=self._title, show=False)
        hide_what_is_not_shipped(viewer)
        viewer.theme = "dark" if opening.get("dark", True) else "light"
        self._live = arrivals is not None
        self._stage = Stage(viewer, source, arrivals, LiveFilter.from_json(opening.get("only")))
        self._extras = StoreExtras(self._stage, opening)
        canvas = viewer.window._qt_viewer.canvas
        self._draw = NextDraw(canvas)
        self._pace = FramePace(self._stage.poll)
        self._stage.tell_of_news(self._pace.tell)
        canvas.events.draw.connect(lambda _: self._on_draw(), position="last")
        self._operations = Operations(self._stage, self._draw, link, self._extras)
        self._said_at = self._looked_at = 0.0
        self._timer = QTimer()
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        viewer.window.show()

    def run(self) -> int:
        """Be open until the user or the parent closes the window."""
        # An event loop without a window, closed as soon as it was shown, would never end.
        if napari.current_viewer() is not None:
            self._draw.then(lambda _: self._begin())
            napari.run()
            self._timer.stop()
            self._stage.hang_up()
        self._extras.close()
        return 0

    def _begin(self) -> None:
        # Half a million objects that stay: looking through them again and again cost a tenth of the
        # start, and would hold up the picture by 0.1 s each time.
        gc.freeze()
        gc.enable()
        save_settings(at_each_change=True)
        if self._live:
            step_back_as_a_session()
        self._timer.start()

    def _on_draw(self) -> None:
        self._stage.on_draw()
        self._pace.on_draw()

    def _poll(self) -> None:
        for message in self._link.messages():
            self._operations.perform(message)
        self._look_who_is_there()
        self._pace.look()
        self._stage.catch_up()
        self._extras.catch_up()
        now = time.monotonic()
        if now - self._looked_at > _LOOK_AGAIN_S:
            self._looked_at = now
            self._stage.look_again()
            self._extras.poll()
        if now - self._said_at > _STATUS_S:
            self._said_at = now
            self._link.send({"status": self._stage.counters()})

    def _look_who_is_there(self) -> None:
        """Say when nobody holds this viewer, and read only the store when no frames can come."""
        if self._streaming and self._link.publisher_gone:
            self._streaming = False
            self._stage.end_live()
        standing = self._link.standing
        if standing is not self._standing:
            self._standing = standing
            self._stage.viewer.title = _TITLES[standing].format(title=self._title)
            self._stage.remark(_GONE if standing is Standing.ORPHANED else "")
            self._link.shows(standing)
