"""Gather what a viewer shows of a store: sizes, wells and fields, looks and levels."""

from collections.abc import Mapping

import numpy as np

from parfocal.store import ImagePlace, StoreReader
from parfocal.viewer._channel_look import ChannelLook, channel_looks
from parfocal.viewer._source import ChannelFacts, FieldFacts, LevelFacts, Sizes, SourceFacts

# What a recording of a plan without a plate calls its one well.
_IMPLIED_WELL = "A/1"

Shape = tuple[int, int, int]


def store_facts(reader: StoreReader) -> SourceFacts:
    """The facts of an open store. Of cameras and fields of different size the largest counts."""
    info, cameras = reader.info, reader.images.of_field(0)
    lengths = [reader.lengths(place.field, place.channels[0]) for place in reader.images]
    z, y, x = _largest([_zyx(each) for each in lengths])
    t = max(each.get("t", 1) for each in lengths)
    channels = _channels(reader, cameras)
    types = [reader.array(0, channel=place.channels[0]).dtype.numpy_dtype for place in cameras]
    return SourceFacts(
        name=info.name,
        state=info.state,
        sizes=Sizes(t, len(info.fields), len(channels), z, y, x),
        dtype=np.result_type(*types).str,
        fields=_fields(reader, _largest(_first_shapes(reader))),
        channels=channels,
        levels=_levels(reader, cameras[0]),
        time_step_s=info.time_step_s,
    )


def _channels(reader: StoreReader, cameras: tuple[ImagePlace, ...]) -> tuple[ChannelFacts, ...]:
    names = reader.info.channels
    looks = _looks(reader, cameras, len(names))
    own = {c: _levels(reader, place) for place in cameras[1:] for c in place.channels}
    return tuple(
        ChannelFacts(name, look.colormap, look.limits, own.get(number, ()))
        for number, (name, look) in enumerate(zip(names, looks, strict=True))
    )


def _looks(reader: StoreReader, cameras: tuple[ImagePlace, ...], count: int) -> list[ChannelLook]:
    root = reader.info.path
    looks = channel_looks(root / cameras[0].path, count)
    for place in cameras if len(cameras) > 1 else ():
        own = channel_looks(root / place.path, len(place.channels))
        for channel, look in zip(place.channels, own, strict=True):
            looks[channel] = look
    return looks


def _fields(reader: StoreReader, largest: Shape) -> tuple[FieldFacts, ...]:
    info = reader.info
    wells = [_well(path) for path in info.field_paths]
    several = set(wells) != {_IMPLIED_WELL}
    return tuple(
        FieldFacts(name, well if several else "", origin, None if shape == largest else shape)
        for name, well, origin, shape in zip(
            info.fields, wells, info.origins_um, _first_shapes(reader), strict=True
        )
    )


def _first_shapes(reader: StoreReader) -> list[Shape]:
    """The shape of each field as its first camera saw it."""
    firsts = [reader.images.of_field(number)[0] for number in range(len(reader.info.fields))]
    return [_zyx(reader.lengths(place.field, place.channels[0])) for place in firsts]


def _well(path: str) -> str:
    """The well of a plate's image, `B/3/0`; empty for an image that is in none."""
    return "/".join(path.split("/")[:2]) if path.count("/") == 2 else ""


def _levels(reader: StoreReader, camera: ImagePlace) -> tuple[LevelFacts, ...]:
    """The levels that every field of a camera has; they are made one field after the other."""
    channel, (z0, y0, x0) = camera.channels[0], reader.info.origins_um[camera.field]
    fields = [place.field for place in reader.images if place.channels == camera.channels]
    levels = []
    for number, level in enumerate(reader.levels(camera.field, channel)):
        lengths = [reader.lengths(field, channel, number) for field in fields]
        if not all(lengths):
            break
        z, y, x = level.origin_um
        shape = _largest([_zyx(each) for each in lengths])
        levels.append(LevelFacts(shape, level.voxel_um, (z - z0, y - y0, x - x0)))
    return tuple(levels)


def _zyx(lengths: Mapping[str, int]) -> Shape:
    return lengths.get("z", 1), lengths.get("y", 1), lengths.get("x", 1)


def _largest(shapes: list[Shape]) -> Shape:
    z, y, x = (max(along) for along in zip(*shapes, strict=True))
    return z, y, x
