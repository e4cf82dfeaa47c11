"""Offer at the start to repair the stores of runs that never ended: Recover, Later or Forget."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QObject

from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.run import Breadcrumb
    from parfocal.ui.desk import Desk
    from parfocal.ui.tasks import Task

__all__ = ["Interrupted", "RecoveryOffer"]

AT_ONCE = 3  # more would fill the corner; the others are offered when these are settled


class Interrupted(NamedTuple):
    """A run that never ended, and what its store says."""

    breadcrumb: Breadcrumb
    planned: int
    there: int


class RecoveryOffer(QObject):
    """Looks for interrupted runs in the background; each becomes one message that stays."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._waiting: list[Interrupted] = []

    def look(self) -> None:
        """Look for them; the start waits for nothing of it."""
        self._desk.tasks.quietly(
            "look for interrupted runs",
            lambda _task: interrupted(),
            on_done=self._offer,
            owner=self,
        )

    def _offer(self, found: tuple[Interrupted, ...]) -> None:
        self._waiting = list(found)
        for _ in range(AT_ONCE):
            self._offer_next()

    def _offer_next(self) -> None:
        if not self._waiting:
            return
        one = self._waiting.pop(0)
        self._desk.toasts.show(
            in_words(one),
            "warn",
            buttons=(
                (tr("Recover"), partial(self._recover, one)),
                (tr("Later"), self._offer_next),
                (tr("Forget"), partial(self._forget, one)),
            ),
            sticky=True,
        )

    def _recover(self, one: Interrupted) -> Task:
        from parfocal.ui.recovery_work import start_recovery

        self._offer_next()
        # nothing to forget: a store that was recovered is not offered again, a cancelled one is
        return start_recovery(self._desk, one.breadcrumb.store, self._recovered, self)

    def _recovered(self, _report: object) -> None:
        self._desk.say(tr("The store is whole again; it is listed in Store."))

    def _forget(self, one: Interrupted) -> None:
        self._offer_next()
        self._desk.tasks.quietly("forget a run", lambda _task: one.breadcrumb.forget(), owner=self)


def interrupted() -> tuple[Interrupted, ...]:
    """The runs that never ended, newest first, with what their stores say; it reads the disk."""
    from parfocal.run import interrupted_runs

    return tuple(_looked_into(breadcrumb) for breadcrumb in interrupted_runs())


def _looked_into(breadcrumb: Breadcrumb) -> Interrupted:
    from parfocal.store import StoreError, info

    try:
        found = info(breadcrumb.store)
        return Interrupted(breadcrumb, found.planned, found.acquired)
    except StoreError:  # too broken to say; recovery says more
        return Interrupted(breadcrumb, breadcrumb.frames_expected, breadcrumb.frames_stored)


def in_words(one: Interrupted) -> str:
    """What happened, where, and what is missing."""
    words = tr(
        "The run “{name}” was interrupted: {there} of {planned} planes are in {store}, {missing} "
        "are missing."
    )
    return words.format(
        name=one.breadcrumb.name,
        there=number(one.there),
        planned=number(one.planned),
        store=one.breadcrumb.store,
        missing=number(max(0, one.planned - one.there)),
    )
