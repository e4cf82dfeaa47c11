"""Make the folder that a run goes into, and take it away again when the run left nothing there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from parfocal import ParfocalError

__all__ = ["FolderError", "folder_for_a_store"]


class FolderError(ParfocalError):
    """The folder cannot be made; the sentence says why."""


@contextmanager
def folder_for_a_store(folder: Path) -> Iterator[None]:
    """Make `folder` if need be (at the first start the data folder does not exist yet).

    Afterwards those folders that were made here and are empty are removed: a refused run leaves
    nothing behind.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderError(
                f"The folder {folder} for the run cannot be made: {error.strerror or error}; "
                "choose another one."
            ) from error
        yield
    finally:
        with suppress(OSError):  # the first that holds something, or was never made
            for place in missing:
                place.rmdir()
