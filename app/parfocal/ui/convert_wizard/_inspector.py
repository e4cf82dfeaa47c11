"""Look into the sources off the window's thread, and keep what was found of each."""

from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QPixmap

from parfocal.convert import Inspection, inspect_source
from parfocal.ui.convert_wizard._draft import DraftItem
from parfocal.ui.store_workspace._pixmap import pixmap_of
from parfocal.ui.store_workspace._thumbnail import Picture, compose
from parfocal.ui.tasks import Task, Tasks, Work
from parfocal.ui.text import tr

__all__ = ["Inspector"]


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found with which wishes; `found` is None while nobody knows."""

    item: DraftItem
    found: Inspection | None = None


class Inspector(QObject):
    """Asks once for each item and its wishes; only the answer to the last wishes counts."""

    looked = pyqtSignal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._looks: dict[Path, _Look] = {}
        self._shown: dict[Path, Inspection] = {}
        self._pictures: dict[Path, QPixmap] = {}

    def look(self, items: tuple[DraftItem, ...]) -> None:
        """Look into those that were not looked into with these wishes."""
        for item in items:
            known = self._looks.get(item.source)
            if known is None or known.item.wishes != item.wishes:
                self._ask(item)

    def of(self, item: DraftItem) -> Inspection | None:
        """What is known of an item as it is wished; None while somebody looks."""
        known = self._looks.get(item.source)
        return known.found if known is not None and known.item.wishes == item.wishes else None

    def shown(self, item: DraftItem) -> Inspection | None:
        """What to show of an item: the last look that told its fields, whatever was wished."""
        now = self.of(item)
        return now if now is not None and now.fields else self._shown.get(item.source, now)

    def picture(self, item: DraftItem) -> QPixmap | None:
        """A small picture, when there is one."""
        return self._pictures.get(item.source)

    def ready(self, items: tuple[DraftItem, ...]) -> bool:
        """Whether everything is known of these."""
        return all(self.of(item) is not None for item in items)

    def forget(self, item: DraftItem) -> None:
        """Look anew the next time: a disk was plugged in, a file put back."""
        self._looks.pop(item.source, None)

    def clear(self) -> None:
        """Know nothing any more."""
        for known in (self._looks, self._shown, self._pictures):
            known.clear()

    def _ask(self, item: DraftItem) -> None:
        self._looks[item.source] = _Look(item)
        wants_picture = item.source not in self._pictures

        def heard(answer: tuple[Inspection, Picture | None]) -> None:
            self._heard(item, *answer)

        self._tasks.quietly(
            tr("Look into {name}").format(name=item.source.name),
            _work(item, wants_picture=wants_picture),
            on_done=heard,
            on_failed=lambda sentence: self._heard(
                item, Inspection(item.source, "ingest", sentence), None
            ),
            owner=self,
        )

    def _heard(self, item: DraftItem, found: Inspection, picture: Picture | None) -> None:
        if picture is not None:
            self._pictures[item.source] = pixmap_of(picture)
        known = self._looks.get(item.source)
        if known is None or known.item.wishes != item.wishes:
            return  # it was wished otherwise meanwhile
        self._looks[item.source] = replace(known, found=found)
        if found.fields:
            self._shown[item.source] = found
        self.looked.emit()


def _work(item: DraftItem, *, wants_picture: bool) -> Work:
    def work(_task: Task) -> tuple[Inspection, Picture | None]:
        found = inspect_source(item.source, item.wishes, picture=wants_picture)
        if found.picture is None:
            return found, None
        pixels = compose(found.picture.planes, found.picture.colors)
        return replace(found, picture=None), Picture(found.name, pixels)

    return work
