"""Know BigDataViewer's files, and which XML belongs to which pixels."""

from pathlib import Path

from parfocal.convert._bdv_xml import read_bdv_xml
from parfocal.convert._damaged_hdf5 import DAMAGED_HDF5
from parfocal.convert._errors import ConvertError

__all__ = ["has_bdv_layout", "is_bdv_xml", "lacks_xml", "xml_of"]


def is_bdv_xml(path: Path) -> bool:
    """By its ending and its root element."""
    if path.suffix.lower() != ".xml" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b"<SpimData" in file.read(4096)


def has_bdv_layout(path: Path) -> bool:
    """Whether these are pixels that lie as BigDataViewer lays them."""
    if path.is_dir():
        return any(path.glob("setup*/timepoint*/s0"))
    return path.suffix.lower() in (".h5", ".hdf5") and _is_bdv_file(path)


def xml_of(path: Path) -> Path:
    """The XML that belongs to some pixels."""
    if path.suffix.lower() == ".xml":
        return path
    beside = path.with_suffix(".xml")
    if beside.is_file():
        return beside
    found = sorted(one for one in path.parent.glob("*.xml") if is_bdv_xml(one))
    for one in found:
        if read_bdv_xml(one).data == path:
            return one
    raise ConvertError(
        f"{path} is laid out for BigDataViewer, whose XML says what its setups are: "
        f"put {beside.name} beside it"
    )


def lacks_xml(path: Path) -> bool:
    """Whether pixels in the layout of BigDataViewer come without their XML."""
    try:
        xml_of(path)
    except ConvertError:
        return True
    return False


def _is_bdv_file(path: Path) -> bool:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return any(name.startswith("t") and name[1:].isdecimal() for name in file)
    except DAMAGED_HDF5:
        return False
