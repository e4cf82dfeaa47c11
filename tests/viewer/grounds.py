"""How planes lie in a window that nobody arranged."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from parfocal.viewer._result_ground import Ground
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.child._arrangement import Arrangement
from parfocal.viewer.child._components import Components
from parfocal.viewer.child._result_grounds import grounds_of


def ground_and(store: Path) -> Any:
    with closing(StoreSource(store)) as source:
        return ground_of(source.facts)


def ground_of(facts: Any) -> Ground:
    """As a window has it that nobody arranged."""
    (ground,) = grounds_of(Arrangement(facts, Components()), 0)
    return ground
