"""Tell whether a path lies where a share is to be mounted that is not.

A copy would go into the empty folder below it, on the disk of the computer, and the share would
hide it as soon as it is there. Only Linux has such folders: a missing drive letter of Windows is an
error by itself, and macOS takes the folder away with the share.
"""

import os
import re
from pathlib import Path

__all__ = ["missing_share"]

TABLE = Path("/etc/fstab")
ESCAPED = re.compile(r"\\([0-7]{3})")


def missing_share(path: Path) -> Path | None:
    """The place of a share of the computer's table that `path` would lie in, if it is not there."""
    try:
        lines = TABLE.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if len(words) < 2 or words[0].startswith("#"):
            continue
        place = Path(ESCAPED.sub(lambda found: chr(int(found[1], 8)), words[1]))
        if place.is_absolute() and path.is_relative_to(place) and not os.path.ismount(place):
            return place
    return None
