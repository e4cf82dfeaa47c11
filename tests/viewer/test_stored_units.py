"""The units that are read from the cache are pint's own, whatever lies in the cache."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pint
import pytest

from parfocal.viewer.child._stored_units import _stored_registry


def known(units: Any) -> dict[str, object]:
    """What each unit is made of and can be converted to."""
    told: dict[str, object] = {}
    for name in sorted(pint.application_registry._units):
        try:
            unit = units.Unit(name)
            compatible = sorted(map(str, units.get_compatible_units(unit)))
            told[name] = str(unit.dimensionality), str(units.get_root_units(unit)), compatible
        except pint.PintError as problem:
            told[name] = type(problem)
    return told


def test_units_from_the_cache_are_those_of_pint(tmp_path: Path) -> None:
    _stored_registry(tmp_path)
    (kept,) = tmp_path.iterdir()
    written = {file: file.stat().st_mtime_ns for file in kept.iterdir()}
    again = _stored_registry(tmp_path)
    assert isinstance(again, pint.UnitRegistry)
    assert {file: file.stat().st_mtime_ns for file in kept.iterdir()} == written
    assert known(again) == known(pint.UnitRegistry(on_redefinition="raise"))
    assert str((3e-5 * again.Unit("meter")).to_compact()) == "30.0 micrometer"


@pytest.mark.parametrize("broken", ["cut off", "flipped", "no folder", "no table", "read-only"])
def test_a_broken_cache_costs_time_and_nothing_else(tmp_path: Path, broken: str) -> None:
    cache = tmp_path / "cache"
    if broken == "read-only":
        cache.write_text("a file where the folder would be")
    else:
        _stored_registry(cache)
        (kept,) = cache.iterdir()
        for file in sorted(kept.glob("*.pickle")):
            if broken == "cut off":
                file.write_bytes(file.read_bytes()[:1000])
            elif broken == "flipped":  # it says that four exabytes follow
                file.write_bytes(b"\x80\x04\x8e" + (2**62).to_bytes(8, "little"))
            elif broken == "no table":
                file.unlink()
        if broken == "no folder":
            for file in kept.iterdir():
                file.unlink()
            kept.rmdir()
            kept.write_text("a file where the folder would be")
    units = _stored_registry(cache)
    assert (5 * units.Unit("mm")).to("um").magnitude == pytest.approx(5000)
    if broken in ("cut off", "flipped", "no table"):  # mended at this start or the next
        assert isinstance(_stored_registry(cache), pint.UnitRegistry)
    left = cache.iterdir() if cache.is_dir() else ()
    assert [path.name for path in left if path.name != f"units-{version('pint')}"] == []
