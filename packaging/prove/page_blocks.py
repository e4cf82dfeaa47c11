"""Read the commands of a page of the documentation, and compare what it says comes of them."""

import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["COMMANDS", "Block", "blocks_of", "difference"]

FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = ("sh", "bash")
"""`sh` is a command a line, which any shell and Windows' too would take; `bash` is a script."""
OUTPUT = "output"
NUMBER = re.compile(r"\d[\d.,]*")
ANY = "…"


class Block(NamedTuple):
    """A fenced block; of commands also what is printed when the page says it."""

    kind: str
    body: str
    prints: str | None = None


def blocks_of(page: Path) -> list[Block]:
    """All blocks of a page in their order, each `output` with the commands before it."""
    found: list[Block] = []
    for kind, body in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind != OUTPUT:
            found.append(Block(kind, body))
        elif not found or found[-1].kind not in COMMANDS:
            raise ValueError(f"{page}: there is output of no command")
        else:
            found[-1] = found[-1]._replace(prints=body)
    return found


def difference(wanted: str, came: str) -> str:
    """Where the output is another one, or "". Any number may stand for a number; … for some words,
    and alone in a line for any lines."""
    pattern = "".join(
        "(?:.*\n)*?" if line.strip() == ANY else _line(line) for line in wanted.splitlines()
    )
    if re.fullmatch(pattern, came):
        return ""
    return f"the page says\n{wanted}and what came is\n{came}"


def _line(text: str) -> str:
    words = [NUMBER.sub("0", part) for part in text.rstrip().split(ANY)]
    return ".*".join(re.escape(part).replace("0", r"\d[\d.,]*") for part in words) + " *\n"
