"""Make the bundle: one folder with the program, Python and every library that it needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from steps.facts import MIB, PACKAGING, ROOT, Job, StepError, run, say, size_of, version
from steps.lighter import make_lighter

AT_ONCE = 64  # files a call of strip


def make(job: Job) -> Path:
    """Make the folder of PyInstaller and take out of it what only a debugger wants."""
    python = environment(job)
    job.output.mkdir(parents=True, exist_ok=True)
    run([python, PACKAGING / "make_parts.py", job.parts])
    say("collecting the program and its libraries (5 to 10 minutes)")
    run(
        [
            # clean: what contents.py makes of the modules' code is not seen to have changed
            *(python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"),
            *("--distpath", job.output, "--workpath", job.output / "work"),
            PACKAGING / "parfocal.spec",
        ],
        more={
            "PARFOCAL_PARTS": str(job.parts),
            "PARFOCAL_VERSION": version(),
            "PYTHONPATH": str(ROOT / "app"),
        },
    )
    if sys.platform == "linux":
        make_lighter(job)
        before = size_of(job.bundle)
        strip(job.bundle)
        say(f"stripped: {before / MIB:.0f} MiB became {size_of(job.bundle) / MIB:.0f} MiB")
    return job.bundle


def environment(job: Job) -> Path:
    """The Python whose packages are shipped: the one asked for, else that of ./run."""
    if job.python is not None:
        return job.python
    if sys.platform == "win32":
        door, python = ["powershell", "-File", ROOT / "run.ps1"], Path("Scripts/python.exe")
    else:
        door, python = [ROOT / "run"], Path("bin/python")
    run([*door, "--version"])
    made = ROOT / ".venv" / python
    constraints = {"PIP_CONSTRAINT": str(PACKAGING / "constraints.txt")}
    run(
        [made, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pyinstaller"],
        more=constraints,
    )
    return made


def strip(folder: Path) -> None:
    """Take symbols out of libraries, but for the wheels' own in `*.libs`: those do not bear it.

    They were patched with a section at their end, and are stripped already.
    """
    tool = shutil.which("strip")
    if tool is None:
        raise StepError("strip is not here; install the package binutils")
    libraries = [
        one
        for one in folder.rglob("*.so*")
        if not one.is_symlink() and not any(part.endswith(".libs") for part in one.parts)
    ]
    for start in range(0, len(libraries), AT_ONCE):
        some = [os.fspath(one) for one in libraries[start : start + AT_ONCE]]
        subprocess.run([tool, "--strip-unneeded", *some], check=True)
