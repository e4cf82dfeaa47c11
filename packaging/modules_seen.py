"""Write down which modules a process had imported when it ended; frozen or from source.

The frozen program runs this at its start; a source run gets it as `sitecustomize`. It does nothing
unless PARFOCAL_MODULES_SEEN names a folder. `packaging/prove/modules` compares the two.
"""

import atexit
import os
import sys
from pathlib import Path


def _write(folder: str) -> None:
    kind = next((one[8:] for one in sys.argv[1:] if one.startswith("--child=")), "main")
    path = Path(folder) / f"{kind}-{os.getpid()}.txt"
    path.write_text("\n".join(sorted(sys.modules)) + "\n", encoding="utf-8")


if os.environ.get("PARFOCAL_MODULES_SEEN"):
    atexit.register(_write, os.environ["PARFOCAL_MODULES_SEEN"])
