"""Read the voxel size of one level from NGFF coordinateTransformations, whatever their version."""

from collections.abc import Mapping
from typing import Any

from parfocal.store._legacy_scale import short
from parfocal.store._length_units import micrometres
from parfocal.store._ngff import OLD_AXES
from parfocal.store._spacing import Spacing, length, spacing


def multiscales_of(attributes: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The multiscale images of a group: under `ome` since 0.5, at the top before."""
    ome = attributes.get("ome", attributes)
    entries = ome.get("multiscales") if isinstance(ome, Mapping) else None
    return [one for one in _list(entries) if isinstance(one, Mapping)]


def level_paths(multiscale: Mapping[str, Any]) -> list[str]:
    """Where its levels are, below its group; an entry without a path is an empty one."""
    datasets = _list(multiscale.get("datasets"))
    return [str(one.get("path") or "") if isinstance(one, Mapping) else "" for one in datasets]


def axis_names(multiscale: Mapping[str, Any]) -> list[str]:
    """The axes; bare letters before 0.4, and always the same five before 0.3."""
    entries = multiscale.get("axes", OLD_AXES)
    if not isinstance(entries, list | tuple):
        return []
    return [str(one.get("name") if isinstance(one, Mapping) else one) for one in entries]


def level_spacing(
    multiscale: Mapping[str, Any], number: int, where: str, told: list[str]
) -> Spacing | None:
    """What the image says about its level; None when it says nothing that can be a size."""
    datasets = _list(multiscale.get("datasets"))
    dataset = datasets[number] if number < len(datasets) else None
    own = _scale(dataset) if isinstance(dataset, Mapping) else None
    shared = _scale(multiscale)
    if own is None:
        # what holds for all levels says nothing about how a lower one differs
        own, shared = (shared, None) if number == 0 else (None, None)
    if own is None:
        return None
    names = axis_names(multiscale)
    wrong = f"{where}: the scale {short(own)} is no voxel size"
    if len(own) != len(names) or (shared is not None and len(shared) != len(own)):
        told.append(f"{wrong}: it has {len(own)} numbers for {len(names)} axes")
        return None
    sizes: dict[str, float | None] = {}
    for place, name in enumerate(names):
        if name in ("z", "y", "x"):
            factor = 1.0 if shared is None else length(shared[place])
            unit = _unit(multiscale, place)
            if unit is None:
                told.append(f"{wrong}: {_unit_name(multiscale, place)} is no known unit of length")
                return None
            sizes[name] = _product(length(own[place]), factor, unit)
    if "y" not in sizes or "x" not in sizes or None in sizes.values():
        told.append(wrong)
        return None
    if any(_unit_name(multiscale, names.index(name)) is None for name in sizes):
        told.append(f"{where}: its scale has no unit; µm is assumed")
    return spacing(sizes.get("z"), sizes["y"], sizes["x"])


def _scale(holder: Mapping[str, Any]) -> list[Any] | None:
    for entry in _list(holder.get("coordinateTransformations")):
        if isinstance(entry, Mapping) and entry.get("type") == "scale":
            return entry["scale"] if isinstance(entry.get("scale"), list) else []
    return None


def _unit_name(multiscale: Mapping[str, Any], place: int) -> str | None:
    entry = multiscale.get("axes", OLD_AXES)[place]
    unit = entry.get("unit") if isinstance(entry, Mapping) else None
    return str(unit) if unit else None


def _unit(multiscale: Mapping[str, Any], place: int) -> float | None:
    name = _unit_name(multiscale, place)
    return 1.0 if name is None else micrometres(name)


def _product(*factors: float | None) -> float | None:
    result = 1.0
    for factor in factors:
        if factor is None:
            return None
        result *= factor
    return length(result)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
