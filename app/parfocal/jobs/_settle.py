"""Wait until the camera has finished a strip, and look at what it left."""

import re
from pathlib import Path

from parfocal.convert import ConvertError, SpoolFacts, spool_facts
from parfocal.jobs._errors import Corrupt, NeedsPerson, RawChanged
from parfocal.jobs._hashing import hash_file, read_manifest
from parfocal.jobs._job import Artifact, Outcome
from parfocal.jobs._raw import MANIFEST, RawFile, fingerprint, raw_files
from parfocal.jobs._strip import Strip
from parfocal.jobs._work import PutOff, Work, is_offline, refuse_gone

__all__ = ["inspect", "settle"]

OFFLINE_AGAIN_S = 10.0
SHORTEST_S = 0.2
PATIENCE = 20
"""So many times as long as it must be still a strip may lack something; then a person is asked."""
FRAMES = re.compile(r"^\s*frames\s*[=:]\s*(\d+)\s*$", re.IGNORECASE | re.MULTILINE)
GB = 1e9


def settle(work: Work) -> Outcome:
    """Done when nothing changed for a while and nothing is missing. It never blocks a worker: it
    is put off, and looks again."""
    raw, still = work.strip.raw, work.strip.config.stable_seconds
    if not raw.is_dir():
        if not is_offline(raw):  # a share comes back; a folder that somebody took away does not
            refuse_gone(raw)
        raise PutOff(OFFLINE_AGAIN_S, {}, f"{raw.parent} is offline")
    now, note = work.database.now(), work.job.note
    identity = fingerprint(raw)
    same = note.get("identity") == identity and note.get("boot") == now.boot
    # never later than now: a clock without a name of its start may have begun anew
    since = min(note["since"], now.monotonic) if same else now.monotonic
    lasted = now.monotonic - since
    kept = {"identity": identity, "since": since, "boot": now.boot}
    if lasted < still and not (raw / MANIFEST).is_file():
        raise PutOff(max(SHORTEST_S, still - lasted), kept, "it is still being written")
    lacking = _lacking(work.strip)
    if lacking is not None:
        # put off once at least: what it looked like is noted, and tells what is new later
        if lasted < max(PATIENCE * still, SHORTEST_S):
            raise PutOff(max(SHORTEST_S, still), kept, lacking)
        raise NeedsPerson(lacking)
    return Outcome(f"{raw} is whole and still", raw_identity=identity)


def inspect(work: Work) -> Outcome:
    """Say what there is, once and for all stages; what a manifest says of it is verified."""
    raw = work.strip.raw
    work.require_raw()
    lacking = _lacking(work.strip)
    if lacking is not None:
        raise NeedsPerson(lacking)
    files = raw_files(raw)
    if (raw / MANIFEST).is_file():
        _verify_dropped(work, files)
    facts = _spool(raw)
    told = {"files": len(files), "began": min(file.mtime_ns for file in files) / 1e9}
    told["ended"] = max(file.mtime_ns for file in files) / 1e9
    if facts is not None:
        told |= {"frames": facts.frames, "height": facts.height, "width": facts.width}
    size = sum(file.size for file in files)
    if fingerprint(raw) != work.strip.raw_identity:
        raise RawChanged(f"{raw} changed while it was inspected")
    return Outcome(
        f"{len(files)} files, {size / GB:.2f} GB", (Artifact("raw", raw, size, True, told),)
    )


def _lacking(strip: Strip) -> str | None:
    """What keeps a strip from being whole, in a sentence."""
    raw, config = strip.raw, strip.config
    try:
        facts = _spool(raw)
    except ConvertError as problem:
        return str(problem)
    files = raw_files(raw)
    size = sum(file.size for file in files)
    if size < config.minimum_bytes or not files:
        return (
            # rounded down: 24.98 GB are not the 25.0 that would be enough
            f"Strip folder too small for {strip.name.key} — {size // 1e8 / 10:.1f} GB of "
            f"{config.minimum_strip_gb:g} GB; check if the acquisition completed"
        )
    if config.info_file is None:
        return None
    try:
        told = (raw / config.info_file).read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return f"{raw} lacks its info file {config.info_file}"
    match = FRAMES.search(told)
    if match is not None and facts is not None and int(match[1]) != facts.frames:
        return f"{raw} has {facts.frames} frames, and {config.info_file} says {match[1]}"
    return None


def _spool(raw: Path) -> SpoolFacts | None:
    """A folder with one half of what makes a spool folder is a broken one."""
    facts = spool_facts(raw)
    if facts is None:
        ini, dat = (raw / "acquisitionmetadata.ini").is_file(), any(raw.glob("*spool.dat"))
        if ini or dat:
            missing = "any spool file" if ini else "acquisitionmetadata.ini"
            raise ConvertError(f"{raw} lacks {missing}; put back what is missing")
    return facts


def _verify_dropped(work: Work, files: list[RawFile]) -> None:
    told = read_manifest(work.strip.raw / MANIFEST)
    there = {file.name: file for file in files}
    if missing := sorted(told.keys() - there.keys()):
        raise NeedsPerson(f"{work.strip.raw} lacks {missing[0]}, which its {MANIFEST} names")
    for name, digest in told.items():
        if hash_file(there[name].path, lambda _: work.pace.breathe()) != digest:
            raise Corrupt(f"{there[name].path} is not what {MANIFEST} says of it")
