"""What docs/microscopes.md shows works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from parfocal.scope import Range, Region, profiles, read_profile

PAGE = Path(__file__).parents[2] / "docs" / "microscopes.md"


def test_the_profile_in_the_docs_is_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "Spinning disk 2.yaml").write_text(example, encoding="utf-8")
    profile = read_profile("Spinning disk 2", tmp_path)
    assert profile.configuration == tmp_path / "sd2.cfg"
    assert profile.cameras[0].region == Region(200, 200, 1200, 1200)
    assert profile.limits.z_um == Range(-50, 3000)
    assert profile.limits.against_power("GFP", 41)
    # every key that there is stands in the example
    said = profile.model_dump(exclude_defaults=True)
    assert said.keys() == type(profile).model_fields.keys() - {"deadline_s"}


def test_the_built_in_profiles_of_the_docs_are_those_that_there_are(tmp_path: Path) -> None:
    listed = re.findall(r"^\| `(\S+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(listed) == profiles(tmp_path)
