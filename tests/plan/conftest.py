"""Let the room's tests find the plans that they share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for plan_values; tests are no package
