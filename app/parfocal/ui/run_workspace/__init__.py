"""Watch the run: what it is doing, whether it is all right, and what you can do."""

from parfocal.ui.run_workspace._workspace import RunWorkspace

__all__ = ["RunWorkspace"]
