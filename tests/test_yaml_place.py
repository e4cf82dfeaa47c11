"""A mistake in a file is told with its line, however deep it stands and whatever pydantic says."""

import yaml

from parfocal._yaml_place import line_of

TEXT = """\
project: brain
thresholds:
  store_gb: 3
watch:
  - /a
  - {folder: /b, deep: true}
"""


def test_the_deepest_part_that_is_in_the_file_has_the_line():
    root = yaml.compose(TEXT, Loader=yaml.SafeLoader)
    for place, line in {
        ("project",): 1,
        ("thresholds", "store_gb"): 3,
        ("thresholds", "mip_mb"): 2,  # it is not there: its parent is
        ("watch", 0): 5,
        ("watch", 1, "deep"): 6,
        ("watch", 7): 4,
        ("watch", 1, "Folder", "deep"): 6,  # the member of a union, which is no key
        ("nothing",): None,
        (): None,
    }.items():
        assert line_of(root, place) == line, place
    assert line_of(None, ("project",)) is None
