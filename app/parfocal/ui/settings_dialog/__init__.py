"""Choose how the program is: `open_settings` shows the settings, one window of them at a time."""

from parfocal.ui.settings_dialog._dialog import SettingsDialog, open_settings

__all__ = ["SettingsDialog", "open_settings"]
