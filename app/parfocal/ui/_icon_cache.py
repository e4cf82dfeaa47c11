"""Make the icons of pymmcore-widgets local: `use_local_icons` before any of its widgets.

superqt and pymmcore-widgets take their icons from pyconify, which asks the network for each one
(27.8 s to the first MDA editor on an offline acquisition PC, with "?" for icons). Its own switch, a
filled `PYCONIFY_CACHE`, is not enough: it asks the network for the sets' dates first and deletes
files that are older. So its one way out, the session that fetches, is replaced by `ShippedIcons`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from parfocal.ui.resources import resource

# For a glyph that was asked for without a colour. Qt draws "currentColor" black, which in the dark
# theme is black on black; such an icon is a file and cannot follow the theme.
NEUTRAL = "#7d8692"


class IconNotShippedError(OSError):
    """pyconify's callers draw a "?" for an OSError and go on."""


def use_local_icons() -> None:
    """Answer pyconify from the shipped files; coloured variants go to this user's cache."""
    folder = Path(user_cache_path("parfocal", appauthor=False)) / "icons"
    os.environ["PYCONIFY_CACHE"] = str(folder)
    # after the variable, which pyconify reads when it is imported
    from pyconify import _cache, api

    if str(folder) != _cache.PYCONIFY_CACHE:  # somebody imported it before us
        _cache.PYCONIFY_CACHE, _cache.CACHE_DISABLED = str(folder), False
        _cache._SVG_CACHE = None
    session: Any = _shipped_icons  # stands for requests.Session, of which `get` is used
    if api._session is not session:
        api._session = session
        api.last_modified.cache_clear()


class ShippedIcons:
    """Stands where pyconify's network session stood, and knows the shipped files only."""

    def get(self, address: str, params: Mapping[str, Any] | None = None, **_timeout: Any) -> Answer:
        """Answer what pyconify asks: the sets' dates, or one glyph in a colour, turned."""
        if address.endswith("/last-modified"):
            dates = {prefix: one["last_modified"] for prefix, one in shipped_sets().items()}
            return Answer(json.dumps({"lastModified": dates}).encode())
        prefix, name = address.removesuffix(".svg").split("/")[-2:]
        path = resource("icons", prefix, f"{name}.svg")
        if not path.is_file():
            raise IconNotShippedError(
                f"{path} is not among the shipped icons (packaging/icons.txt)"
            )
        return Answer(varied(path.read_text(encoding="utf-8"), params or {}).encode())


class Answer:
    """A reply with as much of `requests.Response` as pyconify looks at."""

    status_code = 200

    def __init__(self, content: bytes) -> None:
        self.content = content

    def raise_for_status(self) -> None:
        """Nothing to raise: what is not shipped was refused before."""

    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.content)


def varied(svg: str, wish: Mapping[str, Any]) -> str:
    """A glyph in another colour, mirrored or turned, as the icon service would have drawn it."""
    svg = svg.replace("currentColor", str(wish.get("color") or NEUTRAL))
    head, _, rest = svg.partition(">")
    width, height = (float(side) for side in head.partition('viewBox="0 0 ')[2].rstrip('"').split())
    turns = _quarter_turns(wish.get("rotate"))
    steps = [f"rotate({turns * 90} {width / 2} {height / 2})"] if turns else []
    if "horizontal" in str(wish.get("flip")):
        steps.append(f"translate({width} 0) scale(-1 1)")
    if "vertical" in str(wish.get("flip")):
        steps.append(f"translate(0 {height}) scale(1 -1)")
    if not steps:
        return svg
    body = rest.removesuffix("\n").removesuffix("</svg>")
    return f'{head}><g transform="{" ".join(steps)}">{body}</g></svg>\n'


def _quarter_turns(rotate: int | str | None) -> int:
    """How often to turn by 90 degrees; pyconify writes 1, 2, 3 or "90deg"."""
    value = int(str(rotate or 0).removesuffix("deg"))
    return (value if abs(value) < 4 else value // 90) % 4


@cache
def _shipped_icons() -> ShippedIcons:
    return ShippedIcons()


@cache
def shipped_sets() -> dict[str, dict[str, Any]]:
    """The icon sets that are shipped, with their dates and licences."""
    described: dict[str, dict[str, Any]] = json.loads(
        resource("icons", "sets.json").read_text(encoding="utf-8")
    )
    return described
