"""Copy the raw data to the archive with their hashes, and read the copy again."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from parfocal import counted
from parfocal.jobs._errors import Corrupt, NeedsPerson
from parfocal.jobs._hashing import copy_hashed, hash_file, read_manifest, write_manifest
from parfocal.jobs._job import Artifact, Outcome
from parfocal.jobs._raw import MANIFEST, RawFile, raw_files, size_of
from parfocal.jobs._work import PutOff, Work
from parfocal.jobs._workplace import is_ours, put_in_place, set_aside, workplace
from parfocal.store import sync_to_disk

__all__ = ["archive", "hash_all", "refuse_different", "verify_archive"]

EXTERNAL_AGAIN_S = 30.0
SO_FAR = "hashes"


class Meter:
    """Counts what was read, keeps to the bandwidth, and lets the job be paused or ended."""

    def __init__(self, work: Work, total: int, start: float = 0.0, end: float = 1.0) -> None:
        self.done = 0
        self._work = work
        self._total, self._start, self._end = max(1, total), start, end
        limit = work.strip.config.bandwidth_mb_s
        self._rate = None if limit is None else limit * 1e6

    def passed(self, count: int) -> None:
        """So many bytes more."""
        self.done += count
        self._work.pace.spend(count, self._rate)
        part = (self._end - self._start) * self.done / self._total
        self._work.pace.breathe(self._start + part)


def archive(work: Work) -> Outcome:
    """Copy every file; the copy gets its name when it is whole and on the disk."""
    work.require_raw()
    final = _backup(work)
    if is_ours(work, final) and (work.job.generation == 1 or _is_whole(work, final)):
        hashes = read_manifest(final / MANIFEST)
        return _archived(final, hashes, "was there already")
    if final.exists():
        set_aside(work, final)
    files = raw_files(work.strip.raw)
    with workplace(work, final) as folder:
        copy = folder / "copy"
        hashes = _copy(work, files, copy, folder / SO_FAR)
        work.require_raw()
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
    if external and not (final / MANIFEST).is_file():
        raise PutOff(EXTERNAL_AGAIN_S, {}, f"the other program has not put {final / MANIFEST} yet")
    if not final.is_dir():
        raise Corrupt(f"the backup {final} is missing")
    hashes = read_manifest(final / MANIFEST)
    if external:
        work.require_raw()
        refuse_different(hash_all(work, raw_files(raw), 0.0, 0.5), hashes, raw, "the manifest")
    elif hashes != work.artifacts["backup"].facts["hashes"]:
        raise Corrupt(f"{final / MANIFEST} is not the one that was written")
    found = hash_all(work, raw_files(final), 0.5 if external else 0.0, 1.0)
    refuse_different(found, hashes, final, "its manifest")
    facts = {"hashes": hashes}
    made = Artifact("backup", final, size_of(final), True, facts)
    return Outcome(f"{final}: {counted(len(found), 'file')} verified by hash", (made,))


def hash_all(work: Work, files: Iterable[RawFile], start: float, end: float) -> Mapping[str, str]:
    """The hash of each file as it is now."""
    files = list(files)
    meter = Meter(work, sum(file.size for file in files), start, end)
    return {file.name: hash_file(file.path, meter.passed) for file in files}


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


def _is_whole(work: Work, final: Path) -> bool:
    """Whether what an earlier generation copied is still that."""
    try:
        told = read_manifest(final / MANIFEST)
        refuse_different(hash_all(work, raw_files(final), 0.0, 1.0), told, final, "its manifest")
    except (Corrupt, FileNotFoundError):
        return False
    return True


def _copy(work: Work, files: list[RawFile], copy: Path, so_far: Path) -> dict[str, str]:
    """Copy what an earlier worker had not; what it had is verified later with all the rest."""
    copy.mkdir(exist_ok=True)
    known = read_manifest(so_far, torn=True) if so_far.is_file() else {}
    hashes: dict[str, str] = {}
    meter = Meter(work, sum(file.size for file in files))
    for file in files:
        target = copy / file.name
        if file.name in known and target.is_file() and target.stat().st_size == file.size:
            hashes[file.name] = known[file.name]
            meter.done += file.size
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        hashes[file.name] = copy_hashed(file.path, target, meter.passed)
        with so_far.open("a", encoding="utf-8", errors="surrogateescape") as book:
            book.write(f"{hashes[file.name]}  {file.name}\n")
    return hashes


def _archived(final: Path, hashes: Mapping[str, str], how: str) -> Outcome:
    size = size_of(final)
    made = Artifact("backup", final, size, False, {"hashes": hashes})
    words = f"{final}: {counted(len(hashes), 'file')}, {size / 1e9:.2f} GB, {how}"
    return Outcome(words, (made,))


def _backup(work: Work) -> Path:
    if work.strip.backup is None:
        raise NeedsPerson("the configuration names no archive")
    return work.strip.backup
