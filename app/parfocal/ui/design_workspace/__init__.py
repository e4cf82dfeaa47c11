"""The Design workspace."""

from parfocal.ui.design_workspace._workspace import DesignWorkspace

__all__ = ["DesignWorkspace"]
