"""What a person may change of the queue, as work for a thread; it imports `parfocal.jobs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parfocal.ui.queue_desk import Change

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from parfocal.jobs import Answer, CleanupPreview, Conflict, Database

__all__ = [
    "Change",
    "answered",
    "cancelled",
    "forced",
    "paused",
    "previewed",
    "resumed",
    "retried",
    "unwatched",
    "watched",
]


def watched(file: Path) -> Change:
    """Watch a scan."""

    def work(database: Database) -> Any:
        from parfocal.jobs import watch_scan

        return watch_scan(database, file)

    return work


def unwatched(file: Path) -> Change:
    """Watch it no more."""

    def work(database: Database) -> None:
        from parfocal.jobs import unwatch_scan

        unwatch_scan(database, file)

    return work


def paused() -> Change:
    """Let nothing start."""

    def work(database: Database) -> None:
        from parfocal.jobs import pause

        pause(database)

    return work


def resumed() -> Change:
    """Go on."""

    def work(database: Database) -> None:
        from parfocal.jobs import resume

        resume(database)

    return work


def retried(jobs: Iterable[int], consent: str | None = None) -> Change:
    """Try these again."""

    def work(database: Database) -> None:
        from parfocal.jobs import retry_jobs

        retry_jobs(database, jobs, consent)

    return work


def cancelled(jobs: Iterable[int]) -> Change:
    """Stop these."""

    def work(database: Database) -> None:
        from parfocal.jobs import cancel_jobs

        cancel_jobs(database, jobs)

    return work


def forced(strip: str, stage: str, consent: str | None) -> Change:
    """Do it once more from a stage on."""

    def work(database: Database) -> None:
        from parfocal.jobs import force_from

        force_from(database, strip, stage, consent)

    return work


def answered(conflict: Conflict, answer: Answer, project: str) -> Change:
    """Do what was said about which strip is meant."""

    def work(database: Database) -> Any:
        from parfocal.jobs import answer_conflict

        return answer_conflict(database, conflict.key, answer, project)

    return work


def previewed(queue: Path, strip: str) -> CleanupPreview | None:
    """What a clean-up would do."""
    from parfocal.jobs import preview_cleanup

    return preview_cleanup(queue, strip)
