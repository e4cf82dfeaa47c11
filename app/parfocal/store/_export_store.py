"""Write products as a Parfocal store of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import numpy as np

from parfocal.store._errors import StoreError
from parfocal.store._files import read_json, write_json
from parfocal.store._images import image_map
from parfocal.store._layout import EXTRAS, WELL
from parfocal.store._metadata import read_record
from parfocal.store._ngff import find_images
from parfocal.store._product import Place, Product
from parfocal.store._progress import Course
from parfocal.store._provenance import Content, record_provenance
from parfocal.store._recording import Recording
from parfocal.store._spec import ChannelInfo, FieldInfo, Index, RecordingSpec
from parfocal.store._store_metadata import StoreMetadata, write_store_metadata
from parfocal.store._voxel_size import RESTATED
from parfocal.store._wells import WELL_NAME

MISSING = "it is missing in the store that this one was made from"


@dataclass(frozen=True, slots=True)
class Placed:
    """A product and which field and channels of the new store it becomes."""

    product: Product
    field: int
    channels: tuple[int, ...]

    def planes(self) -> Iterator[tuple[Index, Place, bool]]:
        """Its planned planes: where in the store, where in the product, whether it is there."""
        held, planned = self.product.held, self.product.planned
        for t, c, z in np.argwhere(planned).tolist():
            yield (t, self.field, self.channels[c], z), (t, c, z), bool(held[t, c, z])


def write_store(
    path: Path,
    name: str,
    source: Path,
    products: Sequence[Product],
    course: Course,
    cancelled: Event | None,
) -> None:
    """Record every plane of the products; a field's images that differ become its cameras."""
    placed = _placed(products)
    largest = max(one.shape[-2] * one.shape[-1] * one.source.itemsize for one in products)
    budget = max(products[0].budget_bytes // 2, 4 * largest)
    recording = Recording.create(path, _spec(name, placed), budget_bytes=budget)
    state = "interrupted"
    try:
        for number, one in enumerate(placed, 1):
            course.say(f"image {number} of {len(placed)}")
            for index, place, there in one.planes():
                if there:
                    plane = one.product.plane(place, course)
                    recording.put(index, plane, cancelled=cancelled)
                else:
                    recording.skip(index, MISSING)
        state = "completed"
    finally:
        recording.close(state)
    _restate(path, source, placed)


def _placed(products: Sequence[Product]) -> list[Placed]:
    """Fields and channels numbered without a gap, in the order of the source's."""
    fields = sorted({one.source.place.field for one in products})
    kept = [one.source.place.channels[: len(one.channels)] for one in products]
    channels = sorted({number for numbers in kept for number in numbers})
    return [
        Placed(
            one,
            fields.index(one.source.place.field),
            tuple(channels.index(number) for number in numbers),
        )
        for one, numbers in zip(products, kept, strict=True)
    ]


def _spec(name: str, placed: Sequence[Placed]) -> RecordingSpec:
    first = placed[0].product
    channels: dict[int, ChannelInfo] = {}
    fields: dict[int, FieldInfo] = {}
    for one in placed:
        product, source = one.product, one.product.source
        fields.setdefault(
            one.field,
            FieldInfo(source.name, product.origin_um, _well(source.place.path)),
        )
        for number, channel in zip(one.channels, product.channels, strict=True):
            # how thick a projection is says nothing, and all cameras must say the same
            voxel = (first.voxel_um[0], *product.voxel_um[1:])
            shape = product.shape[-2:]
            told = replace(channel, plane_shape=shape, dtype=source.dtype, voxel_um=voxel)
            known = channels.setdefault(number, told)
            if (known.plane_shape, known.dtype) != (told.plane_shape, told.dtype):
                raise StoreError(
                    f"its images differ: {source.place.path} has {told.dtype} {told.plane_shape} "
                    f"where another one has {known.dtype} {known.plane_shape}; "
                    "an OME-TIFF can hold both"
                )
    planned = [index for one in placed for index, _, _ in one.planes()]
    return RecordingSpec(
        name=name,
        fields=[fields[number] for number in sorted(fields)],
        channels=[channels[number] for number in sorted(channels)],
        planned=planned,
        due_s=[0.0] * len(planned),
        plane_shape=first.shape[-2:],
        dtype=first.source.dtype,
        voxel_um=first.voxel_um,
        time_step_s=first.source.time_step_s,
    )


def _well(path: str) -> str | None:
    """The well of a plate; that of a recording without plate is none."""
    well = "/".join(path.split("/")[:2])
    return well if WELL_NAME.fullmatch(well) and well != WELL else None


def _restate(path: Path, source: Path, placed: Sequence[Placed]) -> None:
    """Say from what it was made, and from where its voxel size is."""
    places = image_map(read_record(path), find_images(path))
    images = []
    for one in placed:
        product = one.product
        image = places.at(one.field, one.channels[0]).path
        document = read_json(path / image / "zarr.json")
        document["attributes"].setdefault(EXTRAS, {})[RESTATED] = product.source.voxel.source
        write_json(path / image / "zarr.json", document)
        images.append({"path": image, "source": product.source.place.path})
    first = placed[0].product
    told = StoreMetadata(
        source_uri=source.as_uri(),
        voxel_size_um=first.voxel_um,
        voxel_size_source=first.source.voxel.source,
    )
    write_store_metadata(path, told)
    record_provenance(
        path,
        "export",
        parameters={
            "projected_axis": first.axis,
            "rows_and_columns": {"y": "zx", "x": "zy"}.get(first.axis or "", "yx"),
            "left_out": sum(one.product.left_out for one in placed),
            "images": images,
        },
        inputs=[Content(source.as_uri())],
        outputs=[image["path"] for image in images],
    )
