"""Ask which fields of a store to see, and show them in the viewer that was picked."""

import re
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from parfocal.store import StoreInfo
from parfocal.ui.store_workspace._fields_dialog import FieldsDialog, FieldsWish
from parfocal.ui.viewers import Viewers


def ask_for_fields(
    viewers: Viewers, path: Path, found: StoreInfo, parent: QWidget, chosen: tuple[int, ...] = ()
) -> None:
    """Put up the dialog, with fields chosen already; what is wished in it is shown."""
    open_ones = [(row.number, row.opening.title) for row in viewers.rows() if not row.exited]
    names = field_names(found)
    dialog = FieldsDialog(path.name, names, open_ones, parent)
    dialog.choose(chosen)
    dialog.wished.connect(lambda wish: _show(viewers, path, len(names), wish))
    dialog.open()


def _show(viewers: Viewers, path: Path, count: int, wish: FieldsWish) -> None:
    fields = () if len(wish.fields) == count else wish.fields
    if wish.viewer is not None:
        viewers.show_in(wish.viewer, path, fields, keep=wish.keep)
    elif fields:
        viewers.open_fields(path, fields)
    else:
        viewers.open_store(path)


def field_names(found: StoreInfo) -> list[str]:
    """The fields as a person chooses them: with their well where there are several."""
    wells = ["/".join(path.split("/")[:2]) for path in found.field_paths]
    in_wells = all(re.fullmatch(r"[A-Z]+/\d+", well) for well in wells)
    if len(set(wells)) < 2 or not in_wells:
        return list(found.fields)
    named = zip(wells, found.fields, strict=True)
    places = ((*well.split("/"), name) for well, name in named)
    return [f"{row}{int(column):02} · {name}" for row, column, name in places]
