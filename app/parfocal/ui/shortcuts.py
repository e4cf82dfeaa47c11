"""Which keys an action has, chosen or declared; `refusal` says which it cannot have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence

from parfocal.ui._declared import Declared
from parfocal.ui.text import tr

__all__ = ["in_words", "refusal", "taken_by", "worn"]

EDITING = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.SelectAll,
)


def worn(declared: Iterable[Declared], chosen: Mapping[str, str]) -> dict[str, str]:
    """The keys of each action. No two have the same: Qt would do neither.

    What a person chose comes before the declared, so an action whose declared keys were given
    away has none; Stop comes before all and always has some.
    """
    table = {one.key: one for one in declared}
    keys: dict[str, str] = {}
    for safety in (True, False):
        group = {key: one for key, one in table.items() if (one.bar == "safety") is safety}
        for key, wanted in chosen.items():
            if key in group and not refusal(group[key], wanted):
                keys[key] = _unless_taken(wanted, keys)
                if wanted and not keys[key]:  # twice in the file: the first has them
                    del keys[key]
        for key in group.keys() - keys.keys():
            keys[key] = _unless_taken(group[key].shortcut, keys)
    return keys


def refusal(one: Declared, wanted: str) -> str:
    """Why an action cannot have these keys, in a sentence; nothing when it can."""
    if not wanted:
        if one.bar == "safety":
            return tr("“{name}” keeps a shortcut, so that it can be done from anywhere.").format(
                name=one.plain_text
            )
        return ""
    sequence = QKeySequence(wanted)
    if not sequence.count() or sequence[0].key() == Qt.Key.Key_unknown:
        return tr("{keys} are no keys that this computer knows.").format(keys=wanted)
    first = sequence[0]
    bare = first.keyboardModifiers() & ~Qt.KeyboardModifier.ShiftModifier
    if bare == Qt.KeyboardModifier.NoModifier and not _of_no_text(first.key()):
        return tr("{keys} alone could not be typed into a field any more; add Ctrl or Alt.").format(
            keys=in_words(wanted)
        )
    if any(sequence in QKeySequence.keyBindings(each) for each in EDITING):
        return tr("{keys} copies, cuts, pastes or selects in every field; take others.").format(
            keys=in_words(wanted)
        )
    return ""


def taken_by(wanted: str, keys: Mapping[str, str], key: str) -> str | None:
    """The other action that has these keys."""
    same = _portable(wanted)
    return next(
        (other for other, has in keys.items() if same and has == same and other != key), None
    )


def in_words(keys: str) -> str:
    """The keys as this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _unless_taken(wanted: str, keys: Mapping[str, str]) -> str:
    portable = _portable(wanted)
    return "" if portable in keys.values() else portable


def _portable(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)


def _of_no_text(key: int) -> bool:
    """Keys that write nothing: F1 to F35 and the like of Print and Pause."""
    functions = Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
    return functions or key in (Qt.Key.Key_Print, Qt.Key.Key_Pause, Qt.Key.Key_Help)
