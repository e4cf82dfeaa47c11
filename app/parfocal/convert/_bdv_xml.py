"""Read what BigDataViewer's XML says: setups, timepoints, and where each view lies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._description import Zyx
from parfocal.convert._errors import ConvertError
from parfocal.store import micrometres

__all__ = ["BdvExperiment", "BdvSetup", "read_bdv_xml"]

ATTRIBUTES = ("illumination", "channel", "tile", "angle")


@dataclass(frozen=True, slots=True)
class BdvSetup:
    """One ViewSetup: a channel of one place, seen from one side."""

    number: int
    name: str
    voxel_um: Zyx | None
    attributes: dict[str, int]


@dataclass(frozen=True, slots=True)
class BdvExperiment:
    """The whole of it; `affines` are 4 × 4 in x, y, z, from pixels to the world."""

    data: Path | None
    setups: tuple[BdvSetup, ...]
    timepoints: tuple[int, ...]
    affines: dict[tuple[int, int], NDArray[np.float64]]
    names: dict[tuple[str, int], str]
    missing: frozenset[tuple[int, int]]
    text: str = field(repr=False)

    def name(self, attribute: str, number: int) -> str:
        """What an illumination, channel, tile or angle is called."""
        return self.names.get((attribute, number), "")


def read_bdv_xml(path: Path) -> BdvExperiment:
    """The experiment in an XML file; a ConvertError says what it lacks."""
    try:
        text = path.read_text(encoding="utf-8")
        root = ElementTree.fromstring(text)
    except OSError as problem:
        raise ConvertError(f"{path} cannot be read: {problem.strerror}") from problem
    except (ElementTree.ParseError, ValueError) as problem:
        raise ConvertError(f"{path} is no XML: {problem}") from problem
    sequence = root.find("SequenceDescription")
    if root.tag != "SpimData" or sequence is None:
        raise ConvertError(f"{path} is no XML of BigDataViewer: it has no SequenceDescription")
    try:
        setups = tuple(_setups(sequence))
        return BdvExperiment(
            _data(path, root, sequence),
            setups,
            tuple(_timepoints(sequence)),
            dict(_affines(root)),
            dict(_names(sequence)),
            frozenset(_missing(sequence)),
            text,
        )
    except (TypeError, ValueError) as problem:
        raise ConvertError(f"{path} makes no sense: {problem}") from problem


def _data(path: Path, root: ElementTree.Element, sequence: ElementTree.Element) -> Path | None:
    """The file or folder of the pixels; its name alone, if it was written on another computer."""
    base = path.parent / (root.findtext("BasePath") or ".").strip()
    loader = sequence.find("ImageLoader")
    if loader is None:
        return None
    told = next((one for one in loader if one.tag in ("hdf5", "n5", "zarr")), None)
    if told is None or not (told.text or "").strip():
        return None
    words = (told.text or "").strip()
    candidates = [base / words, path.parent / words.replace("\\", "/").rpartition("/")[2]]
    return next((one for one in candidates if one.exists()), candidates[0])


def _setups(sequence: ElementTree.Element) -> Iterator[BdvSetup]:
    for setup in sequence.iterfind("ViewSetups/ViewSetup"):
        number = int(setup.findtext("id") or "")
        attributes = {name: int(setup.findtext(f"attributes/{name}") or 0) for name in ATTRIBUTES}
        yield BdvSetup(number, (setup.findtext("name") or "").strip(), _voxel(setup), attributes)


def _voxel(setup: ElementTree.Element) -> Zyx | None:
    words = (setup.findtext("voxelSize/size") or "").split()
    unit = (setup.findtext("voxelSize/unit") or "").strip()
    factor = micrometres(unit) if unit else 1.0
    if len(words) != 3 or factor is None:
        return None
    # a stage that runs backwards is written with a negative step
    x, y, z = (abs(float(word)) * factor for word in words)
    return (z, y, x) if min(x, y, z) > 0 else None


def _timepoints(sequence: ElementTree.Element) -> Iterator[int]:
    told = sequence.find("Timepoints")
    if told is None:
        yield 0
    elif told.get("type") == "range":
        yield from range(int(told.findtext("first") or 0), int(told.findtext("last") or 0) + 1)
    else:  # "0-5, 8, 10-20:2"
        for part in (told.findtext("integerpattern") or "0").split(","):
            words, _, step = part.strip().partition(":")
            first, _, last = words.partition("-")
            yield from range(int(first), int(last or first) + 1, int(step or 1))


def _affines(root: ElementTree.Element) -> Iterator[tuple[tuple[int, int], NDArray[np.float64]]]:
    """The product of each view's transforms; the first one listed is the last one applied."""
    for view in root.iterfind("ViewRegistrations/ViewRegistration"):
        whole = np.eye(4)
        for transform in view.iterfind("ViewTransform"):
            numbers = [float(word) for word in (transform.findtext("affine") or "").split()]
            if len(numbers) != 12:
                continue
            one = np.eye(4)
            one[:3] = np.reshape(numbers, (3, 4))
            whole = whole @ one
        yield (int(view.get("timepoint") or 0), int(view.get("setup") or 0)), whole


def _names(sequence: ElementTree.Element) -> Iterator[tuple[tuple[str, int], str]]:
    for holder in sequence.iterfind("ViewSetups/Attributes"):
        kind = holder.get("name") or ""
        for entry in holder:
            number, name = entry.findtext("id"), (entry.findtext("name") or "").strip()
            if number is not None and name:
                yield (kind, int(number)), name


def _missing(sequence: ElementTree.Element) -> Iterator[tuple[int, int]]:
    for view in sequence.iterfind("MissingViews/MissingView"):
        yield int(view.get("timepoint") or 0), int(view.get("setup") or 0)
