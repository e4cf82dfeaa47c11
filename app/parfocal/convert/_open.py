"""Find the source that knows what lies at a path."""

from collections.abc import Iterator
from pathlib import Path

from parfocal.convert._bdv_source import BdvSource
from parfocal.convert._errors import ConvertError
from parfocal.convert._folder_source import PATTERN, FolderSource
from parfocal.convert._hdf5_source import Hdf5Source
from parfocal.convert._mmstack_source import MmStackSource
from parfocal.convert._n5_source import N5Source
from parfocal.convert._navigate_experiment import DATA_FOLDER
from parfocal.convert._navigate_source import NavigateSource
from parfocal.convert._ndtiff_source import NdTiffSource
from parfocal.convert._numpy_source import NumpySource
from parfocal.convert._positions import Positions
from parfocal.convert._source import Wishes
from parfocal.convert._spool_source import PLANES, SpoolSource
from parfocal.convert._tiff_source import TiffSource
from parfocal.convert._zarr_source import ZarrSource

__all__ = ["open_source"]

SOURCES = (
    NavigateSource,
    NdTiffSource,
    BdvSource,
    ZarrSource,
    MmStackSource,
    TiffSource,
    Hdf5Source,
    N5Source,
    NumpySource,
    SpoolSource,
    FolderSource,
)


TAKEN_BY = {
    PATTERN: (FolderSource,),
    PLANES: (SpoolSource,),
    DATA_FOLDER: (NavigateSource,),
}
NAMES_ARRAYS = (ZarrSource, Hdf5Source, N5Source, NumpySource)


def _unused(kind: type[object], wishes: Wishes) -> Iterator[str]:
    """What a person said and nobody will look at: it may have been meant for something else."""
    if wishes.array is not None and kind not in NAMES_ARRAYS:
        yield f"the array {wishes.array!r} that was named is not looked for: all of it is taken"
    for name, kinds in TAKEN_BY.items():
        if wishes.options.get(name) and kind not in kinds:
            flag = f"--{name.replace('_', '-')}"
            yield f"{flag} {wishes.options[name]} says nothing of a source like this one"


def open_source(path: Path, wishes: Wishes) -> Positions:
    """Open what lies there; a ConvertError says what it is not."""
    if not path.exists():
        raise ConvertError(f"there is nothing at {path}")
    for kind in SOURCES:
        if kind.sniff(path):
            return Positions(kind(path, wishes), wishes, tuple(_unused(kind, wishes)))
    raise ConvertError(f"{path} is of no kind that can be converted")
