"""Where the files shipped beside the code are: `resource("icons", "mdi")`."""

from functools import cache
from pathlib import Path

import parfocal

_PACKAGE = Path(parfocal.__file__).parent


def resource(*parts: str) -> Path:
    """A shipped file or folder: inside the installed package, beside `app/` in a checkout."""
    return _folder().joinpath(*parts)


@cache
def _folder() -> Path:
    installed = _PACKAGE / "resources"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "resources"
