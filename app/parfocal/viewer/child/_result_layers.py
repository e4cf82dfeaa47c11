"""Lay what analyses left in a store over its images, and keep it as new as the store."""

import sys
from typing import Any

from parfocal.viewer._mark_data import tracks_of
from parfocal.viewer._result_ground import ground_of
from parfocal.viewer._result_watch import LabelResult, MarkResult, Result, Results, ResultWatch
from parfocal.viewer._source import PlaneSource
from parfocal.viewer.child import _result_layer as made
from parfocal.viewer.child._field_tracks import FieldTracksLayer
from parfocal.viewer.child._keyframe_look import KEY
from parfocal.viewer.child._notices import Notices

_NOTICE_S = 10.0
_KEPT = ("visible", "opacity", "blending", "name")


class ResultLayers:
    """The layers of a store's results, by key. A layer that the user deleted stays deleted."""

    def __init__(
        self, viewer: Any, source: PlaneSource, watch: ResultWatch, notices: Notices
    ) -> None:
        self._viewer = viewer
        self._source = source
        self._watch = watch
        self._notices = notices
        self._layers: dict[str, Any] = {}
        self._shown: Results = {}
        self._sizes = source.facts.sizes
        viewer.dims.events.current_step.connect(self._on_step)

    def shown(self) -> dict[str, Any]:
        """The layers that are in the list, by key."""
        there = self._viewer.layers
        return {key: layer for key, layer in self._layers.items() if layer in there}

    def poll(self) -> None:
        """Show what the watch has found since the last time."""
        sizes, results = self._source.facts.sizes, self._watch.results
        if results is not self._shown or sizes != self._sizes:
            grown, self._sizes = sizes != self._sizes, sizes
            self._follow(results, grown)
        self._watch.look_at(self._place())
        layers = self.shown()
        for key in self._watch.arrived():
            if key in layers:
                layers[key].refresh(thumbnail=False, extent=False, highlight=False)
        for sentence in self._watch.sentences():
            sys.stderr.write(f"parfocal: {sentence}\n")
            self._notices.say(sentence, _NOTICE_S)

    def close(self) -> None:
        """Stop watching."""
        self._watch.close()

    def _follow(self, results: Results, grown: bool) -> None:
        selected, layers = set(self._viewer.layers.selection), self.shown()
        for key in self._shown.keys() - results.keys():
            if key in layers:
                self._viewer.layers.remove(layers[key])
            self._layers.pop(key, None)
        for key, result in results.items():
            if key not in self._layers:
                self._layers[key] = self._viewer.add_layer(self._made(key, result))
            elif key in layers and (grown or result is not self._shown.get(key)):
                self._layers[key] = self._renewed(key, result, layers[key])
        self._shown = results
        # The keys of the layer that the user works with come before those of the window.
        self._viewer.layers.selection = selected & set(self._viewer.layers)

    def _renewed(self, key: str, result: Result, layer: Any) -> Any:
        """Put a newer result in the place of its layer, which looks as the user left it."""
        if isinstance(layer, FieldTracksLayer) and isinstance(result, MarkResult):
            self._show_tracks(layer, result)
            return layer
        place = self._viewer.layers.index(layer)
        fresh = self._made(key, result)
        for name in _KEPT:
            setattr(fresh, name, getattr(layer, name))
        self._viewer.layers.remove(layer)
        self._viewer.layers.insert(place, fresh)
        return fresh

    def _made(self, key: str, result: Result) -> Any:
        facts = self._source.facts
        if isinstance(result, LabelResult):
            layer = made.label_layer(result, ground_of(facts, result.found.channel))
        elif result.marks.kind == "tracks":
            layer = made.track_layer(result, ground_of(facts))
            self._show_tracks(layer, result)
        else:
            make = {"points": made.point_layer, "shapes": made.shape_layer}[result.marks.kind]
            layer, left_out = make(result, ground_of(facts), facts.sizes)
            if left_out:
                self._notices.say(f"{result.title}: {left_out} more are not shown", _NOTICE_S)
        layer.metadata[KEY] = key
        # Keys of the layer in use come before the window's: [ and ] would size a brush.
        layer.keymap = dict(self._viewer.keymap)
        return layer

    def _show_tracks(self, layer: FieldTracksLayer, result: MarkResult) -> None:
        t, p, _ = self._place()
        layer.show(p, p, tracks_of(result.marks, p, self._sizes))
        layer.go_to(t)

    def _place(self) -> tuple[int, int, int]:
        t, p, z = (int(step) for step in self._viewer.dims.current_step[:3])
        return t, p, z

    def _on_step(self, _: object) -> None:
        t, p, z = self._place()
        self._watch.look_at((t, p, z))
        for key, layer in self.shown().items():
            result = self._shown.get(key)
            if isinstance(layer, FieldTracksLayer) and isinstance(result, MarkResult):
                if layer.field != p:
                    self._show_tracks(layer, result)
                layer.go_to(t)
