"""Make one lazy napari layer for each channel of a store."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._source import PlaneSource
from parfocal.viewer._store_source import sampled_limits
from parfocal.viewer.child._channel_data import ChannelData, NewestPlanes, Planes

_LIVE_STRIDE = 4
AXES = ("t", "p", "z", "y", "x")


class ChannelLayers:
    """The layers of a store, by channel number. A layer that the user deleted stays deleted."""

    def __init__(self, viewer: Any, source: PlaneSource, newest: NewestPlanes) -> None:
        self._viewer = viewer
        self._source = source
        self._newest = newest
        self._by_channel: dict[int, Any] = {}
        self._without_contrast: set[int] = set()
        for channel, facts in enumerate(source.facts.channels):
            self._by_channel[channel] = self._add(channel, facts.name)
        self.fix_contrast()
        viewer.dims.axis_labels = AXES

    def shown(self) -> dict[int, Any]:
        """The layers that are still in the list."""
        return {c: layer for c, layer in self._by_channel.items() if layer in self._viewer.layers}

    def fix_contrast(self) -> None:
        """Set the limits of channels that had nothing to sample when they were made."""
        for channel in sorted(self._without_contrast):
            if limits := self._source.contrast(channel):
                self._set_contrast(channel, limits)

    def fix_contrast_from(self, channel: int, pixels: NDArray[Any]) -> None:
        """The same, from a live frame."""
        if channel in self._without_contrast:
            self._set_contrast(channel, sampled_limits(pixels[::_LIVE_STRIDE, ::_LIVE_STRIDE]))

    def refresh(self, channel: int) -> None:
        """Read the shown plane of a channel again."""
        if layer := self.shown().get(channel):
            layer.refresh(thumbnail=False, extent=False, highlight=False)

    def _add(self, channel: int, name: str) -> Any:
        facts = self._source.facts
        sizes, level = facts.sizes, facts.levels_of(channel)[0]
        shape = (sizes.t, sizes.p, *level.shape)
        self._without_contrast.add(channel)
        step = facts.time_step_s
        return self._viewer.add_image(
            ChannelData(channel, shape, np.dtype(facts.dtype), self._reader()),
            name=name,
            rgb=False,
            multiscale=False,
            scale=(step or 1.0, 1.0, *level.scale_um),
            translate=(0.0, 0.0, *level.translation_um),
            units=("s" if step else "pixel", "pixel", "um", "um", "um"),
            axis_labels=AXES,
            colormap=facts.channels[channel].colormap,
            blending="additive",
            contrast_limits=(0.0, 1.0),
        )

    def _reader(self) -> Planes:
        newest, source = self._newest, self._source

        def read(index: tuple[int, int, int, int]) -> Any:
            live = newest.get(index)
            return source.plane(index) if live is None else live

        return read

    def _set_contrast(self, channel: int, limits: tuple[float, float]) -> None:
        self._without_contrast.discard(channel)
        layer = self._by_channel[channel]
        layer.contrast_limits_range = (min(0.0, limits[0]), limits[1] * 2)
        layer.contrast_limits = limits
