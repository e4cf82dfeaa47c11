"""Parfocal: design, run and watch a microscope experiment, and keep it as one OME-Zarr store."""

from importlib.metadata import PackageNotFoundError, version

from parfocal._counted import counted

__all__ = ["ParfocalError", "__version__", "counted"]

try:
    __version__ = version("parfocal")
except PackageNotFoundError:  # a bare source tree on sys.path
    __version__ = "0.0.0"


class ParfocalError(Exception):
    """A refusal or failure told in one sentence that a person at the microscope can act on.

    The command line prints it without a traceback and exits 1; the window shows it as a toast.
    Each room derives its own from it.
    """
