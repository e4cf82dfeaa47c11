"""Set up a scan in a form instead of in YAML: `ScanForms` opens it for a new file or a known one.

The form itself imports `parfocal.jobs`, so only `ScanForms` is to be imported before it is wanted.
"""

from parfocal.ui.scan_form._forms import ScanForms

__all__ = ["ScanForms"]
