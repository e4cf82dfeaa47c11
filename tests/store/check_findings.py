"""Break copies of a store and read what a check says of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from foreign_stores import edit

from parfocal.store import Finding, check

Break: TypeAlias = Callable[[Path], Any]


def copied(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target / source.name))


def findings(path: Path, *, deep: bool = False) -> dict[str, Finding]:
    report = check(path, deep=deep)
    assert report.ok == all(found.severity != "error" for found in report.findings)
    assert all(found.path and found.message and found.fix for found in report.findings)
    return {found.rule: found for found in report.findings}


def listed(change: Callable[[dict[str, Any]], Any], where: str = "") -> Break:
    return lambda path: edit(path / where / "zarr.json", change)
