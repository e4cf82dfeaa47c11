"""Move a store to the system's trash, and back from there; the question comes before."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QFile

from parfocal import ParfocalError
from parfocal.ui.tasks import Task, Work
from parfocal.ui.text import tr

# what lies beside a store that was killed or recovered, and is of no use without it
BESIDE = (".journal", ".spool", ".quarantine")


@dataclass(frozen=True, slots=True)
class Thrown:
    """A store that is in the trash: every folder of it, where it lay and where it lies now."""

    store: Path
    moved: tuple[tuple[Path, Path | None], ...]

    @property
    def can_come_back(self) -> bool:
        """Not every system says where in its trash a folder lies."""
        return all(where is not None for _place, where in self.moved)


def throw_work(store: Path) -> Work:
    """The work of a task that moves `store` to the trash, or changes nothing."""

    def work(_task: Task) -> Thrown:
        moved: list[tuple[Path, Path | None]] = []
        beside = (store.with_name(store.name + suffix) for suffix in BESIDE)
        for place in (*(one for one in beside if one.exists()), store):
            done, where = QFile.moveToTrash(str(place))
            if not done:
                _put_back(moved)
                raise ParfocalError(
                    tr(
                        "{path} could not be moved to the trash: its disk may have none, or you "
                        "may not change that folder. Nothing was changed."
                    ).format(path=place)
                )
            moved.append((place, Path(where) if where else None))
        return Thrown(store, tuple(moved))

    return work


def put_back_work(thrown: Thrown) -> Work:
    """The work of a task that takes a store out of the trash again."""

    def work(_task: Task) -> Path:
        taken = next((place for place, _where in thrown.moved if place.exists()), None)
        if taken is not None:
            raise ParfocalError(
                tr("{path} exists again; rename it first.").format(path=taken),
            )
        _put_back(thrown.moved)
        return thrown.store

    return work


def _put_back(moved: Sequence[tuple[Path, Path | None]]) -> None:
    for place, where in moved:
        if where is None:
            continue
        shutil.move(where, place)
        # the trash of Linux desktops: without it they list what is not there
        note = where.parent.parent / "info" / f"{where.name}.trashinfo"
        note.unlink(missing_ok=True)
