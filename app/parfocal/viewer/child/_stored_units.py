"""Read pint's units as they were understood once: its text of 900 units took 0.15 s of each start.

pint can keep what it has read (`cache_folder`), but a registry that is made of it knows no
compatible units (pint 0.25.3 loads its table of them and drops it). `_StoredRegistry` keeps it.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pint
from pint.registry import LazyRegistry, UnitRegistry
from platformdirs import user_cache_path

__all__ = ["use_stored_units"]

_KEPT = "units-"
# A torn pickle raises what it likes: one flipped bit asked for more memory than there is
_BROKEN = (
    *(OSError, EOFError, ValueError, AttributeError, ImportError, pickle.UnpicklingError),
    *(LookupError, TypeError, MemoryError),
)
_log = logging.getLogger(__name__)


def use_stored_units() -> None:
    """Give napari pint's own units, read from this user's cache; once, before its first layer."""
    everybodys: Any = pint.application_registry
    if isinstance(everybodys.get(), LazyRegistry):  # nobody has used it yet
        everybodys.set(_stored_registry(user_cache_path("parfocal", appauthor=False)))


def _stored_registry(cache: Path) -> Any:
    """The units that are kept in this folder; whatever is wrong with it, they are pint's."""
    kept = cache / f"{_KEPT}{version('pint')}"
    try:
        if not kept.is_dir():
            _write(kept)
        return _StoredRegistry(kept)
    except _BROKEN as problem:
        _log.info("%s: the units are read anew at each start: %s", kept, problem)
        shutil.rmtree(kept, ignore_errors=True)
        anew: Any = LazyRegistry
        return anew()


def _write(kept: Path) -> None:
    """Write them beside it and move them there whole: two may start at once, or one be killed."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=kept.parent, prefix=_KEPT))
    try:
        _StoredRegistry(fresh)
        with contextlib.suppress(OSError):  # another start was quicker
            fresh.replace(kept)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


class _StoredRegistry(UnitRegistry[Any]):
    """pint's units, and which of them are compatible also when they came from the disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(on_redefinition="raise", cache_folder=folder)

    def _build_cache(self, loaded_files: Any = None) -> None:
        super()._build_cache(loaded_files)
        if self._cache.dimensional_equivalents:
            return
        on_disk: Any = self._diskcache
        stored, _ = on_disk.load(loaded_files, "build_cache")
        if stored is None:
            raise ValueError("no table of compatible units")
        self._cache = self._caches[()] = stored
