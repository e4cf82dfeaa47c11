"""Take raw data away, once, and only when every copy that was asked for is proven anew.

What is done: the backup and the raw data are both read again and compared; a tombstone that says
what goes and where the copies are is on the disk; then, in one short transaction, the queue's own
record of every product is asked once more, and the decision is written down. Only a decision that
was written down takes anything away, and only the very files that its tombstone names.
"""

import getpass
import json
import socket
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from parfocal import counted
from parfocal.jobs._archive import hashes_here, refuse_different
from parfocal.jobs._clock import in_words
from parfocal.jobs._compress import damage_of
from parfocal.jobs._config import CLEANING, Config
from parfocal.jobs._errors import Corrupt, NeedsPerson, RawChanged
from parfocal.jobs._hashing import read_manifest
from parfocal.jobs._job import Artifact, Lane, Outcome
from parfocal.jobs._leave_to import done_here
from parfocal.jobs._raw import MANIFEST, RawFile, fingerprint, raw_files
from parfocal.jobs._records import add_event, put_artifact
from parfocal.jobs._strip import Strip
from parfocal.jobs._work import Work
from parfocal.jobs._workplace import refuse_unmounted
from parfocal.store import sync_to_disk

__all__ = [
    "cleanup",
    "destination",
    "files_taken",
    "prerequisites",
    "purge",
    "words_of_consent",
]

BULK = ".dat"
DAY_S = 86400.0
TOMBSTONE = "tombstone"
PURGE = "purge"
PROVEN = """
SELECT count(*) AS many FROM artifact JOIN strip ON strip.id = artifact.strip
    AND strip.generation = artifact.generation
WHERE artifact.strip = ? AND artifact.generation = ? AND verified = 1
    AND artifact.kind IN (SELECT value FROM json_each(?))
"""


def cleanup(work: Work) -> Outcome:
    """Move the raw data, put them in the trash, or delete their bulk, as the configuration says."""
    action = work.strip.config.cleanup
    if action not in CLEANING:
        raise NeedsPerson(f"the configuration says cleanup: {action}, so the raw data stay")
    where = destination(work.strip, action)
    if TOMBSTONE not in work.artifacts:
        raw = _present(work, where)
        _refuse_without_consent(work, action)
        files = _prove(work, raw)
        _decide(work, action, raw, where, files)
    if where is not None:
        return Outcome(f"{work.strip.raw} was moved to {where}")
    return _delete(work, work.strip.raw)


def purge(work: Work) -> Outcome:
    """Empty the trash of a strip when its days are over, and its copy is still what it was."""
    where = destination(work.strip, "trash")
    if where is None or not where.is_dir():
        raise NeedsPerson(f"{where} is not in the trash any more")
    if PURGE not in work.artifacts:  # else one that was killed had decided, and some is gone
        _refuse_without_consent(work, "delete")
        files = _prove(work, where)
        now = work.database.now()
        with work.leases.decisive(work.job) as sql:
            facts = {"action": PURGE, "files": len(files)}
            put_artifact(sql, work.job, Artifact(PURGE, _stone(work), 0, True, facts), now)
            add_event(sql, now, "decided", f"delete {where}, as {_stone(work)} says", work.job)
    return _delete(work, where)


def _prove(work: Work, raw: Path) -> list[RawFile]:
    """Compare the raw data that are there now with the backup that is there now."""
    final = work.strip.backup
    for product in (final, work.strip.store):
        if product is not None:
            refuse_unmounted(work, product)
    if final is None or not final.is_dir():
        raise NeedsPerson(f"the backup {final} is not there, so the raw data stay")
    before = fingerprint(raw)
    if raw == work.strip.raw and before != work.strip.raw_identity:
        raise RawChanged(f"{raw} changed after it was copied, so it stays")
    files = raw_files(raw)
    told = read_manifest(final / MANIFEST)
    refuse_different(hashes_here(work, final, 0.0, 0.5), told, final, "its manifest")
    refuse_different(hashes_here(work, raw, 0.5, 1.0), told, raw, "the backup")
    store = work.strip.store
    if store is not None and (damage := damage_of(work, store, done_here)) is not None:
        raise Corrupt(damage)
    if fingerprint(raw) != before:
        raise RawChanged(f"{raw} changed while it was compared with its backup, so it stays")
    return files


def _decide(work: Work, action: str, raw: Path, where: Path | None, files: list[RawFile]) -> None:
    _refuse_unproven(work, work.database.rows)  # before anything is written
    stone = _tombstone(work, action, where, files)
    now = work.database.now()
    with work.leases.decisive(work.job) as sql:
        _refuse_unproven(work, sql.execute)
        facts = {"action": action, "files": len(files)}
        put_artifact(sql, work.job, Artifact(TOMBSTONE, stone, 0, True, facts), now)
        add_event(sql, now, "decided", f"{action} {raw}, as {stone} says", work.job)
        if action == "trash":
            _queue_purge(work, sql)
        if where is not None and raw != where:
            where.parent.mkdir(parents=True, exist_ok=True)
            raw.rename(where)
    sync_to_disk(work.strip.raw.parent)


def _refuse_unproven(work: Work, ask: Callable[[str, Any], Iterable[Any]]) -> None:
    """The one question that lets raw data go."""
    needed = prerequisites(work.strip.config)
    ((proven,),) = ask(PROVEN, (work.job.strip, work.job.generation, json.dumps(needed)))
    if proven != len(needed):
        raise NeedsPerson(
            f"{work.strip.name.words} is not verified in all of {', '.join(needed)}, so its raw "
            "data stay"
        )


