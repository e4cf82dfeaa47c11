"""Make the .deb: the bundle in /opt/parfocal, and what a desktop wants to know of it."""

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from steps.elf import libraries_of_host
from steps.facts import (
    PACKAGING,
    ROOT,
    Job,
    StepError,
    description,
    machine,
    moment,
    needed,
    run,
    say,
    size_of,
    version,
)
from steps.tighter import pack_tighter

ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
LINUX = PACKAGING / "linux"
EXECUTABLE = 0o755
# Opened by name and not by the linker: fonts for vispy, the drivers of OpenGL.
BY_NAME = ("libfontconfig1", "libgl1", "libegl1", "libglx-mesa0 | libglx-vendor")
# A window can be opened without: themes, file dialogs of the desktop, a display where there is none
RECOMMENDED = ("xvfb", "xdg-utils", "xdg-desktop-portal", "fonts-dejavu-core | fonts-freefont-ttf")


def make(job: Job) -> Path:
    """Lay out the files and pack them."""
    tool = needed("dpkg-deb", "a .deb is made on Debian or Ubuntu")
    if not job.bundle.is_dir():
        raise StepError(f"{job.bundle} is not there; make the bundle first")
    root = job.scratch("deb")
    lay_out(job, root)
    wanted, libc = libraries_of_host(job.bundle)
    control(root, depends(wanted, libc))
    file = job.output / f"parfocal_{version()}_{ARCHITECTURES[machine()]}.deb"
    plain = root.with_suffix(".deb")
    packing = ["-Zzstd", "-z3"] if job.quick else ["-Znone"]
    say(f"packing {file.name}" + ("" if job.quick else " (with xz ten minutes)"))
    run(
        [tool, *packing, "--root-owner-group", "--build", root, file if job.quick else plain],
        more={"SOURCE_DATE_EPOCH": moment()},
    )
    if not job.quick:
        pack_tighter(plain, file)
        plain.unlink()
    shutil.rmtree(root)
    return file


def lay_out(job: Job, root: Path) -> None:
    """Put every file where it will be, but for the package's own."""
    shutil.copytree(job.bundle, root / "opt/parfocal", symlinks=True)
    door = root / "usr/bin/parfocal"
    door.parent.mkdir(parents=True)
    door.symlink_to("/opt/parfocal/parfocal")
    share = root / "usr/share"
    desktop_files(job, share, "/usr/bin/parfocal")
    shutil.copytree(job.parts / "man", share / "man")
    told = share / "doc/parfocal"
    told.mkdir(parents=True)
    shutil.copy(LINUX / "copyright", told / "copyright")
    shutil.copy(ROOT / "CHANGELOG.md", told / "CHANGELOG.md")


def desktop_files(job: Job, share: Path, program: str) -> None:
    """Entries, kinds of files, icons and the description for software centres."""
    day = datetime.fromtimestamp(int(moment()), UTC).strftime("%Y-%m-%d")
    marks = {"@PROGRAM@": program, "@VERSION@": version(), "@DATE@": day}
    for name, folder in (
        ("parfocal.desktop", "applications"),
        ("parfocal-store.desktop", "applications"),
        ("parfocal.xml", "mime/packages"),
        ("parfocal.metainfo.xml", "metainfo"),
    ):
        target = share / folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (LINUX / name).read_text(encoding="utf-8")
        for mark, value in marks.items():
            text = text.replace(mark, value)
        target.write_text(text, encoding="utf-8")
    shutil.copytree(job.parts / "icons", share / "icons/hicolor", dirs_exist_ok=True)


def control(root: Path, dependencies: Iterable[str]) -> None:
    """Write what dpkg reads: the description, and what happens before a removal or an upgrade."""
    folder = root / "DEBIAN"
    folder.mkdir()
    lines = [
        "Package: parfocal",
        f"Version: {version()}",
        f"Architecture: {ARCHITECTURES[machine()]}",
        "Maintainer: The Parfocal developers <parfocal@localhost>",
        "Section: science",
        "Priority: optional",
        f"Installed-Size: {size_of(root) // 1024}",
        f"Depends: {', '.join(dependencies)}",
        f"Recommends: {', '.join(RECOMMENDED)}",
        f"Description: {description()[:1].lower()}{description()[1:]}",
        " Records with Micro-Manager's device adapters, checks and converts stores, and shows them",
        " in napari. Everything is in the package, Python too; nothing is fetched from a network.",
    ]
    (folder / "control").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in ("preinst", "prerm"):
        script = folder / name
        shutil.copy(LINUX / "still-running.sh", script)
        script.chmod(EXECUTABLE)


def depends(wanted: Iterable[str], libc: str) -> list[str]:
    """The packages that hold these libraries, by packaging/linux/libraries.txt."""
    known = dict(
        line.split(maxsplit=1)
        for line in (LINUX / "libraries.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    unknown = sorted(set(wanted) - known.keys())
    if unknown:
        raise StepError(
            f"no package is known for {', '.join(unknown)}: name it in packaging/linux/"
            "libraries.txt, or ship the library (packaging/contents.py)"
        )
    packages = {known[name] for name in wanted} | set(BY_NAME)
    packages.discard("libc6")
    return [f"libc6 (>= {libc})", *sorted(packages)]
