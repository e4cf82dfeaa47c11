"""Draw up a change: the metadata files as they will be, and in words what was there before."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from parfocal.store._edit_voxels import Resize, Zyx, alike, spacing_um
from parfocal.store._errors import StoreError
from parfocal.store._files import read_json
from parfocal.store._images import ImagePlace, image_map
from parfocal.store._labels_documents import FOLDER as LABELS
from parfocal.store._labels_documents import listed_labels
from parfocal.store._layout import EVERY_CHUNK, EXTRAS, STORE_METADATA
from parfocal.store._metadata import group, timestamp
from parfocal.store._ngff import find_images
from parfocal.store._store_metadata import StageAxisMap, read_store_metadata
from parfocal.store._voxel_correction import CORRECTIONS
from parfocal.store._voxel_size import resolve_voxel_size

Document = dict[str, Any]


class Draft:
    """Nothing is written here; `changed` are the files to be exchanged, `told` is for history."""

    def __init__(self, root: Path, record: Mapping[str, Any]) -> None:
        self.root = root
        self.told: list[dict[str, Any]] = []
        self._named = False  # whether a channel got a name
        images = find_images(root)
        self._images = {image.path: image for image in images}
        self._places = image_map(record, images)
        # what came from elsewhere was laid out whole, and says where its first voxel is
        self._recorded = record.get("absent") != EVERY_CHUNK
        self._now: dict[str, Document] = {}
        self._before: dict[str, Document] = {}

    def changed(self) -> dict[str, Document]:
        """The files that differ from what is on the disk, by their path in the store."""
        return {path: new for path, new in self._now.items() if new != self._before[path]}

    def name_field(self, number: int, name: str) -> str:
        """Name a field in all images of it; its name so far."""
        places = self._places.of_field(number)
        if not places:
            raise StoreError(f"{self.root} has no field {number}; it has {self._places.fields}")
        before = ""
        for place in places:
            attributes = self._document(place.path)["attributes"]
            multiscale = attributes["ome"]["multiscales"][0]
            before = before or str(multiscale.get("name") or place.path)
            multiscale["name"] = name
            if isinstance(attributes.get(EXTRAS), dict):
                attributes[EXTRAS]["field"] = name
        self._tell("field name", before, name, field=number)
        return before

    def dress_channel(
        self, number: int, name: str | None, color: str | None, window: tuple[float, float] | None
    ) -> tuple[str | None, str | None, tuple[float, float] | None]:
        """Change what viewers show of a channel, in every image; what that was so far."""
        entries = list(self._channel_entries(number))
        first = deepcopy(entries[0])
        limits = first.get("window", {})
        for entry in entries:
            if name is not None:
                entry["label"] = name
                self._named = True
            if color is not None:
                entry["color"] = color
            if window is not None:
                _open_window(entry.setdefault("window", {}), window)
        old_name = str(first.get("label", ""))
        old_color = str(first.get("color", "FFFFFF"))
        old = (limits["start"], limits["end"]) if "start" in limits else (0.0, 1.0)
        if name is not None:
            self._tell("channel name", old_name, name, channel=number)
        if color is not None:
            self._tell("colour", old_color, color, channel=number)
        if window is not None:
            self._tell("contrast", list(old), list(window), channel=number)
        return (
            None if name is None else old_name,
            None if color is None else old_color,
            None if window is None else old,
        )

    def require_distinct_channels(self) -> None:
        """Two channels of one name could not be told apart in any list."""
        if not self._named:
            return
        names: dict[str, int] = {}
        for number in range(self._places.channels):
            for entry in self._channel_entries(number):
                name = str(entry.get("label", ""))
                if names.setdefault(name, number) != number:
                    raise StoreError(f"{self.root} would have two channels of the name {name!r}")

    def resize(
        self, size: Zyx, reason: str, corrections: Sequence[Mapping[str, Any]] | None
    ) -> tuple[Zyx, tuple[Mapping[str, Any], ...]]:
        """Correct the voxel size everywhere; what it was, and the corrections until now.

        Images of another camera keep their proportion to the first one's.
        """
        resolved = resolve_voxel_size(self.root)
        before = resolved.z, resolved.y, resolved.x
        first = self._places.places[0]
        for place in self._places:
            own = spacing_um(self._document(place.path))
            z, y, x = size
            if place.channels != first.channels and not alike(own, before):
                z, y, x = (o * n / b for o, n, b in zip(own, size, before, strict=True))
            self._resize_image(place, Resize(own, (z, y, x), self._recorded))
        ours = self._extras(STORE_METADATA)
        old = tuple(ours.get(CORRECTIONS, ()))
        entry = {
            "at": timestamp(),
            "old_um_zyx": list(before),
            "new_um_zyx": list(size),
            "old_source": resolved.source,
            "reason": reason,
        }
        kept = [*old, entry] if corrections is None else list(corrections)
        ours.pop(CORRECTIONS, None)
        if kept:
            ours[CORRECTIONS] = kept
        back = {} if corrections is None else {"taken_back": True}
        self._tell("voxel size", list(before), list(size), reason=reason, **back)
        return before, old

    def map_stage(self, axes: StageAxisMap | None) -> StageAxisMap | None:
        """Say how the stage lies; how it was said to lie."""
        before = read_store_metadata(self.root).spatial_calibration
        ours = self._extras(STORE_METADATA)
        ours.pop("spatial_calibration", None)
        if axes is not None:
            told = {"stage_axis_map_zyx": {"z": axes.z, "y": axes.y, "x": axes.x}}
            ours["spatial_calibration"] = told
        self._tell("stage map", before and str(before), axes and str(axes))
        return before

    def _resize_image(self, place: ImagePlace, to: Resize) -> None:
        image = self._images[place.path]
        lengths = image.levels[0].shape or ()
        shape = dict(zip((axis.name for axis in image.axes), lengths, strict=True))
        to.apply(self._document(place.path), shape)
        for name in listed_labels(self.root / place.path / LABELS):
            label = f"{place.path}/{LABELS}/{name}"
            if (self.root / label / "zarr.json").is_file():
                to.apply(self._document(label), shape)

    def _channel_entries(self, number: int) -> Iterator[Document]:
        places = [place for place in self._places if number in place.channels]
        if not places:
            there = self._places.channels
            raise StoreError(f"{self.root} has no channel {number}; it has {there}")
        for place in places:
            ome = self._document(place.path)["attributes"]["ome"]
            yield ome["omero"]["channels"][place.channel(number)]

    def _extras(self, path: str) -> Document:
        attributes: Document = self._document(path).setdefault("attributes", {})
        ours: Document = attributes.setdefault(EXTRAS, {})
        return ours

    def _document(self, path: str) -> Document:
        file = f"{path}/zarr.json"
        if file not in self._now:
            there = (self.root / file).is_file()
            self._before[file] = read_json(self.root / file) if there else {}
            self._now[file] = deepcopy(self._before[file]) or group({})
        return self._now[file]

    def _tell(self, what: str, old: Any, new: Any, **more: Any) -> None:
        if old != new:
            self.told.append({"what": what, "old": old, "new": new, **more})


def _open_window(told: Document, window: tuple[float, float]) -> None:
    """Limits for a viewer, inside of the range that its slider has."""
    low, high = window
    told["start"], told["end"] = low, high
    told["min"] = min(float(told.get("min", low)), low)
    told["max"] = max(float(told.get("max", high)), high)
