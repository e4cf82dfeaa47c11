"""Name a plan by what it would do to what, so that only the same work is gone on with."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from parfocal.convert._plan import ConversionPlan

__all__ = ["plan_identity"]


def plan_identity(source_identity: str, plan: ConversionPlan) -> str:
    """Another text for another source, another layout, or another way of doing it."""
    told: dict[str, Any] = {
        "source": source_identity,
        "layout": asdict(plan.layout),
        "arrays": [(array.path, array.source.key, array.action) for array in plan.arrays],
    }
    words = json.dumps(told, sort_keys=True, default=str)
    return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()
