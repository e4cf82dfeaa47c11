"""Look into the folders that a scan would watch, and say what is there; it reads the disk."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.jobs import Naming, StripName, map_path
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Token

__all__ = ["NEEDED", "Seen", "look_into"]

NEEDED = ("project", "watch", "pattern", "slice_offset", "strips_per_slice", "path_map")
"""What must make sense before there is anything to look at."""
ENOUGH = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What is there, and how grave that is."""

    words: str
    token: Token


def look_into(project: str, said: Mapping[str, Any]) -> Seen:
    """One sentence a folder: whether it is there, and which strips it holds."""
    naming = Naming(said["pattern"], said["slice_offset"], said["strips_per_slice"])
    table = dict(said["path_map"])
    lines: list[str] = []
    token: Token = "muted"
    for folder in said["watch"]:
        place = map_path(str(folder), table)
        try:
            with_names = itertools.islice(place.iterdir(), ENOUGH)
            names = sorted(one.name for one in with_names if one.is_dir())
        except OSError as problem:
            why = problem.strerror or str(problem)
            words = tr("{folder} cannot be seen now: {why}. It is looked for again and again.")
            lines.append(words.format(folder=place, why=why))
            token = "warn"
            continue
        lines.append(_in_words(place, names, naming, project))
    return Seen("\n".join(lines), token)


def _in_words(place: Path, names: list[str], naming: Naming, project: str) -> str:
    strips: list[tuple[str, StripName]] = []
    for name in names:
        strip = naming.read(project, name)
        if strip is not None:
            strips.append((name, strip))
    if not names:
        return tr("{folder} has no folders yet.").format(folder=place)
    if not strips:
        return tr("{folder} has {n} folders, as {name}; none has the name of a strip.").format(
            folder=place, n=number(len(names)), name=names[0]
        )
    name, strip = max(strips, key=lambda one: (one[1].slice, one[1].strip, one[1].channel))
    return tr("{folder} has {n} folders, {m} of them strips; {name} is {strip}.").format(
        folder=place,
        n=number(len(names)),
        m=number(len(strips)),
        name=name,
        strip=strip.words[0].lower() + strip.words[1:],
    )
