"""What the build takes out of libraries and modules leaves what Parfocal asks of them.

The whole of it is proven by the selftest of a bundle.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("readelf") is None, reason="wants Linux and binutils"
)
SORTED_BY_QT = """
from PyQt6.QtCore import QCollator, QLocale, QTimeZone, QDateTime
words = "Öl Zebra éclair ost Ärger apfel öl eclair Ångström zebra çilek 中 あ ёж ель".split()
for name in ("en_US", "de_DE", "sv_SE", "tr_TR", "cs_CZ", "ja_JP", "ru_RU"):
    collator = QCollator(QLocale(name))
    print(name, ascii(sorted(words, key=collator.sortKey)))
zone = QTimeZone(b"Europe/Zurich")
print(zone.displayName(QDateTime.currentDateTime(), QTimeZone.NameType.LongName, QLocale("en_US")))
"""


@pytest.fixture(scope="module")
def packaging() -> Iterator[None]:
    """The steps of packaging/build can be imported."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(ROOT / "packaging"))
    yield
    patch.undo()


def folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def step(name: str) -> ModuleType:
    return importlib.import_module(f"steps.{name}")


@linux
def test_qt_sorts_by_the_smaller_data_of_icu_as_by_all_of_them(
    packaging: None, tmp_path: Path
) -> None:
    whole = next(folder_of("PyQt6").glob("Qt6/lib/libicudata.so.*"))
    smaller = tmp_path / whole.name
    shutil.copy(whole, smaller)
    step("icu").make_smaller(smaller, tmp_path)
    assert smaller.stat().st_size < whole.stat().st_size / 4

    def told(**more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", SORTED_BY_QT],
            env={**os.environ, "LC_ALL": "C.UTF-8", **more},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout

    assert told(LD_PRELOAD=str(smaller)) == told()


@linux
def test_a_library_that_is_linked_and_never_called_is_dropped_and_one_that_is_called_is_not(
    packaging: None, tmp_path: Path
) -> None:
    elf, lighter, facts = step("elf"), step("lighter"), step("facts")
    arrow = tmp_path / "pyarrow"
    arrow.mkdir()
    for pattern in (*(f"{name}.*" for name in lighter.IDLE), "_json.*.so", "_dataset.*.so"):
        for library in folder_of("pyarrow").glob(pattern):
            shutil.copy(library, arrow)
    json, dataset = next(arrow.glob("_json.*")), next(arrow.glob("_dataset.*"))
    with pytest.raises(facts.StepError, match=r"_dataset\.\S+ calls \w+ of libarrow_acero"):
        lighter.drop_idle_libraries(tmp_path)
    dataset.unlink()
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(next(folder_of("pyarrow").glob("_json.*.so")), alone)
    before, _ = elf.libraries_of_host(alone)
    lighter.drop_idle_libraries(tmp_path)
    after, _ = elf.libraries_of_host(arrow)
    assert {one.name for one in arrow.iterdir()} == {json.name}
    assert after == {one for one in before if not one.startswith(lighter.IDLE)}
    assert {one.partition(".so")[0] for one in after} >= {"libarrow", "libarrow_compute"}


@linux
def test_a_wheels_own_library_is_smaller_and_loads_as_before(
    packaging: None, tmp_path: Path
) -> None:
    elf = step("elf")
    folder = tmp_path / "numpy.libs"
    shutil.copytree(folder_of("numpy").parent / "numpy.libs", folder)
    before = elf.libraries_of_host(folder)
    sizes = {one: one.stat().st_size for one in folder.iterdir()}
    for one in sizes:
        elf.Elf(one).squeeze()
        elf.Elf(one).squeeze()  # of what is squeezed nothing is lost
    assert sum(one.stat().st_size for one in sizes) < sum(sizes.values()) - 500_000
    assert elf.libraries_of_host(folder) == before
    largest = max(sizes, key=lambda one: sizes[one])
    at_once = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1], mode=os.RTLD_NOW)"
    subprocess.run(
        [sys.executable, "-c", at_once, largest],
        env={**os.environ, "LD_LIBRARY_PATH": str(folder)},
        check=True,
    )


def test_the_stand_in_for_scikit_learn_counts_as_scikit_learn_does() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    file = ROOT / "packaging" / "stand_ins" / "sklearn" / "metrics.py"
    spec = importlib.util.spec_from_file_location("stand_in", file)
    assert spec is not None
    assert spec.loader is not None
    ours = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ours)
    before, after = np.random.default_rng(4).integers(0, 9, (2, 5000))
    for labels in (np.arange(9), np.array([0, 2, 5, 7]), np.arange(3, 12)):
        np.testing.assert_array_equal(
            ours.confusion_matrix(before, after, labels=labels),
            sklearn.confusion_matrix(before, after, labels=labels),
        )


def test_a_module_loses_its_docstrings_and_nothing_else(packaging: None, tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller", reason="only where packages are made")
    file = tmp_path / "one.py"
    file.write_text(
        '"""Told."""\nfrom __future__ import annotations\n'
        'class One:\n    """Told."""\n    def two(self):\n        "Told."\n'
        'def three(x):\n    """Told."""\n    assert x, "why"\n    return "kept"\n'
    )
    contents = importlib.import_module("contents")
    codes = contents.without_docstrings(
        [("scipy.one", str(file), "PYMODULE"), ("napari.one", str(file), "PYMODULE")]
    )
    assert set(codes) == {"scipy.one"}
    names: dict[str, object] = {}
    exec(codes["scipy.one"], names)
    assert "__doc__" not in names
    three = names["three"]
    assert callable(three)
    assert three.__doc__ is None
    assert three(1) == "kept"
    with pytest.raises(AssertionError, match="why"):
        three(0)
    one = names["One"]
    assert isinstance(one, type)
    assert one.__doc__ is None
    assert one().two() is None  # type: ignore[attr-defined]
