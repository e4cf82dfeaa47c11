"""The Store workspace."""

from parfocal.ui.store_workspace._workspace import StoreWorkspace

__all__ = ["StoreWorkspace"]
