"""What every test stands on: a display, a home of its own, no network, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

_RESOURCES = ExitStack()


def _isolate_home() -> None:
    """Point every per-user place to a folder of this session, before a library reads one."""
    home = Path(tempfile.mkdtemp(prefix="parfocal-tests-home-"))
    _RESOURCES.callback(shutil.rmtree, home, ignore_errors=True)
    os.environ["HOME"] = str(home)
    for variable in ("CONFIG", "CACHE", "DATA", "STATE"):
        folder = home / variable.lower()
        folder.mkdir()
        os.environ[f"XDG_{variable}_HOME"] = str(folder)
    # The computer's own profiles, which root could write to.
    os.environ["XDG_CONFIG_DIRS"] = str(home / "site")
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    # Children that tests start (verbs, the viewer) must not slow down for want of byte code.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    """Have a home and a display before pytest-qt makes the QApplication."""
    # A script's background job ignores Ctrl-C, and so would every child that is sent one here.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _isolate_home()
    if _only_hands_out(config):
        return  # each of its processes makes its own: on one display they take each other's keys
    from parfocal.viewer import virtual_display

    _RESOURCES.enter_context(virtual_display())


def _only_hands_out(config: pytest.Config) -> bool:
    """Whether this is the process of `-n` that runs no test itself."""
    return bool(config.getoption("numprocesses", 0)) and not hasattr(config, "workerinput")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the display down."""
    _RESOURCES.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Soaks run only when they are asked for."""
    if "soak" in (config.option.markexpr or ""):
        return
    kept = [item for item in items if "soak" not in item.keywords]
    config.hook.pytest_deselected(items=[item for item in items if "soak" in item.keywords])
    items[:] = kept


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every socket but loopback and local ones: acquisition PCs are offline.

    A Python guard sees neither Qt nor child processes; tests/ui/test_demo.py and the self-test
    prove those in a network namespace of their own.
    """
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0]) if isinstance(address, tuple) else str(address)
            if host not in {"127.0.0.1", "::1", "localhost"}:
                raise AssertionError(f"a test reached for the network: {address!r}")
        connect(self, address)  # type: ignore[arg-type]

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def qapp_cls() -> type[object]:
    """The QApplication of pytest-qt is our own, as in the program."""
    from parfocal.ui.opened_files import Application

    return Application


@pytest.fixture(autouse=True)
def no_signal_backend_of_others() -> None:
    """pymmcore-widgets writes its choice into the environment, and children of later tests,
    without a Qt application, would warn of it."""
    os.environ.pop("PYMM_SIGNALS_BACKEND", None)


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaks a window, a thread, a process, shared memory or an open file."""
    from leaks import Belongings

    before = Belongings.now()
    yield
    # pytest holds what fixtures gave until after this; a panel held so keeps pyqtgraph's menus.
    request.node.funcargs.clear()
    # Module- and session-wide fixtures outlive this test by intention.
    leaked = Belongings.left_since(before)
    if leaked:
        pytest.fail(f"{request.node.nodeid} left behind: " + "; ".join(leaked), pytrace=False)
