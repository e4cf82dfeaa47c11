"""Hold the napari window and the store that it shows."""

from collections.abc import Callable
from typing import Any

from napari import Viewer

from parfocal.store import Index
from parfocal.viewer._filter import EVERYTHING, LiveFilter
from parfocal.viewer._source import PlaneSource
from parfocal.viewer.child._arrangement import MOST_LAYERS, LayerKey
from parfocal.viewer.child._arrivals import Arrivals
from parfocal.viewer.child._choices import remember_components, remembered_components
from parfocal.viewer.child._component_menu import ComponentMenu
from parfocal.viewer.child._components import Components
from parfocal.viewer.child._notices import Notices
from parfocal.viewer.child._scene import FOLLOW_KEY, Scene


class Stage:
    """One napari window, with one store at a time; layers of those before may be kept."""

    def __init__(
        self,
        viewer: Viewer,
        source: PlaneSource,
        ring: Arrivals | None,
        only: LiveFilter = EVERYTHING,
    ) -> None:
        self.viewer = viewer
        self.notices = Notices()
        self._kept: list[Scene] = []
        self._arrivals = ring
        self._tell: Callable[[], None] | None = None
        components = remembered_components()
        self._scene = Scene(viewer, source, ring, components, self.notices, only)
        for channel, layer in self._scene.layers.shown().items():
            layer.visible = only.shows(channel)
        viewer.canvas.overlays.scale_bar.visible = True
        # Colours are added to what is under them: on the white of a light theme nothing is seen.
        viewer.canvas.background_color_override = "black"
        viewer.bind_key(FOLLOW_KEY, lambda _: self.follow(following=True), overwrite=True)
        self._menu = ComponentMenu(viewer.window._qt_window, self._components, self._choose)

    @property
    def scene(self) -> Scene:
        """The store that is shown, with its layers and sliders."""
        return self._scene

    @property
    def text(self) -> str:
        """What the overlay says."""
        return self._scene.text

    def coordinates(self) -> dict[str, int | None]:
        """The plane on screen."""
        return self._scene.coordinates()

    def channel_layers(self) -> dict[int, Any]:
        """A layer for each channel on screen, by channel number."""
        return self._scene.layers.shown()

    def on_screen(self) -> list[tuple[LayerKey, Any, Index | None]]:
        """Every layer of the store, each with its plane."""
        return self._scene.layers.on_screen()

    def counters(self) -> dict[str, int]:
        """The live frames: accepted, displayed, dropped."""
        return self._scene.counters()

    def go_to(self, **wanted: int | None) -> None:
        """Show a plane; what is not given stays."""
        self._scene.go_to(**wanted)

    def follow(self, *, following: bool) -> None:
        """Go where the run is, or stay where the user looks."""
        self._scene.follow(following=following)

    def take_ages_ms(self) -> dict[str, list[float]]:
        """How old live frames were when they were accepted and when they were drawn."""
        return self._scene.take_ages_ms()

    def poll(self) -> bool:
        """Take the newest live frames; True when the next draw shows one of them."""
        return self._scene.poll()

    def catch_up(self) -> None:
        """Show what was read late, and say where a fast run has come to; for a regular call."""
        self._scene.catch_up()
        for scene in self._kept:
            scene.show_late()

    def look_again(self) -> None:
        """See what the store has by now: a running recording commits its planes shard by shard."""
        self._scene.look_again()

    def arrange(self, components: Components, most: int = MOST_LAYERS) -> None:
        """Give components layers or sliders."""
        self._scene.arrange(components, most)

    def show(self, source: PlaneSource, ring: Arrivals | None, *, keep: bool) -> None:
        """Show another store: beside the layers that are there, or in their place."""
        before, components = self._scene, self._scene.components
        self._arrivals = ring
        if self._tell is not None:
            self.tell_of_news(self._tell)
        before.let_go(keep_layers=keep)
        if keep:
            self._kept.append(before)
            self._scene = Scene(self.viewer, source, ring, components, self.notices, beside=True)
            return
        while self._kept:
            kept = self._kept.pop()
            kept.layers.take_away()
            kept.close()
        self._scene = Scene(self.viewer, source, ring, components, self.notices, instead_of=before)
        before.close()

    def tell_of_news(self, tell: Callable[[], None]) -> None:
        """Have somebody told, in another thread, when live frames come."""
        self._tell = tell
        if self._arrivals is not None:
            self._arrivals.on_news = tell

    def end_live(self) -> None:
        """Take no more live frames: the program that published them is gone."""
        self._scene.end_live()

    def hang_up(self) -> None:
        """Let go of the live frames: the window is closing."""
        self._scene.hang_up()

    def remark(self, sentence: str) -> None:
        """Say something over the picture, below the plane; nothing with no sentence."""
        self._scene.say_beside(sentence)

    def on_draw(self) -> None:
        """Count what was drawn."""
        self._scene.on_draw()

    def wear(self, *, dark: bool) -> None:
        """Put on the dark or the light theme."""
        self.viewer.theme = "dark" if dark else "light"

    def picture(self) -> Any:
        """The whole window as it is on screen, canvas included."""
        return self.viewer.window._qt_window.grab()

    def leave(self) -> None:
        """Let go of the stream and close the window; the event loop ends with it."""
        for scene in (self._scene, *self._kept):
            scene.let_go(keep_layers=True)
            scene.close()
        self.viewer.window._qt_window.close()

    def _components(self) -> Components:
        return self._scene.components

    def _choose(self, components: Components, most: int) -> None:
        """As the user chose: the next viewer has it so, too."""
        self._scene.arrange(components, most)
        remember_components(components)
