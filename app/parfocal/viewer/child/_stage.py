"""Hold the napari window, what it shows, and where in it we are."""

from typing import Any

from napari import Viewer

from parfocal.viewer._errors import ViewerError
from parfocal.viewer._filter import LiveFilter
from parfocal.viewer._reader import RingReader
from parfocal.viewer.child._channel_data import NewestPlanes
from parfocal.viewer.child._layers import ChannelLayers
from parfocal.viewer.child._live import LiveFeed
from parfocal.viewer.child._overlay import PlaneOverlay
from parfocal.viewer.child._source import StoreSource

_FOLLOW_KEY = "F"
_AXES = ("t", "p", "z")


class Stage:
    """One store in one napari window, live while a run still publishes."""

    def __init__(
        self,
        viewer: Viewer,
        source: StoreSource,
        ring: RingReader | None,
        only: LiveFilter,
    ) -> None:
        self.viewer = viewer
        self._source = source
        self._newest = NewestPlanes()
        self._layers = ChannelLayers(viewer, source, self._newest)
        self._overlay = PlaneOverlay(viewer, source.info, source.sizes)
        self._moving = False
        self._described: tuple[int, int, int] | None = None
        self._missing: list[int] = []
        self._remark = ""
        self._live: LiveFeed | None = None
        if ring is not None:
            self._live = LiveFeed(ring, source.sizes, self._newest, self._layers, self._go, only)
        viewer.canvas.overlays.scale_bar.visible = True
        viewer.dims.events.current_step.connect(self._on_step)
        viewer.bind_key(_FOLLOW_KEY, lambda _: self.follow(following=True), overwrite=True)
        for channel, layer in self._layers.shown().items():
            layer.visible = only.shows(channel)
        self._go_to_middle()

    @property
    def text(self) -> str:
        """What the overlay says."""
        return self._overlay.text

    def coordinates(self) -> dict[str, int]:
        """The plane on screen."""
        return dict(zip(_AXES, self._shown(), strict=True))

    def channel_layers(self) -> dict[int, Any]:
        """The layers by channel number."""
        return self._layers.shown()

    def acquired(self, channel: int) -> bool:
        """Whether the channel has the plane on screen."""
        t, p, z = self._shown()
        index = (t, p, channel, z)
        return index in self._newest or self._source.stored(index)

    def counters(self) -> dict[str, int]:
        """The live frames: accepted, displayed, dropped."""
        return self._live.counters if self._live else {"accepted": 0, "displayed": 0, "dropped": 0}

    def go_to(self, t: int | None = None, p: int | None = None, z: int | None = None) -> None:
        """Show a plane; what is not given stays."""
        sizes = self._source.sizes
        wanted = []
        for axis, number, now in zip(_AXES, (t, p, z), self._shown(), strict=True):
            count = getattr(sizes, axis)
            if number is not None and not 0 <= number < count:
                raise ViewerError(f"there is no {axis} {number}; it goes from 0 to {count - 1}")
            wanted.append(now if number is None else number)
        self._go(*wanted)

    def follow(self, *, following: bool) -> None:
        """Go where the run is, or stay where the user looks."""
        if self._live is not None:
            self._live.follow(following)
            self._describe()

    def poll(self) -> None:
        """Take the newest live frames."""
        if self._live is not None and self._live.poll(self._shown()):
            self._describe()

    def look_again(self) -> None:
        """Read planes that were missing: a running recording commits them shard by shard."""
        if self._source.follow_move():
            self._missing = list(self._layers.shown())
        self._layers.fix_contrast()
        self._describe()

    def end_live(self) -> None:
        """Take no more live frames: the program that published them is gone."""
        if self._live is not None:
            self._live.close()
            self._describe()

    def remark(self, sentence: str) -> None:
        """Say something over the picture, below the plane; nothing with no sentence."""
        self._remark = sentence
        self._describe()

    def on_draw(self) -> None:
        """Count what was drawn."""
        if self._live is not None:
            self._live.on_draw()

    def wear(self, *, dark: bool) -> None:
        """Put on the dark or the light theme."""
        self.viewer.theme = "dark" if dark else "light"

    def picture(self) -> Any:
        """The whole window as it is on screen, canvas included."""
        return self.viewer.window._qt_window.grab()

    def leave(self) -> None:
        """Let go of the stream and close the window; the event loop ends with it."""
        if self._live is not None:
            self._live.close()
        self._source.close()
        self.viewer.window._qt_window.close()

    def _go_to_middle(self) -> None:
        sizes = self._source.sizes
        self._go(0, 0, sizes.z // 2)

    def _go(self, t: int, p: int, z: int) -> None:
        self._moving = True
        try:
            self.viewer.dims.set_current_step((0, 1, 2), (t, p, z))
        finally:
            self._moving = False
        self._describe()

    def _shown(self) -> tuple[int, int, int]:
        t, p, z = (int(step) for step in self.viewer.dims.current_step[:3])
        return t, p, z

    def _on_step(self, _: object) -> None:
        if not self._moving:
            if self._live is not None:
                self._live.following = False
            self._describe()

    def _describe(self) -> None:
        names, place = self._source.channel_names, self._shown()
        layers = self._layers.shown()
        missing = [c for c, layer in layers.items() if layer.visible and not self.acquired(c)]
        if place == self._described:
            for channel in set(self._missing) - set(missing):
                self._layers.refresh(channel)
        self._described, self._missing = place, missing
        self._overlay.say(*place, [names[c] for c in missing], self._note())

    def _note(self) -> str:
        if self._remark:
            return self._remark
        if self._live is None or not self._live.running:
            return ""
        return "live" if self._live.following else f"paused; {_FOLLOW_KEY} follows the run again"
