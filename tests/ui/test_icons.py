"""Icons: all shipped, tinted, crisp, and never fetched from the network."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import socket
import warnings
from pathlib import Path

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QIcon, QImage
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from parfocal.ui import MainWindow, application, use_local_icons
from parfocal.ui._icon_cache import varied
from parfocal.ui.desk import Desk
from parfocal.ui.icons import IconMissingError, app_icon, icon
from parfocal.ui.microscope_workspace import MicroscopeWorkspace
from parfocal.ui.resources import resource

PACKAGE = Path(__file__).parents[2] / "app" / "parfocal"
NAMED = re.compile(r"""["']([a-z0-9]+(?:-[a-z0-9]+)*:[a-z0-9]+(?:-[a-z0-9]+)*)["']""")


def shipped() -> set[str]:
    return {f"{path.parent.name}:{path.stem}" for path in resource("icons").glob("*/*.svg")}


def test_every_icon_that_pymmcore_widgets_names_is_shipped() -> None:
    spec = importlib.util.find_spec("pymmcore_widgets")
    assert spec is not None
    assert spec.origin is not None
    sources = list(Path(spec.origin).parent.rglob("*.py"))
    named = {name for source in sources for name in NAMED.findall(source.read_text("utf-8"))}
    assert len(named) > 100, "the pattern finds nothing any more"
    assert named - shipped() == set()


def test_every_icon_that_our_own_widgets_name_is_shipped() -> None:
    """Those written as a word in a call of icon(); the others fail when they are made."""
    missing = []
    for source in (PACKAGE / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "icon"
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and f"mdi:{node.args[0].value}" not in shipped()
            ):
                missing.append(f"{source.name}: {node.args[0].value}")
    assert missing == []


def test_every_shipped_set_has_its_licence_told() -> None:
    sets = json.loads(resource("icons", "sets.json").read_text())
    notice = resource("icons", "LICENSES.md").read_text()
    assert {name.split(":")[0] for name in shipped()} == set(sets)
    for prefix, one in sets.items():
        assert one["licence"] in {"Apache-2.0", "MIT", "CC-BY-4.0"}
        assert f"`{prefix}`" in notice
        assert one["author"] in notice
    assert "Apache License" in resource("icons", "LICENSE-Apache-2.0.txt").read_text()


def test_an_unknown_icon_is_refused_by_name(qtbot: QtBot) -> None:
    with pytest.raises(IconMissingError, match="unicorn-on-fire"):
        icon("unicorn-on-fire")


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_an_icon_is_drawn_in_its_colour_at_the_screens_own_size(qtbot: QtBot, ratio: float) -> None:
    drawn = icon("circle", QColor("#ff0000")).pixmap(QSize(24, 24), ratio)
    assert (drawn.width(), drawn.devicePixelRatio()) == (24 * ratio, ratio)
    middle = drawn.toImage().pixelColor(drawn.width() // 2, drawn.height() // 2)
    assert middle == QColor("#ff0000")
    assert drawn.toImage().pixelColor(0, 0).alpha() == 0


def test_a_disabled_icon_looks_disabled(qtbot: QtBot) -> None:
    drawing = icon("circle")
    able = drawing.pixmap(QSize(24, 24), QIcon.Mode.Normal).toImage().pixelColor(12, 12)
    unable = drawing.pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage().pixelColor(12, 12)
    assert able != unable


def test_our_own_icon_is_drawn(qtbot: QtBot) -> None:
    application()
    for side in (16, 32, 256):
        image = app_icon().pixmap(side, side).toImage()
        assert image.pixelColor(side // 2, side // 2).lightness() > 180


def test_a_turned_icon_is_turned(qtbot: QtBot) -> None:
    """pymmcore-widgets mirrors the corner marks of its bounds."""
    corner = '<svg viewBox="0 0 10 10"><path fill="currentColor" d="M0 0h4v2h-4z"/></svg>\n'

    def corner_of(wish: dict[str, object]) -> list[tuple[int, int]]:
        image = QImage(10, 10, QImage.Format.Format_ARGB32)
        image.fill(0)
        from PyQt6.QtGui import QPainter

        painter = QPainter(image)
        QSvgRenderer(varied(corner, wish).encode()).render(painter)
        painter.end()
        return [(x, y) for x in (1, 8) for y in (1, 8) if image.pixelColor(x, y).alpha() > 200] + [
            (x, y) for x, y in ((3, 0), (0, 3), (9, 3), (6, 0)) if image.pixelColor(x, y).alpha()
        ]

    assert corner_of({}) == [(1, 1), (3, 0)]
    assert corner_of({"flip": "horizontal"}) == [(8, 1), (6, 0)]
    assert corner_of({"flip": "vertical"}) == [(1, 8)]
    assert corner_of({"flip": "horizontal,vertical"}) == [(8, 8)]
    assert corner_of({"rotate": 1}) == [(8, 1), (9, 3)]
    assert corner_of({"rotate": "180deg"}) == corner_of({"rotate": 2}) == [(8, 8)]
    assert 'fill="red"' in varied(corner, {"color": "red"})


def test_the_mda_editor_has_its_icons_without_a_network(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reached: list[object] = []

    def refuse(self: socket.socket, address: object) -> None:
        reached.append(address)
        raise OSError("offline")

    application()
    from pyconify import clear_cache

    clear_cache()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **_: reached.append(a) or [])
    from pymmcore_widgets import MDAWidget

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # superqt warns when it draws its "?"
        editor = MDAWidget()
    qtbot.addWidget(editor)
    editor.show()
    icons = [b.icon() for b in editor.findChildren(QAbstractButton) if not b.icon().isNull()]
    assert len(icons) > 10
    assert reached == []


def test_no_workspace_and_no_property_browser_asks_for_an_icon_elsewhere(
    qtbot: QtBot, open_desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import requests
    from pyconify import _cache, svg_path

    asked: list[object] = []

    def refuse(_self: requests.Session, *address: object, **_wishes: object) -> None:
        asked.append(address)
        raise requests.ConnectionError(str(address))

    monkeypatch.setattr(requests.Session, "request", refuse)
    monkeypatch.setattr(requests.Session, "__init__", refuse)
    monkeypatch.setattr(_cache, "PYCONIFY_CACHE", str(tmp_path / "icons"))  # nothing is kept there
    monkeypatch.setattr(_cache, "_SVG_CACHE", None)
    svg_path.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        window = MainWindow(open_desk)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(lambda: window.populated, timeout=20_000)
        for name in window.workspace_names:
            window.show_workspace(name)
        scope = window.show_workspace("microscope")
        assert isinstance(scope, MicroscopeWorkspace)
        assert open_desk.actions.trigger("microscope.properties")
        qtbot.waitExposed(window.properties)
        for kind in ("presets", "pixel_sizes"):
            scope.devices.show(kind)
            qtbot.waitExposed(scope.devices.open[kind])
    drawn = [path.name for path in (tmp_path / "icons").rglob("*.svg")]
    svg_path.cache_clear()  # what it knows now lies in this test's folder
    assert len(drawn) > 10
    assert asked == []


def test_a_set_that_is_not_shipped_is_refused_at_once(qtbot: QtBot) -> None:
    use_local_icons()
    from pyconify import svg_path

    with pytest.raises(OSError, match=r"icons\.txt"):
        svg_path("tabler:rocket")


def test_coloured_variants_are_kept_apart(qtbot: QtBot) -> None:
    use_local_icons()
    from pyconify import svg

    assert b"currentColor" not in svg("mdi:play", color="lime")
    assert b"currentColor" not in svg("mdi:play"), "Qt draws that black, also on black"
    assert b"lime" in svg("mdi:play", color="lime")
