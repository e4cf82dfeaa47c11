"""Say where each plane of a recording goes: its image, its shard, its place in the shard."""

import sys
from collections import Counter
from collections.abc import Sequence

from parfocal.store._cameras import Camera
from parfocal.store._geometry import Geometry, ShardKey
from parfocal.store._images import ImageMap, ImagePlace
from parfocal.store._spec import FieldInfo, Index, RecordingSpec
from parfocal.store._wells import place_images


class Arrangement:
    """The images, cameras and shards of a recording. It grows by fields, and by nothing else.

    Nothing in it changes but `images`, which is exchanged as a whole: any thread may ask.
    """

    def __init__(
        self,
        fields: Sequence[FieldInfo],
        cameras: Sequence[Camera],
        geometries: Sequence[Geometry],
    ) -> None:
        self.fields = list(fields)
        self.cameras = tuple(cameras)
        self.geometries = tuple(geometries)
        self.images = ImageMap(place_images(self.fields, self.cameras))
        numbered = {
            channel: geometry
            for camera, geometry in zip(cameras, geometries, strict=True)
            for channel in camera.channels
        }
        self._of_channel = tuple(numbered[channel] for channel in sorted(numbered))

    def grown(self, fields: Sequence[FieldInfo]) -> tuple["Arrangement", list[ImagePlace]]:
        """The same with more fields, and where their images are to be."""
        all_fields = [*self.fields, *fields]
        larger = Arrangement(all_fields, self.cameras, self.geometries)
        return larger, list(larger.images.places[len(self.images.places) :])

    def adopt(self, larger: "Arrangement") -> None:
        """Know of the fields that the store has by now."""
        self.fields, self.images = larger.fields, larger.images

    def has_channel(self, channel: int) -> bool:
        """Whether there is a channel with this number."""
        return 0 <= channel < len(self._of_channel)

    def of_channel(self, channel: int) -> Geometry:
        """How the planes of a channel lie in shards."""
        return self._of_channel[channel]

    def of_shard(self, key: ShardKey) -> Geometry:
        """How the planes of a shard lie in it."""
        return self._of_channel[key.c]

    def shard_of(self, index: Index) -> ShardKey:
        """The shard that holds a plane."""
        return self._of_channel[index[2]].shard_of(index)

    def slot_of(self, index: Index) -> int:
        """Where in its shard a plane lies."""
        return self._of_channel[index[2]].slot_of(index)

    def image_of(self, key: ShardKey) -> ImagePlace:
        """The image that a shard belongs to."""
        return self.images.at(key.p, key.c)

    def shard_file(self, key: ShardKey) -> str:
        """The shard's file, relative to the store."""
        image = self.image_of(key)
        name = self.of_shard(key).shard_name(key, image.channel(key.c))
        return f"{image.array()}/{name}"

    def bytes_of(self, key: ShardKey) -> int:
        """The memory that a shard needs."""
        return self.of_shard(key).buffer_bytes

    def expected_planes(self, spec: RecordingSpec) -> dict[Geometry, int]:
        """How many planes with each geometry will come; two cameras may well have the same."""
        planned = Counter(index[2] for index in spec.planned)
        planes: dict[Geometry, int] = Counter()
        for camera, geometry in zip(self.cameras, self.geometries, strict=True):
            planes[geometry] += sum(planned[channel] for channel in camera.channels)
        return dict.fromkeys(planes, sys.maxsize) if spec.unbounded else planes
