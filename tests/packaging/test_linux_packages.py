"""The .deb and the installer, made of a program that does nothing, on this system.

What is in the real ones is proven by packaging/prove, which takes half an hour.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("readelf") is None, reason="wants Linux and binutils"
)


@pytest.fixture(scope="module")
def steps() -> Iterator[dict[str, ModuleType]]:
    """The steps of packaging/build."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(ROOT / "packaging"))
    yield {
        name: importlib.import_module(f"steps.{name}") for name in ("debian", "installer", "facts")
    }
    patch.undo()


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, steps: dict[str, ModuleType]) -> object:
    """A bundle whose program only sleeps, so that it can be seen running."""
    job = steps["facts"].Job(tmp_path_factory.mktemp("dist"), quick=True)
    (job.bundle / "_internal").mkdir(parents=True)
    shutil.copy("/bin/sleep", job.bundle / "parfocal")
    (job.parts / "man" / "man1").mkdir(parents=True)
    (job.parts / "man" / "man1" / "parfocal.1").write_text(".TH PARFOCAL 1\n")
    drawing = job.parts / "icons" / "scalable" / "apps" / "parfocal.svg"
    drawing.parent.mkdir(parents=True)
    drawing.write_text("<svg/>")
    return job


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_the_installer_installs_for_one_person_upgrades_and_removes_all_of_it(
    job: object, steps: dict[str, ModuleType], tmp_path: Path
) -> None:
    file = steps["installer"].make(job)
    home = tmp_path / "home"
    (home / ".config" / "parfocal").mkdir(parents=True)
    (home / ".config" / "parfocal" / "settings.json").write_text("{}")
    before = tree(home)
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}

    def run(*words: str, name: Path = file) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(name), *words], env=environment, capture_output=True, text=True, check=False
        )

    assert run("--check").returncode == 0
    assert tree(home) == before
    done = run()
    assert done.returncode == 0, done.stderr
    program = home / ".local" / "bin" / "parfocal"
    assert os.access(program, os.X_OK)
    entry = (home / ".local/share/applications/parfocal.desktop").read_text()
    assert f'Exec="{home}/.local/opt/parfocal/app/parfocal" gui %f' in entry
    assert "@" not in entry

    running = subprocess.Popen([str(program), "60"])
    try:
        refused = run()
        assert refused.returncode == 1
        assert f"it is running (process {running.pid})" in refused.stderr
    finally:
        running.kill()
        running.wait()
    (home / ".local/opt/parfocal/app/of-the-version-before").touch()
    assert run().returncode == 0
    assert not (home / ".local/opt/parfocal/app/of-the-version-before").exists()
    assert run("--uninstall").returncode == 0
    assert tree(home) - {".local", ".local/share"} == before

    cut = tmp_path / "cut.run"
    cut.write_bytes(file.read_bytes()[:-100])
    refused = run(name=cut)
    assert refused.returncode == 1
    assert "damaged or was cut short" in refused.stderr


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="wants dpkg-deb")
@pytest.mark.parametrize("quick", [True, False])
def test_the_deb_asks_for_what_its_program_is_linked_to(
    job: Any, steps: dict[str, ModuleType], tmp_path: Path, quick: bool
) -> None:
    file = steps["debian"].make(replace(job, quick=quick))

    def told(*words: str) -> str:
        return subprocess.run(
            ["dpkg-deb", *words], capture_output=True, text=True, check=True
        ).stdout

    assert told("-f", str(file), "Depends").startswith("libc6 (>= 2.")
    names = {line.split()[5] for line in told("-c", str(file)).splitlines()}
    assert "./opt/parfocal/parfocal" in names
    assert "./usr/bin/parfocal" in names
    told("-e", str(file), str(tmp_path / "control"))
    assert os.access(tmp_path / "control" / "preinst", os.X_OK)
    told("-x", str(file), str(tmp_path / "root"))
    sleep = tmp_path / "root" / "opt" / "parfocal" / "parfocal"
    assert sleep.read_bytes() == (job.bundle / "parfocal").read_bytes()
    assert (tmp_path / "root" / "usr" / "bin" / "parfocal").readlink() == Path(
        "/opt/parfocal/parfocal"
    )


def test_a_library_that_nobody_knows_stops_the_build(steps: dict[str, ModuleType]) -> None:
    with pytest.raises(steps["facts"].StepError, match=r"libunheard\.so\.1.*libraries\.txt"):
        steps["debian"].depends({"libunheard.so.1", "libc.so.6"}, "2.35")
