"""Plan a conversion: for every array what it becomes, and whether its chunks stay as they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._blocks import Region5, blocks_of
from parfocal.convert._carried import CarriedPlan, plan_carried
from parfocal.convert._description import CANONICAL, Found, FoundArray, FoundImage, canonical_shape
from parfocal.convert._errors import ConvertError
from parfocal.convert._shards import (
    Five,
    InShards,
    read_block,
    repack_shard,
    transcode_chunk,
    transcode_shard,
)
from parfocal.convert._source import Encoded, Region, Source, Wishes
from parfocal.store import (
    ArrayLayout,
    ChannelInfo,
    FieldInfo,
    ImageLayout,
    LabelsLayout,
    StoreLayout,
    chunk_codecs,
)

__all__ = ["ArrayPlan", "ConversionPlan", "Planned", "plan_conversion"]

Action = Literal["repack", "transcode"]
CHECKSUM = {"name": "crc32c"}
AS_IT_COMES = Wishes()


@dataclass(frozen=True, slots=True)
class ArrayPlan(InShards):
    """One array: where it is from, where it goes, and how."""

    source: FoundArray
    path: str
    layout: ArrayLayout
    action: Action
    reason: str
    encoded: Encoded | None
    unit: Five
    """What the source decodes at once; of chunks that are taken over, one of them."""
    read: Five
    """What is read at once. It follows from the plan alone: chunks lie in a file as they are read,
    so that nothing that differs from call to call, as memory, may choose it."""

    def blocks(self, shard: tuple[int, ...]) -> Iterator[Region5]:
        """A shard, cut into what is read at once."""
        return blocks_of(self.block(shard), self.read)

    def region(self, block: tuple[slice, ...]) -> Region:
        """The same part in the source's own order of axes."""
        return tuple(block[CANONICAL.index(axis)] for axis in self.source.axes)

    def ordered(self, pixels: NDArray[Any], block: tuple[slice, ...]) -> NDArray[Any]:
        """The source's pixels seen as t, c, z, y, x; nothing is copied."""
        axes = self.source.axes
        turned = pixels.transpose([axes.index(axis) for axis in CANONICAL if axis in axes])
        return turned.reshape([part.stop - part.start for part in block])


Planned: TypeAlias = ArrayPlan | CarriedPlan


@dataclass(frozen=True, slots=True)
class ConversionPlan:
    """What a source becomes."""

    found: Found
    layout: StoreLayout
    arrays: tuple[Planned, ...]

    @property
    def raw_bytes(self) -> int:
        """All pixels, decoded."""
        return sum(array.raw_bytes for array in self.arrays)

    def as_json(self) -> list[dict[str, Any]]:
        """What a dry run says of each array."""
        told = [
            {
                "path": array.path,
                "source": array.source.key,
                "action": array.action,
                "reason": array.reason,
                "shape": list(array.layout.shape),
                "dtype": array.layout.dtype,
                "bytes": array.raw_bytes,
            }
            for array in self.arrays
        ]
        refused = [
            {"path": key, "source": key, "action": "refuse", "reason": why}
            for key, why in self.found.refused
        ]
        return [*told, *refused]


def plan_conversion(source: Source, found: Found, wishes: Wishes = AS_IT_COMES) -> ConversionPlan:
    """Plan every array that was found; a ConvertError when there is none to convert."""
    if not found.images:
        why = "; ".join(reason for _, reason in found.refused)
        raise ConvertError(f"{source.path} holds no image that can be converted: {why or 'none'}")
    _refuse_odd_images(source, found)
    channels = _channels(found)
    bare = StoreLayout(
        found.name, tuple(_image_layout(image, ()) for image in found.images), channels, found.plate
    )
    arrays: list[Planned] = [plan_carried(source, one) for one in found.carried]
    images = []
    for place, image in zip(bare.places(), found.images, strict=True):
        levels = tuple(
            _plan_array(source, image, level, place.array(number), wishes)
            for number, level in enumerate(image.levels)
        )
        labels = []
        for one in image.labels:
            planned = tuple(
                _plan_array(
                    source, image, level, f"{place.path}/labels/{one.name}/{number}", wishes
                )
                for number, level in enumerate(one.levels)
            )
            arrays += planned
            layouts = tuple(plan.layout for plan in planned)
            labels.append(LabelsLayout(one.name, layouts, one.told, one.attributes))
        arrays += levels
        laid = _image_layout(image, tuple(plan.layout for plan in levels))
        images.append(replace(laid, labels=tuple(labels)))
    layout = replace(bare, images=tuple(images))
    return ConversionPlan(found, layout, tuple(arrays))