def _tombstone(work: Work, action: str, where: Path | None, files: list[RawFile]) -> Path:
    """Written before anything goes; it stays for good."""
    raw = work.strip.raw
    stone = _stone(work)
    copies = {kind: str(one.path) for kind, one in work.artifacts.items() if kind != "raw"}
    told = {
        "what": work.strip.name.key,
        "generation": work.job.generation,
        "raw": str(raw),
        "action": action,
        "moved_to": None if where is None else str(where),
        "utc": in_words(work.database.now().utc),
        "by": f"{_user()}@{socket.gethostname()}",
        "copies": copies,
        "files": [[file.name, file.size, file.mtime_ns, file.inode] for file in files],
        "hashes": dict(work.artifacts["backup"].facts["hashes"]),
    }
    fresh = stone.with_name(stone.name + ".new")
    fresh.write_text(json.dumps(told, indent=1), encoding="utf-8", errors="surrogateescape")
    sync_to_disk(fresh)
    fresh.replace(stone)
    sync_to_disk(stone.parent)
    return stone


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a service account that no list of users has
        return "unknown"


def _delete(work: Work, raw: Path) -> Outcome:
    """Delete the bulk files that the tombstone names and that are still those; what is small
    stays, and so does whatever came since."""
    told = _read_stone(_stone(work))
    kept, gone = [], 0
    goes = files_taken([name for name, *_ in told["files"]])
    for name, *facts in told["files"]:
        path = raw / name
        if name not in goes:
            continue
        try:
            stat = path.lstat()
        except FileNotFoundError:
            continue
        if [stat.st_size, stat.st_mtime_ns, stat.st_ino] != facts:
            kept.append(name)
            continue
        work.pace.breathe()
        path.unlink()
        gone += 1
    if raw.is_dir():
        sync_to_disk(raw)
    words = f"{counted(gone, 'file')} of {raw} deleted"
    return Outcome(words + (f"; {kept[0]} is another one now and stays" if kept else ""))


def files_taken(names: Collection[str]) -> frozenset[str]:
    """Which files go when the bulk of a strip is deleted: spool files, and of a folder without
    any all files."""
    bulk = frozenset(name for name in names if name.lower().endswith(BULK))
    return bulk or frozenset(names)


def _read_stone(stone: Path) -> Mapping[str, Any]:
    try:
        told: Mapping[str, Any] = json.loads(stone.read_text("utf-8", "surrogateescape"))
        if all(len(facts) == 4 for facts in told["files"]):
            return told
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        pass  # said below
    raise NeedsPerson(f"{stone} does not say any more what may go, so nothing does")


def prerequisites(config: Config) -> list[str]:
    """What the configuration asks for; each must be verified, of this generation."""
    needed = ["backup"]
    if config.output is not None:
        needed.append("store")
        if config.mip:
            needed.append("mip")
    return needed


def words_of_consent(config: Config) -> str:
    """What a person has to say before anything is deleted."""
    return f"delete {config.project}"


def _refuse_without_consent(work: Work, action: str) -> None:
    """What cannot be undone wants a person's own words, in the configuration or typed."""
    words = words_of_consent(work.strip.config)
    if action != "delete" or words in (
        work.strip.config.delete_consent,
        work.job.note.get("consent"),
    ):
        return
    bulk = raw_files(work.strip.raw) if work.strip.raw.is_dir() else []
    size = sum(file.size for file in bulk) / 1e9
    raise NeedsPerson(
        f"{size:.2f} GB of {work.strip.raw} would be deleted; to say so, type: "
        f"parfocal jobs retry {work.job.id} --confirm '{words}'"
    )


def destination(strip: Strip, action: str) -> Path | None:
    """Where the raw data go; None where they are deleted."""
    raw, number = strip.raw, strip.generation
    if action == "move":
        return raw.parent / "processed" / raw.name
    if action == "trash":
        return raw.parent / ".parfocal-trash" / f"{raw.name}-{number}"
    return None


def _present(work: Work, where: Path | None) -> Path:
    """Where the raw data are: moved already, when a crash came before it was written down."""
    raw = work.strip.raw
    if raw.is_dir():
        if where is not None and where.exists():
            raise NeedsPerson(f"{where} exists already, so {raw} cannot be moved there")
        return raw
    if where is not None and where.is_dir() and _stone(work).is_file():
        return where
    raise NeedsPerson(f"{raw} is not there any more")


def _stone(work: Work) -> Path:
    raw = work.strip.raw
    return raw.with_name(f"{raw.name}.tombstone-{work.job.generation}.json")


def _queue_purge(work: Work, sql: Any) -> None:
    now = work.database.now()
    due = now.after(work.strip.config.trash_days * DAY_S)
    sql.execute(
        "INSERT OR IGNORE INTO job (key, strip, generation, kind, lane, state, due_utc, "
        "due_monotonic, due_boot, created, changed) VALUES (?, ?, ?, 'purge', ?, 'ready', ?, ?, ?, "
        "?, ?)",
        (
            f"{work.job.strip}/{work.job.generation}/purge",
            work.job.strip,
            work.job.generation,
            Lane.LIGHT,
            due.utc,
            due.monotonic,
            due.boot,
            now.utc,
            now.utc,
        ),
    )
