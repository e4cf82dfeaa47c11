"""Put a desk and a window up, play the demo on them, and take everything down again."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from parfocal.ui.demo._result import DemoError, DemoPictures, DemoResult
from parfocal.ui.demo._story import Story

__all__ = ["run_demo"]

WINDOW_SIZE = (1280, 800)
PROFILES = "PARFOCAL_PROFILES"


def run_demo(
    folder: Path | None = None,
    *,
    shot: Path | None = None,
    viewer_shot: Path | None = None,
    say: Callable[[str], object] = lambda _: None,
) -> DemoResult:
    """Play the demo in this thread and return when everything is closed again.

    `folder` is where the store goes (else the data folder of the settings). A store that is there
    already is kept: the new one, and its pictures, get the next number.
    """
    from parfocal.ui import Desk, MainWindow, application
    from parfocal.ui.play import Play
    from parfocal.ui.settings import Settings
    from parfocal.ui.store_names import SUFFIX, free_store

    app = application()
    folder = (folder or Settings.in_place().values.data_folder).expanduser().absolute()
    _make_folder(folder)
    store = free_store(folder, "demo")
    stem = store.name.removesuffix(SUFFIX)
    pictures = DemoPictures(
        (shot or folder / f"{stem}-window.png").absolute(),
        (viewer_shot or folder / f"{stem}-viewer.png").absolute(),
    )
    for picture in (pictures.window, pictures.viewer):
        _make_folder(picture.parent)
    # Settings of its own: the demo must not change the layout that a person chose, and its
    # calibration of the demo's projector is nobody else's.
    with (
        tempfile.TemporaryDirectory(prefix="parfocal-demo-") as place,
        _profiles_in(Path(place) / "microscopes"),
    ):
        desk = Desk(Settings(Path(place) / "settings.json"))
        window = MainWindow(desk)
        window.resize(*WINDOW_SIZE)
        window.show()
        play = Play(desk, window, Story(desk, window, store, pictures, say).told(), "the demo")
        play.begin()
        app.exec()
        return play.result()


@contextmanager
def _profiles_in(folder: Path) -> Iterator[None]:
    before = os.environ.get(PROFILES)
    os.environ[PROFILES] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[PROFILES]
        else:
            os.environ[PROFILES] = before


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(
            f"the folder {folder} cannot be made ({error.strerror}); choose another with -o"
        ) from error
