"""Ask for a conversion that is to be refused, and look that nothing is left of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from parfocal.convert import ConvertError, Wishes, convert


def refused(source: Path, why: str, wishes: Wishes | None = None) -> None:
    """In one sentence in which `why` is found."""
    destination = source.parent / "refused.ome.zarr"
    with pytest.raises(ConvertError, match=why) as said:
        convert(source, destination, wishes)
    assert "\n" not in str(said.value)
    assert not [one for one in source.parent.iterdir() if "refused" in one.name]
