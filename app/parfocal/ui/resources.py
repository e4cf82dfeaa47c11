"""Where the files shipped beside the code are: `resource("icons", "mdi")`."""

from pathlib import Path

import parfocal

_PACKAGE = Path(parfocal.__file__).parent


def resource(*parts: str) -> Path:
    """A shipped file or folder: inside the installed package, beside `app/` in a checkout."""
    installed = _PACKAGE / "resources"
    folder = installed if installed.is_dir() else _PACKAGE.parents[1] / "resources"
    return folder.joinpath(*parts)
