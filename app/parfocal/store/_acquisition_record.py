"""Find the acquisition's own record in a store, and read the voxel size that it implies.

Where a store keeps one: in the attributes of a component, of `parfocal/metadata` (older:
`clearex/metadata`; there under `legacy` too, where foreign attributes are kept untouched), or of
the root — OME-XML as text under `ome_xml` and its spellings, BDV's SpimData as text under
`bdv_xml` and its spellings, Navigate's experiment as an object under `navigate_experiment`,
`source_experiment` or `experiment` — and in `OME/METADATA.ome.xml`, which bioformats2raw puts
beside its images. A file elsewhere on the disk is not followed: it serves ingestion and repair.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from parfocal.store._acquisition_xml import bdv_spacing, ome_xml_spacing
from parfocal.store._component import Components
from parfocal.store._legacy_scale import own_mappings
from parfocal.store._navigate import navigate_spacing
from parfocal.store._spacing import Spacing

OME_XML = ("ome_xml", "omexml", "OME_XML", "OME-XML", "ome-xml", "ImageDescription")
BDV_XML = ("bdv_xml", "bdv", "BDV", "SpimData", "spim_data")
NAVIGATE = ("navigate_experiment", "source_experiment", "experiment")
OME_XML_FILE = "OME/METADATA.ome.xml"

XmlReader = Callable[[str, int, str, list[str]], Spacing | None]


def record_spacings(
    attributes: Mapping[str, Any], number: int, where: str, told: list[str]
) -> Iterator[tuple[str, str, Spacing]]:
    """`ome_xml`, `bdv`, `navigate`, in this order: the kind, the key that held it, its size."""
    mappings = [*own_mappings(attributes), attributes.get("legacy")]
    holders = [one for one in mappings if isinstance(one, Mapping)]
    readers: tuple[tuple[str, tuple[str, ...], XmlReader], ...] = (
        ("ome_xml", OME_XML, ome_xml_spacing),
        ("bdv", BDV_XML, bdv_spacing),
    )
    for kind, keys, read in readers:
        for key, text in _entries(holders, keys):
            if isinstance(text, str) and text.lstrip().startswith("<"):
                found = read(text, number, f"{where}: {key}", told)
                if found is not None:
                    yield kind, key, found
    for key, value in _entries(holders, NAVIGATE):
        found = navigate_spacing(_object(value))
        if found is not None:
            yield "navigate", key, found
    for holder in holders:
        # the whole experiment.yml laid down as attributes
        found = navigate_spacing(holder)
        if found is not None:
            yield "navigate", "MicroscopeState", found


def file_spacing(components: Components, number: int, told: list[str]) -> Spacing | None:
    """What the OME-XML file beside a bioformats2raw layout says."""
    file = components.root / OME_XML_FILE
    return ome_xml_spacing(file, number, OME_XML_FILE, told) if file.is_file() else None


def series_number(components: Components, path: str) -> int:
    """Which image of an acquisition's record a component is; 0 when nothing says so."""
    attributes = components.attributes("OME")
    ome = attributes.get("ome", attributes)
    series = ome.get("series") if isinstance(ome, Mapping) else None
    for number, image in enumerate(series if isinstance(series, list) else []):
        if isinstance(image, str) and f"{path}/".startswith(f"{image.strip('/')}/"):
            return number
    first = path.partition("/")[0]
    setup = re.search(r"(?:^|/)setup(\d{1,6})(?:/|$)", path)
    if setup is not None:
        return int(setup.group(1))
    beside = (components.root / OME_XML_FILE).is_file()
    return int(first) if beside and re.fullmatch(r"\d{1,6}", first) else 0


def _entries(holders: list[Mapping[str, Any]], keys: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for holder in holders:
        yield from ((key, holder[key]) for key in keys if key in holder)


def _object(value: Any) -> Any:
    """Navigate writes `experiment.yml` as JSON text, so an attribute may hold that text."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None
