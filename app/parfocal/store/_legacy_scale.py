"""Read a voxel size from the attribute keys that stores used before NGFF had one, and beside it.

Every key names its axes, so its name says which numbers are z, y, x: exactly 3 of a `zyx` key,
[2:5] of a `tczyx` key with 5 or more, [3:6] of a `tpczyx` key with 6 or more. Only `scale` names
none and goes by its count: 3 zyx, 5 tczyx, 6 or more tpczyx. A key with a count that contradicts
its name is refused, since whatever it gave would be a guess.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from parfocal.store._layout import EXTRAS
from parfocal.store._spacing import Factors, Spacing, length, spacing_of

ZYX = (
    "voxel_size_um_zyx",
    "voxel_size_um",
    "voxel_size_zyx",
    "pixel_size_um_zyx",
    "pixel_size_zyx",
    "physical_pixel_size_zyx",
)
TCZYX = ("scale_tczyx",)
NAMELESS = "scale"
TPCZYX = (
    "scale_tpczyx",
    "physical_scale_tpczyx",
    "voxel_size_tpczyx",
    "pixel_size_tpczyx",
    "physical_pixel_size_tpczyx",
)
KEYS = (*ZYX, *TCZYX, NAMELESS, *TPCZYX)
FACTORS = ("downsample_factors_zyx", "downsample_factors_tczyx", "downsample_factors_tpczyx")


def legacy_spacings(
    attributes: Mapping[str, Any], where: str, told: list[str]
) -> Iterator[tuple[str, Spacing]]:
    """Every key with an accepted voxel size, in order; a key with a junk value is told."""
    for mapping in own_mappings(attributes):
        for key in KEYS:
            if key not in mapping:
                continue
            chosen = _chosen(key, mapping[key])
            found = None if chosen is None else spacing_of(chosen)
            if found is None:
                told.append(f"{where}: {key} {short(mapping[key])} is no voxel size")
            else:
                yield key, found


def recorded_factors(attributes: Mapping[str, Any]) -> Factors | None:
    """How much coarser than its base a level says it is (z, y, x)."""
    for mapping in own_mappings(attributes):
        for key in FACTORS:
            chosen = _chosen(key, mapping.get(key))
            if chosen is None:
                continue
            z, y, x = (length(value) for value in chosen)
            if z is not None and y is not None and x is not None:
                return z, y, x
    return None


def own_mappings(attributes: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Our namespace before the bare attributes."""
    ours = attributes.get(EXTRAS)
    if isinstance(ours, Mapping):
        yield ours
    yield attributes


def short(value: Any) -> str:
    """A value as it stands in a sentence."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _chosen(key: str, value: Any) -> Sequence[Any] | None:
    if isinstance(value, Mapping):
        return [value.get(axis, "") for axis in "zyx"] if key in ZYX else None
    if not isinstance(value, list | tuple):
        return None
    count = len(value)
    if key.endswith("_tpczyx") or (key == NAMELESS and count >= 6):
        return value[3:6] if count >= 6 else None
    if key.endswith("_tczyx") or (key == NAMELESS and count == 5):
        return value[2:5] if count >= 5 else None
    return value if count == 3 else None
