"""Let the tests of this room find what they share; tests are no package."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
for neighbour in ("run", "scope", "store"):
    sys.path.append(str(Path(__file__).parent.parent / neighbour))