def _channels(found: Found) -> tuple[ChannelInfo, ...]:
    """The channels of the store: those of the image with the most."""
    return max((image.channels for image in found.images), key=len)


def _image_layout(image: FoundImage, levels: tuple[ArrayLayout, ...]) -> ImageLayout:
    count = image.levels[0].canonical[1]
    return ImageLayout(
        FieldInfo(image.name, image.origin_um, image.well),
        tuple(range(count)),
        levels,
        image.voxel_um,
        image.voxel_source,
        image.time_step_s,
        image.method,
        (),
        image.attributes,
    )


def _refuse_odd_images(source: Source, found: Found) -> None:
    for image in found.images:
        for level in (*image.levels, *(one for each in image.labels for one in each.levels)):
            dtype = np.dtype(level.dtype)
            if dtype.kind not in "biuf" or dtype.itemsize > 8:
                raise ConvertError(
                    f"{source.path}: the array {level.key or '/'} has pixels of type {dtype}; "
                    "integers and floats up to 64 bit can be converted"
                )
            if 0 in level.shape:
                size = " × ".join(f"{a} {n}" for a, n in zip(level.axes, level.shape, strict=True))
                raise ConvertError(
                    f"{source.path}: the array {level.key or '/'} holds no pixels: it is {size}"
                )


def _plan_array(
    source: Source, image: FoundImage, level: FoundArray, path: str, wishes: Wishes
) -> ArrayPlan:
    encoded = source.encoded(level.key)
    shape = level.canonical
    dtype = np.dtype(level.dtype)
    # a mask: the bytes of bool are those of uint8, and every reader knows uint8
    name = "uint8" if dtype.kind == "b" else dtype.newbyteorder("<").name
    scale, translation = _transformations(image, level)
    if isinstance(encoded, str):
        unit = _unit(level, source.preferred_chunk(level.key))
        inner = transcode_chunk(shape, unit, dtype.itemsize)
        shard = transcode_shard(shape, inner, unit, dtype.itemsize, wishes.shard_bytes)
        layout = ArrayLayout(
            shape,
            name,
            inner,
            shard,
            tuple(chunk_codecs(np.dtype(name), wishes.codec)),
            0,
            scale,
            translation,
        )
        read = read_block(shape, shard, inner, unit, dtype.itemsize)
        return ArrayPlan(level, path, layout, "transcode", encoded, None, unit, read)
    chunk = canonical_shape(level.axes, encoded.chunk)
    layout = ArrayLayout(
        shape,
        name,
        chunk,
        repack_shard(shape, chunk, dtype.itemsize, wishes.shard_bytes),
        tuple(_kept_codecs(level, encoded, np.dtype(name).itemsize)),
        encoded.fill_value,
        scale,
        translation,
    )
    reason = "its chunks are taken over as they are, each with a checksum"
    return ArrayPlan(level, path, layout, "repack", reason, encoded, chunk, chunk)


def _unit(level: FoundArray, preferred: tuple[int, ...]) -> Five:
    """What the source decodes at once, as t, c, z, y, x; not more than there is."""
    lengths = zip(canonical_shape(level.axes, preferred), level.canonical, strict=True)
    t, c, z, y, x = (max(1, min(part, whole)) for part, whole in lengths)
    return t, c, z, y, x


def _kept_codecs(level: FoundArray, encoded: Encoded, itemsize: int) -> Iterator[Mapping[str, Any]]:
    """The chain that decodes a chunk of the source as it lies, and the checksum behind it."""
    stored = [level.axes[n] for n in encoded.stored_order]
    single = [axis for axis in CANONICAL if axis not in level.axes]
    order = [CANONICAL.index(axis) for axis in (*single, *stored)]
    if order != sorted(order):
        yield {"name": "transpose", "configuration": {"order": order}}
    if itemsize == 1:
        yield {"name": "bytes"}
    else:
        endian = "big" if encoded.big_endian else "little"
        yield {"name": "bytes", "configuration": {"endian": endian}}
    yield from encoded.codecs
    if not encoded.checksummed:
        yield CHECKSUM


def _transformations(
    image: FoundImage, level: FoundArray
) -> tuple[tuple[float, float, float, float, float], tuple[float, float, float, float, float]]:
    z, y, x = level.scale
    oz, oy, ox = image.origin_um if level.origin is None else level.origin
    return (image.time_step_s or 1.0, 1.0, z, y, x), (0.0, 0.0, oz, oy, ox)
