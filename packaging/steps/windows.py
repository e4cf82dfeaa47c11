"""Make the installer for Windows with Inno Setup 6, on Windows."""

import os
import re
import shutil
import sys
from pathlib import Path

from steps.facts import PACKAGING, Job, StepError, run, say, version

SCRIPT = PACKAGING / "windows" / "parfocal.iss"
# PyQt6's wheel brings the C++ library of an older compiler beside Qt. It is found before the one
# that vc_redist installs, and newer extensions then fail at their import or, worse, later.
OLDER_RUNTIME = re.compile(r"(msvcp140.*|vcruntime140.*|concrt140|vccorlib140)\.dll", re.IGNORECASE)
REDISTRIBUTABLE = "PARFOCAL_VC_REDIST"
SIGN_TOOL = "PARFOCAL_SIGN_TOOL"


def make(job: Job) -> Path:
    """Take the old runtime out, sign what is to be signed, and compile the script."""
    if sys.platform != "win32":
        raise StepError("the installer for Windows is made on Windows")
    for one in older_runtime(job.bundle):
        one.unlink()
        say(f"left out: {one.relative_to(job.bundle)}")
    redistributable = os.environ.get(REDISTRIBUTABLE, "")
    if not Path(redistributable).is_file():
        raise StepError(f"set {REDISTRIBUTABLE} to Microsoft's vc_redist.x64.exe")
    compiler = shutil.which("iscc") or r"C:\Program Files (x86)\Inno Setup 6\ISCC.exe"
    if not Path(compiler).is_file():
        raise StepError("Inno Setup 6 is not here; install it")
    run([compiler, *definitions(job, redistributable), SCRIPT])
    return job.output / f"Parfocal-{version()}-windows-x86_64-setup.exe"


def definitions(job: Job, redistributable: str) -> list[str]:
    """What the script is told: version, places, and how to sign where a certificate is."""
    told = [
        f"/DVersion={version()}",
        f"/DBundle={job.bundle}",
        f"/DRedistributable={redistributable}",
        f"/DParts={job.parts}",
        f"/O{job.output}",
    ]
    tool = os.environ.get(SIGN_TOOL)
    if tool:  # such as: signtool sign /fd sha256 /tr ADDRESS /td sha256 /sha1 THUMBPRINT $f
        told += ["/DSigned", f"/Sparfocal={tool}"]
    else:
        say(f"unsigned, since {SIGN_TOOL} is not set: Windows will warn before it starts")
    return told


def older_runtime(bundle: Path) -> list[Path]:
    """The DLLs of the older compiler; those beside the program are the newest and stay."""
    return sorted(
        one
        for one in bundle.rglob("*.dll")
        if OLDER_RUNTIME.fullmatch(one.name) and one.parent.parts[-2:] == ("Qt6", "bin")
    )
