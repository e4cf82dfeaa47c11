"""Make the installer that needs no root: one file, a shell script with the bundle behind it."""

import hashlib
import shutil
import tarfile
from pathlib import Path

from steps.debian import desktop_files
from steps.elf import libraries_of_host
from steps.facts import (
    PACKAGING,
    Job,
    StepError,
    machine,
    moment,
    needed,
    run,
    say,
    size_of,
    version,
)

LINUX = PACKAGING / "linux"
EXECUTABLE = 0o755
PIECE = 2**20


def make(job: Job) -> Path:
    """Pack bundle and desktop files, and put the script before them.

    gzip and not xz: every system has it, and unpacks 500 MiB with it in four seconds.
    """
    if not job.bundle.is_dir():
        raise StepError(f"{job.bundle} is not there; make the bundle first")
    root = job.scratch("installer")
    desktop_files(job, root / "share", "@PROGRAM@")
    shutil.copytree(job.parts / "man", root / "share" / "man")
    shutil.copy(LINUX / "uninstall.sh", root / "uninstall")
    (root / "uninstall").chmod(EXECUTABLE)
    wanted, _ = libraries_of_host(job.bundle)
    (root / "libraries").write_text("\n".join(sorted(wanted)) + "\n", encoding="ascii")
    payload = root.with_name("payload.tar.gz")
    say("packing the installer (a minute)")
    pack(job, root, payload)
    file = job.output / f"Parfocal-{version()}-linux-{machine()}.run"
    head = script(payload, size_of(job.bundle))
    with file.open("wb") as target, payload.open("rb") as source:
        target.write(head.encode())
        shutil.copyfileobj(source, target, PIECE)
    file.chmod(EXECUTABLE)
    payload.unlink()
    shutil.rmtree(root)
    return file


def pack(job: Job, root: Path, payload: Path) -> None:
    """Bundle and desktop files as one archive, in the same order and with the same time always."""
    archive = payload.with_suffix("")

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = int(moment()), 0, 0, "", ""
        return entry

    with tarfile.open(archive, "w") as tar:
        tar.add(job.bundle, "app", filter=plain)
        for one in sorted(root.iterdir()):
            tar.add(one, one.name, filter=plain)
    tool = shutil.which("pigz") or needed("gzip", "install it")
    run([tool, "--force", "--no-name", "-1" if job.quick else "-9", archive])


def script(payload: Path, installed: int) -> str:
    """The head of the file: it knows how long it is itself, and the checksum of what follows."""
    text = (LINUX / "installer.sh").read_text(encoding="utf-8")
    digest = hashlib.sha256()
    with payload.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    marks = {
        "@VERSION@": version(),
        "@MACHINE@": {"arm64": "aarch64"}.get(machine(), machine()),
        "@SHA256@": digest.hexdigest(),
        "@KIB@": str(installed // 1024),
        "@LINES@": str(text.count("\n") + 1),
    }
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text
