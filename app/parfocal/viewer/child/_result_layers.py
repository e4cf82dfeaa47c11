"""Lay what analyses left in a store over its images, and keep it as new as the store."""

import sys
from typing import Any, TypeGuard

from parfocal.viewer._mark_data import tracks_of
from parfocal.viewer._result_ground import Ground
from parfocal.viewer._result_watch import LabelResult, MarkResult, Result, Results, ResultWatch
from parfocal.viewer.child import _result_layer as made
from parfocal.viewer.child._field_tracks import FieldTracksLayer
from parfocal.viewer.child._keyframe_look import KEY
from parfocal.viewer.child._notices import Notices
from parfocal.viewer.child._result_picture import ResultPicture

_NOTICE_S = 10.0
_KEPT = ("visible", "opacity", "blending", "name")
# With a layer a well or field every result has as many; nobody finds one in the list then.
_MOST_PARTS = 16

Key = tuple[str, str]
"""A result, and the part of the picture: the title of a ground."""


class ResultLayers:
    """The layers of a store's results. A layer that the user deleted stays deleted."""

    def __init__(
        self, viewer: Any, picture: ResultPicture, watch: ResultWatch, notices: Notices
    ) -> None:
        self._viewer = viewer
        self._picture = picture
        self._watch = watch
        self._notices = notices
        self._layers: dict[Key, Any] = {}
        self._away: set[Key] = set()
        self._changing = False
        self._grounds: dict[Key, Ground] = {}
        self._shown: Results = {}
        self._arrangement = picture.arrangement
        viewer.dims.events.current_step.connect(self._on_step)

    def shown(self) -> dict[Key, Any]:
        """The layers that are in the list."""
        there = self._viewer.layers
        return {key: layer for key, layer in self._layers.items() if layer in there}

    def poll(self) -> None:
        """Show what the watch has found since the last time."""
        results, arrangement = self._watch.results, self._picture.arrangement
        if results is not self._shown or arrangement != self._arrangement:
            rearranged, self._arrangement = arrangement != self._arrangement, arrangement
            self._changing = True  # layers that come and go move sliders
            try:
                self._follow(results, rearranged)
            finally:
                self._changing = False
        self._on_step(None)
        for sentence in self._watch.sentences():
            sys.stderr.write(f"parfocal: {sentence}\n")
            self._notices.say(sentence, _NOTICE_S)

    def show_arrived(self) -> None:
        """Draw masks of the plane on screen that have come; cheap, for a call at every turn."""
        if arrived := self._watch.arrived():
            for (name, _), layer in self.shown().items():
                if name in arrived:
                    layer.refresh(thumbnail=False, extent=False, highlight=False)

    def take_away(self) -> None:
        """Remove the layers, for another store is shown now."""
        for layer in self.shown().values():
            self._viewer.layers.remove(layer)

    def close(self) -> None:
        """Stop watching."""
        self._viewer.dims.events.current_step.disconnect(self._on_step)
        self._watch.close()

    def _follow(self, results: Results, rearranged: bool) -> None:
        selected, layers = set(self._viewer.layers.selection), self.shown()
        wanted = self._wanted(results)
        for key in layers.keys() - wanted.keys():
            # It comes back as it was: a run is published before its labels are written into it.
            self._viewer.layers.remove(layers[key])
            self._away.add(key)
        for key, ground in wanted.items():
            result = results[key[0]]
            self._grounds[key] = ground
            if key not in self._layers:
                self._layers[key] = self._viewer.add_layer(self._made(key, result))
            elif key in self._away:
                self._away.discard(key)
                fresh = _looking_like(self._layers[key], self._made(key, result))
                self._layers[key] = self._viewer.add_layer(fresh)
            elif key in layers and (rearranged or result is not self._shown.get(key[0])):
                self._layers[key] = self._renewed(key, result, layers[key], rearranged)
        self._shown = results
        # The keys of the layer that the user works with come before those of the window.
        self._viewer.layers.selection = selected & set(self._viewer.layers)

    def _wanted(self, results: Results) -> dict[Key, Ground]:
        """A layer for each result and part of the picture."""
        wanted: dict[Key, Ground] = {}
        for name, result in results.items():
            channel = result.found.channel if isinstance(result, LabelResult) else 0
            grounds = self._picture.grounds(channel)
            if len(grounds) > _MOST_PARTS:
                self._notices.say("results are not shown over so many layers", _NOTICE_S)
                return {}
            # without any slider there is no axis for napari to take for the time
            grounds = [each for each in grounds if each.sliders or not _are_tracks(result)]
            wanted |= {(name, ground.title): ground for ground in grounds}
        return wanted

    def _renewed(self, key: Key, result: Result, layer: Any, rearranged: bool) -> Any:
        """Put a newer result in the place of its layer, which looks as the user left it."""
        if _are_tracks(result) and isinstance(layer, FieldTracksLayer) and not rearranged:
            self._show_tracks(key, layer, result)
            return layer
        place = self._viewer.layers.index(layer)
        fresh = _looking_like(layer, self._made(key, result))
        self._viewer.layers.remove(layer)
        self._viewer.layers.insert(place, fresh)
        return fresh

    def _made(self, key: Key, result: Result) -> Any:
        ground, sizes = self._grounds[key], self._picture.sizes
        if isinstance(result, LabelResult):
            layer = made.label_layer(result, ground)
        elif _are_tracks(result):
            layer = made.track_layer(result, ground)
            self._show_tracks(key, layer, result)
        else:
            make = {"points": made.point_layer, "shapes": made.shape_layer}[result.marks.kind]
            layer, left_out = make(result, ground, sizes)
            if left_out:
                self._notices.say(f"{result.title}: {left_out} more are not shown", _NOTICE_S)
        layer.metadata[KEY] = " · ".join(part for part in key if part)
        # Keys of the layer in use come before the window's: [ and ] would size a brush.
        layer.keymap = dict(self._viewer.keymap)
        return layer

    def _show_tracks(self, key: Key, layer: FieldTracksLayer, result: MarkResult) -> None:
        numbers = self._picture.numbers()
        plane = self._grounds[key].plane(numbers)
        t, p = (0, None) if plane is None else plane[:2]
        layer.show(p, numbers, tracks_of(result.marks, p, self._picture.sizes))
        layer.go_to(t)

    def _on_step(self, _: object) -> None:
        if self._changing or self._picture.arrangement != self._arrangement:
            return  # the next poll follows
        numbers, layers = self._picture.numbers(), self.shown()
        planes = {key: self._grounds[key].plane(numbers) for key in layers}
        self._watch.look_at(plane for plane in planes.values() if plane is not None)
        for key, layer in layers.items():
            result, plane = self._shown.get(key[0]), planes[key]
            if isinstance(layer, FieldTracksLayer) and isinstance(result, MarkResult):
                if layer.field != (None if plane is None else plane[1]):
                    self._show_tracks(key, layer, result)
                if plane is not None:
                    layer.go_to(plane[0])


def _looking_like(old: Any, fresh: Any) -> Any:
    for name in _KEPT:
        setattr(fresh, name, getattr(old, name))
    return fresh


def _are_tracks(result: Result) -> TypeGuard[MarkResult]:
    return isinstance(result, MarkResult) and result.marks.kind == "tracks"
