"""Find the image of a field and channel: the one place that knows how a store is laid out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._ngff import Image


@dataclass(frozen=True, slots=True)
class ImagePlace:
    """One NGFF image: its path in the store, its field, and which channels of the recording.

    Channel number `channels[n]` of the recording is number `n` of the image.
    """

    path: str
    field: int
    channels: tuple[int, ...]

    def array(self, level: int = 0) -> str:
        """The TCZYX array of a pyramid level as a recording writes it."""
        return f"{self.path}/{level}"

    def channel(self, number: int) -> int:
        """Where in the image a channel of the recording is."""
        return self.channels.index(number)

    def as_json(self) -> dict[str, Any]:
        """What the record says of it."""
        return {"path": self.path, "field": self.field, "channels": list(self.channels)}


class ImageMap:
    """Where each (field, channel) of a store lies."""

    def __init__(self, places: Iterable[ImagePlace]) -> None:
        self.places = tuple(places)
        self._by_index = {
            (place.field, channel): place for place in self.places for channel in place.channels
        }
        self._by_path = {place.path: place for place in self.places}
        self._by_field: dict[int, list[ImagePlace]] = {}
        for place in self.places:
            self._by_field.setdefault(place.field, []).append(place)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "ImageMap":
        """As a recording tells it; empty when it does not."""
        try:
            return cls(
                ImagePlace(str(e["path"]), int(e["field"]), tuple(int(c) for c in e["channels"]))
                for e in record.get("images", [])
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise StoreError(f"the record lists images without sense: {problem!r}") from problem

    def __iter__(self) -> Iterator[ImagePlace]:
        return iter(self.places)

    @property
    def fields(self) -> int:
        """How many fields there are."""
        return 1 + max((place.field for place in self.places), default=-1)

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return 1 + max((max(place.channels) for place in self.places), default=-1)

    def find(self, field: int, channel: int) -> ImagePlace | None:
        """The image of a field and channel; None when there is none."""
        return self._by_index.get((field, channel))

    def at(self, field: int, channel: int) -> ImagePlace:
        """The image of a field and channel of the recording."""
        place = self._by_index.get((field, channel))
        if place is None:
            raise StoreError(
                f"there is no field {field} with a channel {channel}; "
                f"there are {self.fields} fields and {self.channels} channels"
            )
        return place

    def of_path(self, path: str) -> ImagePlace | None:
        """The image at a path; None when it is none of these."""
        return self._by_path.get(path)

    def of_field(self, field: int) -> tuple[ImagePlace, ...]:
        """The images of a field, one a camera."""
        return tuple(self._by_field.get(field, ()))


def image_map(record: Mapping[str, Any] | None, images: Sequence[Image]) -> ImageMap:
    """As a recording says it; of any other store each image is a field with all its channels."""
    told = ImageMap.of_record(record or {})
    if told.places:
        return told
    return ImageMap(
        ImagePlace(image.path, number, tuple(range(_channels(image))))
        for number, image in enumerate(images)
    )


def _channels(image: Image) -> int:
    shape = image.levels[0].shape if image.levels else None
    lengths = dict(zip((axis.name for axis in image.axes), shape or (), strict=False))
    return lengths.get("c", 1)
