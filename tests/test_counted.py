"""Words agree with their number."""

from parfocal import counted


def test_one_is_no_plural():
    assert [counted(number, "frame") for number in (0, 1, 2)] == ["0 frames", "1 frame", "2 frames"]
