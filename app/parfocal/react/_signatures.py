"""Look at a part before it is used: has it the method of its kind, and can that be called?"""

import importlib.util
import inspect
from typing import Any, get_args

from parfocal.react._errors import Failing
from parfocal.react._protocols import KINDS, Needs, PartKind

__all__ = ["fault_of", "kind_of"]

NEEDS = get_args(Needs)


def kind_of(part: type) -> PartKind | None:
    """Which kind a class is, by its method; None where it has none of the four, or several."""
    kinds = [kind for kind in KINDS if callable(getattr(part, kind.method, None))]
    return kinds[0] if len(kinds) == 1 else None


def fault_of(part: type, kind: PartKind, name: str) -> str:
    """A sentence that says why this part cannot be used; empty when nothing speaks against it."""
    what = f"the {kind.name} {name!r}"
    failed: list[Exception] = []
    with Failing(failed.append):
        return _fault(part, kind, what)
    return f"{what} cannot be looked at: {type(failed[0]).__name__}: {failed[0]}"


def _fault(part: type, kind: PartKind, what: str) -> str:
    for package in _words(part, "packages"):
        if importlib.util.find_spec(package.partition(".")[0]) is None:
            how = getattr(part, "install", "")
            typed = f"; type: {how}" if how else ""
            return f"{what} needs the package {package!r}, which is not installed{typed}"
    wanted = f"{kind.method}({', '.join(('self', *kind.given))})"
    method: Any = getattr(part, kind.method, None)
    if not callable(method):
        return f"{what} must have a method `{wanted}`, and has none"
    signature = inspect.signature(method)
    try:
        signature.bind(*([None] * (len(kind.given) + 1)))
    except TypeError:
        return f"{what} must have `{wanted}`; it has `{kind.method}{signature}`"
    needs = getattr(part, "needs", None)
    if kind.key == "stimulate" and needs not in NEEDS:
        return f"{what} must say `needs` as one of {', '.join(NEEDS)}; it says {needs!r}"
    return ""


def _words(part: type, name: str) -> tuple[str, ...]:
    words = getattr(part, name, ())
    return (words,) if isinstance(words, str) else tuple(words)
