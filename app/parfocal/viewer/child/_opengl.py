"""Find out whether anything can be drawn here, before napari's canvas aborts the process."""

from napari.qt import get_qapp
from OpenGL import platform
from qtpy.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

from parfocal.viewer._errors import ViewerError


def refuse_without_opengl() -> None:
    """Refuse in a sentence where Qt or PyOpenGL finds no OpenGL context."""
    get_qapp()
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    drawable = context.create() and context.makeCurrent(surface)
    if drawable:
        # Without GLX Qt goes by EGL, of which PyOpenGL, which napari's canvas needs, sees nothing.
        drawable = bool(platform.GetCurrentContext())
        context.doneCurrent()
    surface.destroy()
    if not drawable:
        raise ViewerError(
            "napari draws with OpenGL, and this display"
            f" ({QGuiApplication.platformName()}) offers none; install the graphics driver, or use"
            " a remote desktop with GLX"
        )
