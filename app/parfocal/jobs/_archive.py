"""Copy the raw data to the archive with their hashes, and read the copy again."""

from collections.abc import Mapping
from pathlib import Path

from parfocal import counted
from parfocal.jobs._errors import Corrupt, NeedsPerson, Transient
from parfocal.jobs._hashing import read_manifest, write_manifest
from parfocal.jobs._job import Artifact, Outcome
from parfocal.jobs._leave_to import done_here, leave_to
from parfocal.jobs._raw import MANIFEST, raw_files, size_of
from parfocal.jobs._work import PutOff, Work
from parfocal.jobs._workplace import (
    is_ours,
    put_in_place,
    refuse_unmounted,
    set_aside,
    workplace,
)
from parfocal.store import sync_to_disk

__all__ = ["archive", "hashes_here", "refuse_different", "verify_archive"]

EXTERNAL_AGAIN_S = 30.0
SO_FAR = "hashes"


def archive(work: Work) -> Outcome:
    """Copy every file; the copy gets its name when it is whole and on the disk."""
    work.require_raw()
    final = _backup(work)
    if is_ours(work, final) and (work.job.generation == 1 or _is_whole(work, final)):
        hashes = read_manifest(final / MANIFEST)
        return _archived(final, hashes, "was there already")
    if final.exists():
        set_aside(work, final)
    with workplace(work, final) as folder:
        copy = folder / "copy"
        told = {"raw": str(work.strip.raw), "copy": str(copy), "so_far": str(folder / SO_FAR)}
        hashes = leave_to(work, "copy", told | _bandwidth(work))["hashes"]
        work.require_raw()
        _refuse_other_files(work, hashes)
        write_manifest(copy / MANIFEST, hashes)
        for below in sorted({copy, *(path.parent for path in copy.rglob("*"))}):
            sync_to_disk(below)
        put_in_place(work, copy, final)
    return _archived(final, hashes, "copied")


def verify_archive(work: Work) -> Outcome:
    """Read the copy from its disk and compare it with what the raw data were when copied.

    What another program copied is compared with the raw data themselves, which are read for it.
    """
    final = _backup(work)
    raw = work.strip.raw
    external = work.strip.config.external_archiver
    refuse_unmounted(work, final)
    if external and not (final / MANIFEST).is_file():
        raise PutOff(EXTERNAL_AGAIN_S, {}, f"the other program has not put {final / MANIFEST} yet")
    if not final.is_dir():
        raise Corrupt(f"the backup {final} is missing")
    hashes = read_manifest(final / MANIFEST)
    if external:
        work.require_raw()
        refuse_different(_hashes_of(work, raw, 0.0, 0.5), hashes, raw, "the manifest")
    elif hashes != work.artifacts["backup"].facts["hashes"]:
        raise Corrupt(f"{final / MANIFEST} is not the one that was written")
    found = _hashes_of(work, final, 0.5 if external else 0.0, 1.0)
    refuse_different(found, hashes, final, "its manifest")
    facts = {"hashes": hashes}
    made = Artifact("backup", final, size_of(final), True, facts)
    return Outcome(f"{final}: {counted(len(found), 'file')} verified by hash", (made,))


def hashes_here(work: Work, folder: Path, start: float, end: float) -> Mapping[str, str]:
    """The hash of each file as this process reads it now, whoever does the rest."""
    told = {"folder": str(folder)} | _bandwidth(work)
    hashes: Mapping[str, str] = done_here(work, "hash", told, start=start, end=end)["hashes"]
    return hashes


def _hashes_of(work: Work, folder: Path, start: float = 0.0, end: float = 1.0) -> Mapping[str, str]:
    told = {"folder": str(folder)} | _bandwidth(work)
    hashes: Mapping[str, str] = leave_to(work, "hash", told, start=start, end=end)["hashes"]
    return hashes


def _bandwidth(work: Work) -> dict[str, float | None]:
    return {"bandwidth_mb_s": work.strip.config.bandwidth_mb_s}


def refuse_different(
    found: Mapping[str, str], told: Mapping[str, str], folder: Path, whose: str
) -> None:
    """Say which file is missing, too many or another."""
    for name in sorted(told.keys() | found.keys()):
        if name not in found:
            raise Corrupt(f"{folder / name} is missing, and {whose} has it")
        if name not in told:
            raise Corrupt(f"{folder / name} is there, and {whose} does not have it")
        if found[name] != told[name]:
            raise Corrupt(f"{folder / name} is damaged: its hash is not that of {whose}")


def _refuse_other_files(work: Work, hashes: Mapping[str, str]) -> None:
    """Who copies on another computer may have another disk there, or none."""
    here = {file.name for file in raw_files(work.strip.raw)}
    if here != hashes.keys():
        raise Transient(
            f"who copied {work.strip.raw} saw other files there, {len(hashes)} and not "
            f"{len(here)}: is its share mounted on every computer of the cluster?"
        )


def _is_whole(work: Work, final: Path) -> bool:
    """Whether what an earlier generation copied is still that."""
    try:
        told = read_manifest(final / MANIFEST)
        refuse_different(_hashes_of(work, final), told, final, "its manifest")
    except (Corrupt, FileNotFoundError):
        return False
    return True


def _archived(final: Path, hashes: Mapping[str, str], how: str) -> Outcome:
    size = size_of(final)
    made = Artifact("backup", final, size, False, {"hashes": hashes})
    words = f"{final}: {counted(len(hashes), 'file')}, {size / 1e9:.2f} GB, {how}"
    return Outcome(words, (made,))


def _backup(work: Work) -> Path:
    if work.strip.backup is None:
        raise NeedsPerson("the configuration names no archive")
    return work.strip.backup
