"""Parfocal: design, run and watch a microscope experiment, and keep it as one OME-Zarr store."""

from parfocal._counted import counted

__all__ = ["ParfocalError", "__version__", "counted"]


def __getattr__(name: str) -> str:
    """The version, once somebody asks: the lookup would be a tenth of the time to the window."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("parfocal")
    except PackageNotFoundError:  # a bare source tree on sys.path
        found = "0.0.0"
    globals()[name] = found
    return found


class ParfocalError(Exception):
    """A refusal or failure told in one sentence that a person at the microscope can act on.

    The command line prints it without a traceback and exits 1; the window shows it as a toast.
    Each room derives its own from it.
    """
