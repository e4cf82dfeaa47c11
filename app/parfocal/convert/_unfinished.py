"""Know the hidden store that a conversion is making, and take it away when nobody wants it."""

import shutil
from glob import escape
from pathlib import Path

from parfocal.convert._places import journal_of
from parfocal.store import is_locked

__all__ = ["remove_unfinished", "unfinished_at"]


def unfinished_at(destination: Path) -> str:
    """Where it lies at this moment, told by its journal, which its maker holds; "" while there is
    none, and where there are several: then nobody can say whose is whose."""
    pattern = f".{escape(destination.name)}.partial-*.journal"
    held = [path for path in destination.parent.glob(pattern) if is_locked(path)]
    return str(held[0].with_name(held[0].name.removesuffix(".journal"))) if len(held) == 1 else ""


def remove_unfinished(partial: str) -> None:
    """Take it away with its journal, unless somebody is making it."""
    if not partial:
        return
    place = Path(partial)
    journal = journal_of(place)
    if is_locked(journal):
        return
    shutil.rmtree(place, ignore_errors=True)
    if not place.exists():
        journal.unlink(missing_ok=True)
