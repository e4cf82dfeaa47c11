"""Phases that look and light, for runs on a small demo microscope with a calibrated projector."""

from __future__ import annotations

from typing import Any

import numpy as np
import useq

from parfocal.plan import Phase, Stimulation
from parfocal.wiring import Session

SIDE = 256
PLUG_IN = """
class Mine:
    do = None
    def segment(self, image):
        import parfocal_test_hook
        return parfocal_test_hook.do(image)
"""


def looking(
    *,
    name: str = "a",
    loops: int = 5,
    interval: float = 0.5,
    light: Stimulation | None = None,
    pipeline: dict[str, Any] | None = None,
    places: int = 1,
    **sequence: Any,
) -> Phase:
    values = {
        "axis_order": "tpcz",
        "time_plan": {"interval": interval, "loops": loops},
        "stage_positions": [(130.0 * p, 0, 0) for p in range(places)],
        "channels": [{"config": "DAPI", "exposure": 10}],
        **sequence,
    }
    return Phase(
        name=name,
        sequence=useq.MDASequence.model_validate(values),
        stimulate=light,
        pipeline=pipeline or {"segment": "otsu", "track": "laptrack"},
    )


def finished(session: Session) -> Any:
    session.run.start()
    assert session.run.wait(60)
    return session.run.status()


def bright(image: np.ndarray) -> np.ndarray:
    return (image > 1000).astype(np.int32)
