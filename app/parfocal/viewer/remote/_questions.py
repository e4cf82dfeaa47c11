"""Read what a viewer asks of a rig, and answer it from a show."""

from dataclasses import dataclass
from typing import Any

from parfocal import ParfocalError
from parfocal.store import Index
from parfocal.viewer._errors import ViewerError
from parfocal.viewer.remote._shows import Show
from parfocal.viewer.remote._wire import Header, WireError, pack, pack_pixels

_OPS = ("ready", "facts", "plane", "stored", "contrast")
_LONGEST = 64
_MOST = 2**53


@dataclass(frozen=True, slots=True)
class Question:
    """One question; what it does not need is nought."""

    op: str
    number: int = 0
    show: str = ""
    index: Index = (0, 0, 0, 0)
    level: int = 0
    channel: int = 0
    taken: int = 0


def read_question(header: Header) -> Question:
    """Read it, trusting nothing; what no viewer of ours asks is a WireError."""
    op, show = header.get("op"), header.get("show", "")
    if op not in _OPS or not isinstance(show, str) or len(show) > _LONGEST:
        raise WireError("a question is none that a viewer asks")
    index = header.get("index", [0, 0, 0, 0])
    if not isinstance(index, list) or len(index) != 4:
        raise WireError("a question is about no plane")
    t, p, c, z = (_number(place) for place in index)
    number, level, channel, taken = (
        _number(header.get(name, 0)) for name in ("id", "level", "channel", "taken")
    )
    return Question(str(op), number, show, (t, p, c, z), level, channel, taken)


def answer_question(question: Question, show: Show | None) -> list[bytes]:
    """The message that answers it; also a sentence why it cannot be answered."""
    try:
        if show is None:
            raise ViewerError(
                "the rig does not show this run any more"
                if question.show
                else "no run goes on at the rig, and no store is on show"
            )
        said, payload = _answer(question, show)
    except (ParfocalError, OSError, ValueError, MemoryError) as problem:
        return pack({"id": question.number, "error": str(problem)[:2000]})
    return pack({"id": question.number, **said}, payload)


def _answer(question: Question, show: Show) -> tuple[Header, bytes | None]:
    if question.op == "facts":
        told = show.told
        said = {"show": show.identity, "facts": told.version, "running": show.found.running}
        return said, told.body
    facts = show.source.facts
    if question.op == "contrast":
        if question.channel >= facts.sizes.c:
            raise ViewerError(f"there is no channel {question.channel}")
        limits = show.source.contrast(question.channel)
        return {"limits": None if limits is None else list(limits)}, None
    if not facts.sizes.holds(question.index):
        raise ViewerError(f"there is no plane {question.index}")
    if not show.source.stored(question.index):
        return {"stored": False, "absence": show.source.absence(question.index)[:2000]}, None
    if question.op == "stored":
        return {"stored": True}, None
    if question.level >= len(facts.levels_of(question.index[2])):
        raise ViewerError(f"there is no level {question.level}")
    said, payload = pack_pixels(show.source.plane(question.index, question.level))
    return {"stored": True, **said}, payload


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _MOST:
        raise WireError("a question has something else where a number is")
    return value
