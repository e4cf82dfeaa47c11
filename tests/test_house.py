"""The house rules that no linter knows."""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "app" / "parfocal"
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
LONGEST = 350  # lines; a module that cannot be read in one sitting is two modules


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_offers_in_sorted_order(room: str) -> None:
    module = importlib.import_module(f"parfocal.{room}")
    assert module.__doc__
    assert module.__all__
    # ruff's own order: SCREAMING, then CamelCase, then lower case
    assert list(module.__all__) == sorted(
        module.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n)
    )
    for name in module.__all__:
        assert getattr(module, name) is not None


def test_every_module_begins_with_what_it_is_for() -> None:
    silent = [p for p in PACKAGE.rglob("*.py") if not p.read_text().lstrip().startswith('"""')]
    assert silent == []


def test_no_module_is_too_long_for_one_sitting() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for folder in (PACKAGE, ROOT / "tests")
        for p in folder.rglob("*.py")
        if (n := len(p.read_text().splitlines())) > LONGEST
    }
    assert long == {}


def test_no_address_of_a_package_registry_stands_in_the_tree() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    address = re.compile(r"(index-url|find-links|registry\s*=)\s*[=:]?\s*\"?https?://|pythonhosted")
    named = [
        name
        for name in tracked
        if name
        and (ROOT / name).is_file()
        and name != "tests/test_house.py"
        and (ROOT / name).suffix in {".py", ".toml", ".txt", ".md", ".ps1", ".json", ""}
        and address.search((ROOT / name).read_text(errors="replace"))
    ]
    assert named == []
