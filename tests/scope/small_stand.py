"""A small stand of demo devices, described by a profile of its own."""

from __future__ import annotations

from pathlib import Path

import mm_test_adapters

from parfocal.scope import Profile

ADAPTERS = Path(mm_test_adapters.device_adapter_path())
CONFIGURATION = """\
# a small stand
Property,Core,Initialize,0
Device,Cam,DemoCamera,DCam
Device,XY,DemoCamera,DXYStage
Device,Z,DemoCamera,DStage
Property,Core,Initialize,1
Property,Core,Camera,Cam
"""


def profile(folder: Path, text: str = CONFIGURATION, **said: object) -> Profile:
    path = folder / "stand.cfg"
    path.write_text(text)
    said = {"adapters": ADAPTERS, **said}
    return Profile.model_validate({"name": "stand", "configuration": path, **said})
