"""What the tests of conversion share."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
# for disks; tests are no package
sys.path.append(str(Path(__file__).parents[1] / "store"))
