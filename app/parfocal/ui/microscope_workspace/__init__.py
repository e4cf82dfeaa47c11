"""The Microscope workspace."""

from parfocal.ui.microscope_workspace._workspace import MicroscopeWorkspace

__all__ = ["MicroscopeWorkspace"]
