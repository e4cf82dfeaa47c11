"""The Jobs workspace."""

from parfocal.ui.jobs_workspace._workspace import JobsWorkspace

__all__ = ["JobsWorkspace"]
