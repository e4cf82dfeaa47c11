"""Read experiments of Navigate: BigDataViewer, TIFF or Zarr beside their `experiment.yml`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from parfocal.convert._bdv_files import has_bdv_layout, is_bdv_xml, lacks_xml
from parfocal.convert._bdv_source import BdvSource
from parfocal.convert._bdv_xml import BdvExperiment, BdvSetup
from parfocal.convert._description import UNKNOWN_SIZE, Found, FoundImage, Zyx
from parfocal.convert._errors import ConvertError, DataElsewhere
from parfocal.convert._navigate_experiment import DATA_FOLDER, NAMES, read_experiment
from parfocal.convert._navigate_tiff import NavigateTiff
from parfocal.convert._replaced import resized
from parfocal.convert._source import Encoded, Region, Source, Wishes
from parfocal.convert._stage_rows import placed
from parfocal.convert._zarr_source import RUN, ZarrSource
from parfocal.store import StageRow

__all__ = ["NavigateSource"]

NUMBER = re.compile(r"\d+")
KINDS = {"h5": "bdv", "n5": "bdv", "tiff": "tiff", "ome-tiff": "tiff", "ome-zarr": "zarr"}


class NavigateSource:
    """The data are found by the experiment and read as what they are; the experiment adds voxel
    size, channels and where the stage stood. Positions keep their numbers."""

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        file = _experiment_of(path)
        if file is None:
            raise ConvertError(f"there is no {NAMES[0]} at {path}")
        self._told = read_experiment(file, wishes.options.get(DATA_FOLDER))
        self._rows = self._told.rows()
        self._inner = self._opened()

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """The experiment, the folder that holds it, or pixels of BDV whose XML is missing."""
        file = _experiment_of(path)
        if file is None or ZarrSource.sniff(path):
            return False
        if path != file and b"MicroscopeState" not in file.read_bytes():
            return False
        return path in (file, file.parent) or (has_bdv_layout(path) and lacks_xml(path))

    def describe(self) -> Found:
        """What the data hold, with what the experiment says of them."""
        found = self._inner.describe()
        told = self._told
        warnings = list(found.warnings)
        if told.was_moved:
            warnings.append(
                f"{told.saved_in} is not on this computer; {told.file.parent} was taken"
            )
        images = tuple(self._completed(image, warnings) for image in found.images)
        guessed = [one for one in found.guessed if one != UNKNOWN_SIZE]
        if any(image.guessed_axes == ("z", "y", "x") for image in images):
            guessed.append(UNKNOWN_SIZE)
        rows = tuple(
            StageRow(image.name, **self._rows[number])
            for image, number in ((one, self._number(one)) for one in images)
            if number is not None and number < len(self._rows)
        )
        return replace(
            found,
            kind=f"Navigate, {found.kind}",
            name=told.file.resolve().parent.name or found.name,
            images=images,
            guessed=tuple(guessed),
            warnings=tuple(dict.fromkeys(warnings)),
            folders=(*found.folders, *self._stores()),
            stage_rows=rows,
            calibration=self._wishes.stage_axes if rows else None,
            experiment=dict(told.told),
            saved_in=told.saved_in if told.was_moved else "",
        )

    def identity(self) -> str:
        """Of the data, and of what was written beside them."""
        return f"{self._inner.identity()}\0{self._told.told!r}\0{self._rows!r}"

    def encoded(self, key: str) -> Encoded | str:
        """As the data are."""
        return self._inner.encoded(key)

    def chunk(self, key: str, position: tuple[int, ...]) -> bytes | None:
        """As the data are."""
        return self._inner.chunk(key, position)

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """Decoded pixels."""
        return self._inner.read(key, region)

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """As the data are."""
        return self._inner.preferred_chunk(key)

    def close(self) -> None:
        """Let go of the files."""
        self._inner.close()

    def _opened(self) -> Source:
        """The data, of the kind that the experiment names if there are several."""
        told = self._told
        if self.path not in (told.file, told.file.parent):
            return self._bdv(self.path)
        wanted = KINDS.get(told.file_type.strip().lower(), "")
        for folder in told.folders:
            kinds = dict(_data_in(folder))
            if not kinds:
                continue
            kind = wanted if wanted in kinds else next(iter(kinds))
            if kind == "bdv":
                return self._bdv(kinds[kind])
            if kind == "zarr":
                return ZarrSource(kinds[kind], self._wishes)
            return NavigateTiff(folder, told, len(self._rows))
        looked = " and ".join(str(folder) for folder in told.folders)
        saved = f" (it was saved in {told.saved_in})" if told.saved_in else ""
        raise DataElsewhere(
            f"{told.file} has no data beside it in {looked}{saved}: put it into the folder of "
            "its data, or name that (--data-folder)",
            told.saved_in,
        )

    def _bdv(self, data: Path) -> BdvSource:
        told = self._without_xml() if lacks_xml(data) else None
        return BdvSource(data, self._wishes, told, fresh=True)

    def _without_xml(self) -> BdvExperiment:
        """Its setups count all positions of a channel, then those of the next one."""
        told = self._told
        channels, positions = max(1, len(told.channels)), max(1, len(self._rows))
        voxel = told.voxel()
        size = None if voxel is None else voxel[0]
        setups = tuple(
            BdvSetup(
                channel * positions + position,
                "",
                size,
                {"illumination": 0, "channel": channel, "tile": position, "angle": 0},
            )
            for channel in range(channels)
            for position in range(positions)
        )
        names = {("channel", number): name for number, name in enumerate(told.channels)}
        times = tuple(range(told.timepoints))
        return BdvExperiment(None, setups, times, {}, names, frozenset(), "")

    def _completed(self, image: FoundImage, warnings: list[str]) -> FoundImage:
        number = self._number(image)
        told = self._told.voxel()
        if self._wishes.voxel_um is not None:
            image = resized(image, self._wishes.voxel_um, "asked for", ())
        elif told is not None and image.voxel_source in ("default", "bdv"):
            size, unknown = told
            if image.voxel_source == "default" or self._inner_has_no_xml():
                image = resized(image, size, "navigate", unknown)
            elif any(
                abs(one - other) > 1e-3 * other
                for one, other in zip(image.voxel_um, size, strict=True)
            ):
                warnings.append(
                    f"the XML says that voxels are {_words(image.voxel_um)}, "
                    f"{self._told.file.name} says {_words(size)}: the XML was believed"
                )
        if number is None or number >= len(self._rows):
            return image
        if any(image.origin_um) and self._wishes.stage_axes is None:
            return image
        return placed(image, self._rows[number], self._wishes.stage_axes)

    def _stores(self) -> tuple[Path, ...]:
        return (self._inner.path,) if isinstance(self._inner, ZarrSource) else ()

    def _inner_has_no_xml(self) -> bool:
        return isinstance(self._inner, BdvSource) and not self._inner.has_xml

    def _number(self, image: FoundImage) -> int | None:
        """Which position an image is."""
        if isinstance(self._inner, BdvSource):
            return self._inner.tile_of(image.path)
        found = NUMBER.findall(image.path)
        return int(found[-1]) if found else None


def _experiment_of(path: Path) -> Path | None:
    if path.is_file() and path.name.lower() in NAMES:
        return path
    for folder in (path, path.parent):
        for name in NAMES:
            if folder.is_dir() and (folder / name).is_file():
                return folder / name
    return None


def _data_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """What lies in a folder, by kind: an XML before the pixels that it names."""
    inside = sorted(folder.iterdir())
    for one in inside:
        if is_bdv_xml(one):
            yield "bdv", one
            break
    else:
        for one in inside:
            if one.suffix.lower() in (".h5", ".n5", ".hdf5") and has_bdv_layout(one):
                yield "bdv", one
                break
    if NavigateTiff.has_any(folder):
        yield "tiff", folder
    for one in inside:
        made_here = (one / RUN).is_dir()
        if one.suffix.lower() == ".zarr" and ZarrSource.sniff(one) and not made_here:
            yield "zarr", one
            break


def _words(size: Zyx) -> str:
    return " × ".join(f"{one:g}" for one in size) + " µm"
