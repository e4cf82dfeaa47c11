"""Make the lazy napari layers of a store, keep them in step with it, and find them again."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray

from parfocal.store import Index
from parfocal.viewer._store_source import sampled_limits
from parfocal.viewer.child._arrangement import Arrangement, LayerKey, Numbers
from parfocal.viewer.child._layer_geometry import LayerGeometry
from parfocal.viewer.child._layer_look import exchange, put_back, wear_look
from parfocal.viewer.child._layer_order import LayerOrder
from parfocal.viewer.child._lazy_planes import LazyPlanes, ReadPlanes
from parfocal.viewer.child._patient_reads import PatientReads, Wanted, is_of
from parfocal.viewer.child._sliders import Sliders

METADATA = "parfocal"
_LIVE_STRIDE = 4

Limits = tuple[float, float]


class ChannelLayers:
    """The layers of one store, by what they are of.

    A layer that the user renamed is still found; one that the user deleted comes back, as it was
    and where it was, with the next frame for it.
    """

    def __init__(
        self,
        viewer: Any,
        arrangement: Arrangement,
        sliders: Sliders,
        reads: PatientReads,
        prefix: str = "",
    ) -> None:
        self._viewer = viewer
        self._arrangement = arrangement
        self._sliders = sliders
        self._reads = reads
        self._prefix = prefix
        self._by_key: dict[LayerKey, Any] = {}
        self._deleted: set[LayerKey] = set()
        self._order = LayerOrder()
        self._limits: dict[int, Limits] = {}
        self._chosen: set[LayerKey] = set()  # contrast that a user set
        self._taken_over: set[LayerKey] = set()  # layers that still show another store
        self._setting = False
        viewer.layers.events.removed.connect(self._on_removed)

    def present(self) -> dict[LayerKey, Any]:
        """The layers that are in the list."""
        layers = self._viewer.layers
        return {key: layer for key, layer in self._by_key.items() if layer in layers}

    def on_screen(self) -> list[tuple[LayerKey, Any, Index | None]]:
        """The layers in the list, each with its plane; None where it has none."""
        numbers = self._sliders.numbers()
        return [
            (key, layer, self._arrangement.index(key, numbers))
            for key, layer in self.present().items()
        ]

    def shown(self) -> dict[int, Any]:
        """A layer for each channel on screen."""
        found: dict[int, Any] = {}
        for key, layer, index in self.on_screen():
            channel = key.channel if index is None else index[2]
            if channel is not None:
                found.setdefault(channel, layer)
        return found

    def arrange(
        self, arrangement: Arrangement, *, instead_of: "ChannelLayers | None" = None
    ) -> None:
        """Have the layers of this arrangement: what is there stays, what fits is exchanged."""
        self._arrangement = arrangement
        if instead_of is not None:
            self._take_over(instead_of)
        keys = list(arrangement.keys())
        looks = {key.channel: layer for key, layer in self._by_key.items()}
        chosen = {key.channel for key in self._chosen}
        for key in self._by_key.keys() - set(keys):
            self._let_go(key)
        self._chosen |= {key for key in keys if key.channel in chosen}
        for key in keys:
            if key in self._by_key:
                self._fit(key)
            else:
                self._add(key, looks.get(key.channel))

    def leave(self) -> None:
        """Let the layers be, and look after them no more."""
        self._viewer.layers.events.removed.disconnect(self._on_removed)
        for layer in self._by_key.values():
            layer.events.contrast_limits.disconnect(self._on_contrast)

    def take_away(self) -> None:
        """Take all of them out of the list."""
        for key in list(self._by_key):
            self._let_go(key)

    def set_limits(self, channel: int, limits: Limits) -> None:
        """Give a channel its contrast, once, unless the user has."""
        if channel in self._limits:
            return
        self._limits[channel] = limits
        for key, layer in self._by_key.items():
            if key.channel in (channel, None):
                self._set_contrast(key, layer)

    def admit(self, index: Index, pixels: NDArray[Any]) -> None:
        """A frame came: its channel has a contrast from now on, and its layers are there."""
        channel = index[2]
        if channel not in self._limits:
            sample = pixels[::_LIVE_STRIDE, ::_LIVE_STRIDE]
            self.set_limits(channel, sampled_limits(sample))
        for key in [key for key in self._deleted if self._arrangement.shows(key, index)]:
            self._bring_back(key)

    def wear_channel(self, channel: int) -> None:
        """Have a layer with a slider for the channels in the colour of one of them."""
        for key, layer in self._by_key.items():
            made = layer.metadata[METADATA]
            if key.channel is None and layer.colormap.name == made["colormap"]:
                layer.colormap = self._arrangement.facts.channels[channel].colormap
                made["colormap"] = layer.colormap.name

    def refresh(self, channel: int) -> None:
        """Read the plane of a channel again on which the sliders stand."""
        t, p, z = self._sliders.place()
        for _, layer, index in self.on_screen():
            if index == (t, p, channel, z):
                layer.refresh(thumbnail=False, extent=False, highlight=False)

    def show_again(self, came: Collection[Wanted]) -> None:
        """Read planes again that came late, where they are on screen."""
        for _, layer, index in self.on_screen():
            if index is not None and any(is_of(one, [index]) for one in came):
                layer.refresh(extent=False, highlight=False)

    def refresh_all(self) -> None:
        """Read all shown planes again."""
        for layer in self.present().values():
            layer.refresh(extent=False, highlight=False)

    def pixels(self, key: LayerKey) -> NDArray[Any]:
        """The plane that a layer shows: as it is on screen, or all of it where that is a part."""
        layer = self._by_key[key]
        if layer.multiscale:
            with self._reads.however_long():
                return np.ascontiguousarray(layer.data[0][self._sliders.numbers()])
        return np.ascontiguousarray(layer._slicing_state._slice.image.raw)

    def _bring_back(self, key: LayerKey) -> None:
        there = self._in_order()
        ours = self._order.place(key, list(there))
        place = list(there.values())[ours - 1] + 1 if ours else 0
        self._deleted.discard(key)
        with self._sliders.holding():
            put_back(self._viewer, self._by_key[key], place)
        # A window without a layer has no sliders, and its first one has them in the middle.
        self._sliders.stand_again()

    def _take_over(self, other: "ChannelLayers") -> None:
        """Have another store's layers for one's own; those of the same coordinates stay."""
        other.leave()
        self._by_key, self._deleted = other._by_key, other._deleted
        self._order = other._order
        self._chosen, self._taken_over = other._chosen, set(other._by_key)

    def _add(self, key: LayerKey, alike: Any | None) -> None:
        layer = self._by_key[key] = self._made(key, LayerGeometry.of(self._arrangement, key))
        if alike is not None:
            wear_look(layer, alike)
        self._viewer.add_layer(layer)
        layer.events.contrast_limits.connect(self._on_contrast)
        self._set_contrast(key, layer)

    def _made(self, key: LayerKey, geometry: LayerGeometry) -> Any:
        facts, channel = self._arrangement.facts, key.channel
        several = len(geometry.shapes) > 1
        data = self._arrays(key, geometry)
        title = self._prefix + (self._arrangement.title(key) or facts.name)
        colormap = "gray" if channel is None else facts.channels[channel].colormap
        layer = Image(
            data if several else data[0],
            name=title,
            rgb=False,
            multiscale=several,
            scale=geometry.scale,
            translate=geometry.translate,
            units=geometry.units,
            axis_labels=geometry.axis_labels,
            colormap=colormap,
            blending="additive",
            contrast_limits=(0.0, 1.0),
        )
        made = {"store": facts.name, "title": title, "colormap": layer.colormap.name}
        layer.metadata = {METADATA: {**key.as_json(), **made}}
        return layer

    def _arrays(self, key: LayerKey, geometry: LayerGeometry) -> list[LazyPlanes]:
        dtype = np.dtype(self._arrangement.facts.dtype)
        return [
            LazyPlanes(shape, dtype, self._reader(key, level))
            for level, shape in enumerate(geometry.shapes)
        ]

    def _reader(self, key: LayerKey, level: int) -> ReadPlanes:
        made_for = self._arrangement

        def read(numbers: Sequence[Numbers]) -> list[NDArray[Any]]:
            # Until the last of them is taken away, layers are sliced by their own sliders.
            now = self._arrangement
            arrangement = now if now.axes == made_for.axes else made_for
            indices = [arrangement.index(key, one) for one in numbers]
            wanted = [None if index is None else (index, level) for index in indices]
            return self._reads.planes(wanted, for_the_window=self._is_for_the_window(key, wanted))

        return read

    def _is_for_the_window(self, key: LayerKey, wanted: Sequence[Wanted | None]) -> bool:
        """Whether a layer is asked for what it has on screen, or what an arrangement passes by."""
        if self._sliders.held or len(wanted) != 1 or wanted[0] is None:
            return True
        index = self._arrangement.index(key, self._sliders.numbers())
        return index is not None and is_of(wanted[0], [index])

    def _fit(self, key: LayerKey) -> None:
        """Give a layer the shape that it has now; levels that came or went need another layer."""
        old, geometry = self._by_key[key], LayerGeometry.of(self._arrangement, key)
        if key not in self._taken_over:
            shapes = tuple(tuple(map(int, shape)) for shape in old.level_shapes)
            if shapes == geometry.shapes and tuple(old.scale) == geometry.scale:
                return
            if len(shapes) == len(geometry.shapes) == 1:
                old.data = self._arrays(key, geometry)[0]
                return
        self._taken_over.discard(key)
        new = self._made(key, geometry)
        made, title, colormap = old.metadata[METADATA], new.name, new.colormap
        wear_look(new, old)
        if old.colormap.name == made["colormap"]:
            new.colormap = colormap  # nobody chose the old one
        new.name = title if old.name == made["title"] else old.name
        self._by_key[key] = new
        if old in self._viewer.layers:
            exchange(self._viewer, old, new)
        old.events.contrast_limits.disconnect(self._on_contrast)
        new.events.contrast_limits.connect(self._on_contrast)

    def _let_go(self, key: LayerKey) -> None:
        layer = self._by_key.pop(key)
        self._deleted.discard(key)
        self._chosen.discard(key)
        if layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def _on_removed(self, event: Any) -> None:
        for key, layer in self._by_key.items():
            if layer is event.value:
                there = self._in_order()
                below = sum(place < event.index for place in there.values())
                self._order.lost(key, below, list(there))
                self._deleted.add(key)

    def _in_order(self) -> dict[LayerKey, int]:
        """Our layers as they lie in the list, each with its place there."""
        keys = {id(layer): key for key, layer in self._by_key.items()}
        places = enumerate(self._viewer.layers)
        return {keys[id(layer)]: place for place, layer in places if id(layer) in keys}

    def _on_contrast(self, event: Any) -> None:
        if self._setting:
            return
        self._chosen |= {key for key, layer in self._by_key.items() if layer is event.source}

    def _set_contrast(self, key: LayerKey, layer: Any) -> None:
        channels = range(self._arrangement.facts.sizes.c) if key.channel is None else [key.channel]
        known = [self._limits[channel] for channel in channels if channel in self._limits]
        if not known or key in self._chosen:
            return
        low, high = min(low for low, _ in known), max(high for _, high in known)
        self._setting = True
        layer.contrast_limits_range = (min(0.0, low), high * 2 if high > 0 else high + 1)
        layer.contrast_limits = (low, high)
        self._setting = False
