"""Write what a store holds in words: its state by shape, word and colour, its sizes, its voxel."""

from datetime import datetime
from typing import TYPE_CHECKING

from parfocal.store import StoreInfo
from parfocal.ui.text import number, size_in_words, tr
from parfocal.ui.theme import Token

if TYPE_CHECKING:
    from parfocal.ui.store_workspace._node import Node

STOPPED = "stopped"  # no state of a store, but what a person sees of an interrupted one
SHAPES = {
    "recording": "●",
    "completed": "✓",
    "interrupted": "⚠",
    STOPPED: "■",
    "recovered": "↻",
    "legacy": "⇪",
    "foreign": "◇",
    "damaged": "✗",
}
COLORS: dict[str, Token] = {
    "recording": "accent",
    "completed": "ok",
    "interrupted": "warn",
    STOPPED: "info",
    "recovered": "ok",
    "legacy": "info",
    "foreign": "info",
    "damaged": "error",
}


def state_words(state: str) -> str:
    """A state's shape and word."""
    words = {
        "recording": tr("recording"),
        "completed": tr("completed"),
        "interrupted": tr("interrupted"),
        STOPPED: tr("stopped"),
        "recovered": tr("recovered"),
        "legacy": tr("legacy"),
        "foreign": tr("foreign"),
        "damaged": tr("damaged"),
    }
    return f"{SHAPES.get(state, '◇')} {words.get(state, state)}"


def shown_state(state: str, ended_as: str) -> str:
    """A store's state word, but for a run that was stopped on purpose: nothing befell it."""
    return STOPPED if (state, ended_as) == ("interrupted", "cancelled") else state


def ended_words(state: str, planes: tuple[int, int]) -> str:
    """The same as `state_words`; of a run that was stopped also where."""
    words = state_words(state)
    if state != STOPPED:
        return words
    at, of = map(number, planes)
    return tr("{stopped} at frame {n} of {m}").format(stopped=words, n=at, m=of)


def state_token(state: str) -> Token:
    """A state's colour."""
    return COLORS.get(state, "info")


def size_words(size: int | None, *, whole: bool = True) -> str:
    """A store's size; one that was too large to count is more than so much."""
    if size is None:
        return "…"
    words = size_in_words(size)
    return words if whole else tr("more than {size}").format(size=words)


def spoken(node: "Node") -> str:
    """A row of the tree, to be read aloud."""
    seen = node.glimpse
    if seen is not None:
        return tr("{name}, {state}").format(name=node.name, state=seen.state)
    return node.name if node.modified else f"{node.name}, {node.note}"


def local_time(stamp: str) -> str:
    """A time of a record as this computer's clock says it."""
    try:
        return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return stamp


def planes_words(found: StoreInfo) -> str:
    """How many planes are there, and how many are missing."""
    words = tr("{acquired} of {planned} planes").format(
        acquired=number(found.acquired), planned=number(found.planned)
    )
    if found.missing:
        words += tr(" · {missing} missing").format(missing=number(found.missing))
    return words


def voxel_words(found: StoreInfo) -> str:
    """The voxel size, z × y × x."""
    sizes = " × ".join(number(size, _decimals(size)) for size in found.voxel_size_um)
    return tr("{sizes} µm (z × y × x)").format(sizes=sizes)


GUESSED = "default"  # the source of a voxel size that nobody measured
CORRECTED = "user_correction"
_RECORDS = {"_ome_xml": "OME-XML", "_bdv": "BDV file", "_navigate": "Navigate record"}
_WHOLE_STORE = {
    "store_metadata": "the metadata of the store",
    "root_attrs": "the attributes of the store",
    CORRECTED: "a correction by hand",
    GUESSED: "nowhere: nobody measured it, 1 µm is a guess",
}


def voxel_source_words(source: str) -> str:
    """Where the voxel size comes from; `component:A/1/0` is what the command line says."""
    kind, _colon, where = source.partition(":")
    record = next((words for end, words in _RECORDS.items() if kind.endswith(end)), "")
    if record:
        return tr("the {record} of {place}").format(record=record, place=where or tr("the store"))
    if kind == "component" and where:
        return tr("the metadata of {path}").format(path=where)
    return tr(_WHOLE_STORE.get(kind, source))


def _decimals(size: float) -> int:
    """Three, and a fourth one where it says something: 0.1083 is not 0.108."""
    if size >= 10:
        return 1
    return 3 if round(size, 3) == round(size, 4) else 4
