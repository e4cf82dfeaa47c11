"""Find out whether anything can be drawn here, before napari's canvas aborts the process."""

from napari.qt import get_qapp
from qtpy.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

from parfocal.viewer._errors import ViewerError


def refuse_without_opengl() -> None:
    """Refuse in a sentence where Qt cannot make an OpenGL context."""
    get_qapp()
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    drawable = context.create() and context.makeCurrent(surface)
    if drawable:
        context.doneCurrent()
    surface.destroy()
    if not drawable:
        raise ViewerError(
            "napari draws with OpenGL, and this display"
            f" ({QGuiApplication.platformName()}) has none; install the graphics driver, or"
            " Mesa's software one (libgl1-mesa-dri)"
        )
