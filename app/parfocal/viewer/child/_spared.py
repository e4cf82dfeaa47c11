"""Spare the start of napari what this viewer never uses; `spare_napari` before its first import.

Three things took a third of the start: 316 icons that are written anew each time, xarray (with
pandas and pyarrow) only to see that our layers are none of its arrays, and scipy.ndimage for
thumbnails of 32 pixels. Where another napari has not got these places, it just starts as it does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["spare_napari"]

_STAMP = "parfocal.txt"
_COLORS = ("icon", "warning", "error", "foreground")


@cache
def spare_napari() -> None:
    """Take the three short cuts, in this process."""
    icons = import_module("napari.resources._icons")
    _replace(icons, "build_theme_svgs", lambda build: _IconsOnce(build, icons))
    arrays = import_module("napari.utils._xarray_utils")
    _replace(arrays, "_check_xarray", lambda check: _only_with_xarray(check, arrays))
    if "scipy.ndimage" not in sys.modules:
        # its own import puts itself in this place
        vars(import_module("scipy"))["ndimage"] = _LateNdimage("scipy.ndimage")


def _replace(module: ModuleType, name: str, other: Callable[[Any], Any]) -> None:
    if hasattr(module, name):
        setattr(module, name, other(getattr(module, name)))


class _IconsOnce:
    """Writes the icons of a theme unless they are there, of this napari and in these colours."""

    def __init__(self, build: Callable[[str, str], str], icons: ModuleType) -> None:
        self._build, self._icons = build, icons

    def __call__(self, theme: str, source: str) -> str:
        folder: Path = self._icons._theme_path(theme)
        worn = import_module("napari.utils.theme").get_theme(theme)
        colors = [getattr(worn, color).as_hex() for color in _COLORS]
        wanted = " ".join([version("napari"), source, *colors])
        stamp = folder / _STAMP
        try:
            there = len(list(folder.glob("*.svg"))) >= 2 * len(self._icons.ICONS)
            if there and stamp.read_text(encoding="utf-8") == wanted:
                return str(folder)
        except (OSError, UnicodeDecodeError):
            pass  # none yet, or a broken one: they are written
        stamp.unlink(missing_ok=True)
        built = self._build(theme, source)
        stamp.write_text(wanted, encoding="utf-8")
        return built


def _only_with_xarray(check: Callable[[Any], Any], arrays: ModuleType) -> Callable[[Any], Any]:
    """As long as nobody has imported xarray, nothing is one of its arrays."""

    def look(data: Any) -> Any:
        return check(data) if "xarray" in sys.modules else arrays._XarrayProps()

    return look


class _LateNdimage(ModuleType):
    """Is scipy.ndimage as soon as more of it is wanted than the zoom that makes thumbnails."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module("scipy.ndimage"), name)

    def zoom(
        self, picture: NDArray[Any], factors: Sequence[float], *arguments: Any, **named: Any
    ) -> NDArray[Any]:
        """The nearest pixels at once; any other zoom by scipy."""
        nearest = named == {"prefilter": False, "order": 0} and not arguments
        if not nearest or np.ndim(factors) != 1:
            zoomed: NDArray[Any] = import_module("scipy.ndimage").zoom(
                picture, factors, *arguments, **named
            )
            return zoomed
        return picture[np.ix_(*map(_nearest, picture.shape, factors))]


def _nearest(size: int, factor: float) -> NDArray[np.intp]:
    """Which pixels of a side stay: the first and the last, and evenly those between."""
    count = max(1, round(size * factor))
    if count == 1:
        return np.zeros(1, np.intp)
    places = np.arange(count) * ((size - 1) / (count - 1))
    return np.array(np.floor(places + 0.5), np.intp)
