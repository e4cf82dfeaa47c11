"""Look at the recorded store in the viewer child: image, labels, points, 3-D, preferences."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from parfocal.cli.selftest._course import Course, SelfTestError
from parfocal.viewer import Viewer, ViewerState

__all__ = ["Viewing", "complaints"]

START_S = 90.0
ASK_S = 60.0
CLOSE_S = 30.0  # it is niced: on a busy computer the five seconds of a window are not enough
LOOK_S = 0.05
# What a child says on stderr when something is packed wrongly; what is said anyway has no such word
BAD_WORDS = ("warn", "error", "traceback", "cannot", "could not", "no module", "not found", "fail")
# What Mesa says of a driver that it tried before the one that draws (Ubuntu 24.04 without Vulkan).
# One that draws nothing fails the steps before.
OF_THE_DRIVER = ("mesa: ", "glx: ", "libgl: ", "libegl ")


def complaints(lines: Iterable[str]) -> list[str]:
    """Those by which napari or a library of ours says that it lacks something."""
    told = (one for one in lines if not one.lower().startswith(OF_THE_DRIVER))
    return [one for one in told if any(word in one.lower() for word in BAD_WORDS)]


class Viewing:
    """One viewer child from its start to its end."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._viewer = Viewer("Parfocal selftest")

    def start(self) -> str:
        """Start it; it opens while other steps are taken."""
        self._viewer.start(self._course.made("record-demo"))
        return "a process of its own"

    def image(self) -> str:
        """Have it show a plane, and compare that with the store."""
        self._ready()
        self._ask("show_plane", t=1, p=0, z=1)
        shown = self._ask("displayed")["layers"]
        if len(shown) != 2 or any(layer["max"] <= 0 for layer in shown):
            raise SelfTestError(f"it shows {len(shown)} channels of 2, or black ones")
        picture = self._course.folder / "viewer.png"
        self._ask("shot", path=str(picture))
        if not picture.stat().st_size:
            raise SelfTestError("its picture is empty")
        return f"{len(shown)} channels, {shown[0]['levels']} levels"

    def results(self) -> str:
        """See that the cells of the analysis lie over the image."""
        self._course.made("analyse")
        kinds: set[str] = set()

        def there() -> bool:
            kinds.update(layer["kind"] for layer in self._ask("results")["layers"])
            return {"labels", "tracks"} <= kinds

        _wait(there, ASK_S, lambda: f"of the results it shows {', '.join(kinds) or 'nothing'}")
        return ", ".join(sorted(kinds))

    def exercise(self, what: str) -> str:
        """Have it do what Parfocal itself never asks of napari."""
        self._ready()
        return str(self._ask("exercise", what=what)["said"])

    def end(self) -> str:
        """Close it; it must leave with 0."""
        self._viewer.close(CLOSE_S)
        status = self._viewer.status()
        if status.exit_code != 0 or status.problem:
            raise SelfTestError(f"it left with {status.exit_code}: {status.problem}")
        return "left with 0"

    def log(self) -> str:
        """See that it complained of nothing."""
        lines = self._viewer.log.splitlines()
        if bad := complaints(lines):
            raise SelfTestError(f"{len(bad)} of {len(lines)} lines complain: {' / '.join(bad[:3])}")
        return f"{len(lines)} lines without a complaint"

    def _ready(self) -> None:
        def up() -> bool:
            state = self._viewer.status().state
            if state is ViewerState.EXITED:
                raise SelfTestError(f"it ended: {self._viewer.status().problem}")
            return state in (ViewerState.READY, ViewerState.BUSY)

        _wait(up, START_S, lambda: f"no window after {START_S:.0f} s")

    def _ask(self, op: str, **values: Any) -> dict[str, Any]:
        return self._viewer.request(op, timeout=ASK_S, **values).result()


def _wait(happened: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise SelfTestError(otherwise())
        time.sleep(LOOK_S)
