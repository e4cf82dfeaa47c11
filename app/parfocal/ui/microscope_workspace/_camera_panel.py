"""Choose which part of the chip is read, and how many pixels as one."""

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QComboBox, QGridLayout, QGroupBox, QLabel, QPushButton, QWidget

from parfocal.ui.icons import icon
from parfocal.ui.microscope_workspace._camera import Camera, CameraNow
from parfocal.ui.note import Note
from parfocal.ui.picture import Picture
from parfocal.ui.text import figure, tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme


class CameraPanel(QGroupBox):
    """Region and binning; both may be changed while live."""

    def __init__(
        self, camera: Camera, picture: Picture, theme: "Theme", parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Camera"), parent)
        self._camera = camera
        self._picture = picture
        self._drawn_on: CameraNow | None = None
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setAccessibleName(tr("What the camera reads"))
        self.binning = QComboBox()
        self.binning.setAccessibleName(tr("Binning"))
        self.binning.setToolTip(tr("How many pixels are read as one; the region becomes all of it"))
        self.whole = QPushButton(tr("Whole"))
        self.whole.setToolTip(tr("Read the whole chip"))
        self.centre = QPushButton(tr("Centre"))
        self.centre.setToolTip(tr("Read the middle of the chip: a quarter of its pixels, faster"))
        self.draw = QPushButton(tr("Draw…"))
        self.draw.setCheckable(True)
        self.draw.setToolTip(tr("Draw the region on the picture; Escape leaves it as it is"))
        self.note = Note(theme, tr("What is wrong with the region"))
        self._lay_out()
        self.binning.activated.connect(self._set_binning)
        self.whole.clicked.connect(lambda: camera.set_region(None, self.note.say))
        self.centre.clicked.connect(lambda: camera.set_centre(2, self.note.say))
        self.draw.clicked.connect(self._begin_or_end_drawing)
        picture.region_drawer.drawn.connect(self._take_region)
        picture.region_drawer.left.connect(self._drawing_ended)
        camera.read.connect(self._show)
        self._show(None)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What commands the camera."""
        return (self.binning, self.whole, self.centre, self.draw)

    def stop_drawing(self) -> None:
        """Want no region any more."""
        self._picture.region_drawer.end()

    def _lay_out(self) -> None:
        self.whole.setIcon(icon("arrow-expand-all"))
        self.centre.setIcon(icon("focus-field"))
        self.draw.setIcon(icon("selection-drag"))
        label = QLabel(tr("&Binning"))
        label.setBuddy(self.binning)
        grid = QGridLayout(self)
        grid.addWidget(self.facts, 0, 0, 1, 3)
        for column, button in enumerate((self.whole, self.centre, self.draw)):
            grid.addWidget(button, 1, column)
        grid.addWidget(label, 2, 0)
        grid.addWidget(self.binning, 2, 1, 1, 2)
        grid.addWidget(self.note, 3, 0, 1, 3)

    def _show(self, now: CameraNow | None) -> None:
        self.binning.clear()
        if now is None:
            self.facts.setText(tr("no camera"))
            self.note.say("")
            return
        facts, region = now.facts, now.region
        words = tr("{name}: {w} × {h} pixels at {x}, {y}").format(
            name=facts.name, w=region.width, h=region.height, x=region.x, y=region.y
        )
        if facts.pixel_size_um > 0:
            words += tr("; {size} µm a pixel").format(size=figure(facts.pixel_size_um, 4))
        else:
            words += tr("; size of a pixel not known")
        self.facts.setText(words)
        for value in now.binnings:
            self.binning.addItem(tr("{n} × {n}").format(n=value), value)
        self.binning.setCurrentIndex(self.binning.findData(now.binning))

    def _set_binning(self, row: int) -> None:
        self._camera.set_binning(self.binning.itemData(row), self.note.say)

    def _begin_or_end_drawing(self, begin: bool) -> None:
        self._drawn_on = self._camera.now
        if not begin:
            self.stop_drawing()
        elif not self._picture.isVisible() or self._drawn_on is None:
            self.draw.setChecked(False)
            self.note.say(tr("Snap a picture first: the region is drawn on it."))
        else:
            self.note.say(tr("Drag a rectangle on the picture; Escape cancels."), "info")
            self._picture.region_drawer.begin()

    def _drawing_ended(self) -> None:
        self.draw.setChecked(False)
        self.note.say("")

    def _take_region(self, x: int, y: int, width: int, height: int) -> None:
        from parfocal.scope import Region

        now = self._drawn_on
        if now is None:
            return
        # the picture shows the region that is read now, so what was drawn lies within that
        left, top = max(0, x), max(0, y)
        right = min(now.region.width, x + width)
        bottom = min(now.region.height, y + height)
        if right - left < 1 or bottom - top < 1:
            self.note.say(tr("That rectangle lies beside the picture; draw one on it."))
            return
        place = Region(now.region.x + left, now.region.y + top, right - left, bottom - top)
        self._camera.set_region(place, self.note.say)
