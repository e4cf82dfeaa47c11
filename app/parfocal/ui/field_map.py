"""Draw where the fields are and in which order they are visited, and mark the one being taken."""

from collections.abc import Sequence
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any, cast

import pyqtgraph as pg
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from parfocal.ui.plot_theme import dress_axes
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.plan import Schedule
    from parfocal.ui.theme import Theme, Token

__all__ = ["FieldMap"]

MOST_NAMES = 24  # more would cover one another; the point under the mouse still says its name
LONGEST_NAME = 16
POINT, SMALL_POINT = 11, 5  # px; large ones hide the path between the wells of a plate
MARKER, SMALL_MARKER = 17, 11
LEAST_SPAN_UM = 20.0


class FieldMap(QWidget):
    """Equal aspect and y up, as the stage moves."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._places: list[tuple[float, float]] = []
        self._names: list[Any] = []
        self._drawing: Any = None
        """What the drawing was made from."""
        self._shown: tuple[int | None, int, str | None] = (None, -1, None)
        self.title = QLabel(tr("Fields"))
        self.counter = QLabel("")
        self.plot: Any = pg.PlotWidget()
        self.plot.setAccessibleName(tr("Map of the fields"))
        self.plot.setAspectLocked(True)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        # else the labels of the outermost ticks are cut in half
        self.plot.getPlotItem().setContentsMargins(0, 8, 10, 0)
        self.plot.setLabel("bottom", tr("x, µm"))
        self.plot.setLabel("left", tr("y, µm"))
        self.wells: Any = self.plot.plot([], [])
        self.outlines: Any = self.plot.plot([], [])
        self.path: Any = self.plot.plot([], [])
        self.points: Any = pg.ScatterPlotItem(hoverable=True, tip=_tip)
        self.marker: Any = pg.ScatterPlotItem()
        self.plot.addItem(self.points)
        self.plot.addItem(self.marker)
        top = QHBoxLayout()
        top.addWidget(self.title)
        top.addStretch(1)
        top.addWidget(self.counter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.plot, 1)
        theme.changed.connect(self._dress)
        self._dress()

    def bind(
        self,
        schedule: "Schedule",
        size_um: tuple[float, float],
        here: tuple[float, float] = (0.0, 0.0),
        wells: tuple[list[float], list[float]] = ([], []),
    ) -> None:
        """Draw this run's fields, each `size_um` (width, height) large; (0, 0) is not known.

        A field whose place the plan leaves open is `here`, where the stage stands. `wells` are the
        outlines of those that it visits (ui/well_outlines.py).
        """
        places = [
            (here[0] if field.x is None else field.x, here[1] if field.y is None else field.y)
            for field in schedule.fields
        ]
        names = [field.name for field in schedule.fields]
        drawing = (places, names, schedule.visited, size_um, wells)
        self._shown = (None, -1, None)
        if drawing != self._drawing:  # an edit of an exposure moves no field
            self._drawing = drawing
            self._places = places
            self._draw(names, schedule.visited, size_um, wells)
        self.show_active(None, len(names))

    def _draw(
        self,
        names: list[str],
        visited: Sequence[int],
        size_um: tuple[float, float],
        wells: tuple[list[float], list[float]],
    ) -> None:
        self.wells.setData(*wells, connect="finite")
        path = [self._places[p] for p in visited]
        self.path.setData([x for x, _ in path], [y for _, y in path])
        self.outlines.setData(*outlines(self._places, size_um), connect="finite")
        many = len(names) > MOST_NAMES
        # all of it at once: each of pen, brush and size on its own goes through all points again
        self.points.setData(
            x=[x for x, _ in self._places],
            y=[y for _, y in self._places],
            data=names,
            size=SMALL_POINT if many else POINT,
            **self._inks(),
        )
        self.marker.setSize(SMALL_MARKER if many else MARKER)
        for item in self._names:
            self.plot.removeItem(item)
        self._names = []
        for name, (x, y) in () if many else zip(names, self._places, strict=True):
            item = pg.TextItem(shortened(name), self._theme.color("text"), anchor=(0.5, 1.5))
            item.setPos(x, y)
            self.plot.addItem(item)
            self._names.append(item)
        self._show_all(size_um, wells)

    def show_active(self, field: int | None, fields: int, kind: str | None = None) -> None:
        """Mark one field (from 0) in its kind's colour, or none, as during a wait."""
        if (field, fields, kind) == self._shown:
            return
        self._shown = (field, fields, kind)
        self._color_marker(kind or "imaging")
        words = tr("{m} fields") if field is None else tr("Field {n}/{m}")
        self.counter.setText(words.format(n=number((field or 0) + 1), m=number(fields)))
        here = [] if field is None or field >= len(self._places) else [self._places[field]]
        self.marker.setData(x=[x for x, _ in here], y=[y for _, y in here])

    def _color_marker(self, kind: str) -> None:
        self.marker.setBrush(pg.mkBrush(self._theme.color(cast("Token", kind))))

    def _show_all(
        self, size_um: tuple[float, float], wells: tuple[list[float], list[float]]
    ) -> None:
        """Fit wells and squares, or where those are not known the points, with room for names."""
        if not self._places:
            return
        sides = []
        sides_of = zip(zip(*self._places, strict=True), size_um, wells, strict=True)
        for values, size, beside in sides_of:
            around = [edge for edge in beside if isfinite(edge)]
            low = min(min(values) - size / 2, *around, inf)
            high = max(max(values) + size / 2, *around, -inf)
            room = max(0.0, LEAST_SPAN_UM - (high - low)) / 2
            sides.append((low - room, high + room))
        self.plot.setRange(xRange=sides[0], yRange=sides[1], padding=0.1 if any(size_um) else 0.25)

    def _dress(self) -> None:
        theme = self._theme
        self.plot.setBackground(theme.color("canvas"))
        dress_axes(self.plot.getPlotItem(), theme, self.font())
        self.wells.setPen(pg.mkPen(theme.color("muted"), width=1))
        self.outlines.setPen(pg.mkPen(theme.color("line"), width=1))
        self.path.setPen(pg.mkPen(theme.color("muted"), width=2))
        self.points.setPen(self._inks()["pen"])
        self.points.setBrush(self._inks()["brush"])
        self.marker.setPen(pg.mkPen(theme.color("text"), width=2))
        self._color_marker(self._shown[2] or "imaging")
        for item in self._names:
            item.setColor(theme.color("text"))

    def _inks(self) -> dict[str, Any]:
        """How a point is drawn."""
        theme = self._theme
        return {
            "pen": pg.mkPen(theme.color("text"), width=1.2),
            "brush": pg.mkBrush(theme.color("surface")),
        }


def shortened(name: str) -> str:
    """A name that does not cover its neighbours."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def outlines(
    centres: Sequence[tuple[float, float]], size_um: tuple[float, float]
) -> tuple[list[float], list[float]]:
    """The squares that the camera sees, as one line with gaps (nan) between them."""
    wide, high = size_um[0] / 2, size_um[1] / 2
    if not (wide and high):
        return [], []
    xs: list[float] = []
    ys: list[float] = []
    for x, y in centres:
        xs += [x - wide, x + wide, x + wide, x - wide, x - wide, nan]
        ys += [y - high, y - high, y + high, y + high, y - high, nan]
    return xs, ys


def _tip(x: float, y: float, data: str) -> str:
    return tr("{name}: x {x}, y {y} µm").format(name=data, x=number(x, 1), y=number(y, 1))
