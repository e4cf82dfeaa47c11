"""Take from an arrangement of layers and sliders where planes and marks lie in it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from parfocal.viewer._result_ground import Ground
from parfocal.viewer.child._arrangement import Arrangement, LayerKey
from parfocal.viewer.child._layer_geometry import LayerGeometry


def grounds_of(arrangement: Arrangement, channel: int) -> Iterator[Ground]:
    """How the layers of a channel lie, for each part that has layers of its own."""
    places = [arrangement.place((0, p, 0, 0)) for p in range(arrangement.facts.sizes.p)]
    fields = tuple((place["well"], place["field"]) for place in places)
    wells = arrangement.wells
    keys = list(arrangement.keys())
    parts = dict.fromkeys(replace(key, channel=None) for key in keys)
    for part in parts:
        geometry = LayerGeometry.of(arrangement, _with_channel(arrangement, part, channel))
        numbers: dict[str, Any] = {
            "well": None if part.well is None else wells.index(part.well),
            "field": part.field,
            "z": part.z,
            "time": part.time,
        }
        yield Ground(
            sliders=arrangement.axes,
            lengths=arrangement.lengths,
            fields=fields,
            labels=geometry.axis_labels,
            scale=geometry.scale,
            translate=geometry.translate,
            units=geometry.units,
            fixed={name: number for name, number in numbers.items() if number is not None},
            title=arrangement.title(part) if len(parts) > 1 else "",
        )


def _with_channel(arrangement: Arrangement, part: LayerKey, channel: int) -> LayerKey:
    """Where a camera of its own has its layer; stacked channels lie as the first one."""
    return replace(part, channel=channel) if arrangement.components.is_sliced("channel") else part
