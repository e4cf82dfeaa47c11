"""Pictures: on the graphics card or by the processor, with contrast and scale."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot

from parfocal.ui._gpu_image import SOFTWARE, GpuImage
from parfocal.ui._picture_overlays import bar_length
from parfocal.ui.contrast import Contrast
from parfocal.ui.desk import Desk
from parfocal.ui.picture import Picture


@pytest.mark.parametrize(
    ("visible", "length"), [(256, 50), (800, 200), (79.9, 10), (80, 20), (0.9, 0.2), (0, 0)]
)
def test_a_scale_bar_is_round_and_a_quarter_at_most(visible: float, length: float) -> None:
    assert bar_length(visible) == pytest.approx(length)


def test_dragging_the_band_holds_the_contrast(qtbot: QtBot, desk: Desk, drawn_by: str) -> None:
    picture = Picture(desk.theme)
    qtbot.addWidget(picture)
    first = np.arange(256 * 256, dtype=np.uint16).reshape(256, 256)
    picture.show_pixels(first)
    assert picture.automatic.isChecked()
    picture.region.setRegion((1000, 3000))
    assert not picture.automatic.isChecked()
    picture.show_pixels(first // 2)
    assert tuple(picture.contrast) == (1000, 3000)
    assert tuple(picture.image.levels) == (1000, 3000)
    picture.automatic.setChecked(True)
    assert picture.contrast.white > 30_000


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32", "int32"])
def test_a_picture_on_the_graphics_card_shows_its_pixels_whatever_their_kind(
    qtbot: QtBot, kind: str
) -> None:
    image = GpuImage()
    qtbot.addWidget(image)
    image.resize(200, 200)
    image.show()
    qtbot.waitExposed(image)
    half = np.zeros((50, 50), np.uint8)
    image.show_pixels(half, Contrast(0, 1))  # of another kind and size before
    pixels = np.zeros((40, 40), kind)
    pixels[:, 20:] = 100
    image.show_pixels(pixels, Contrast(0, 100))
    image.fit()
    qtbot.wait(200)
    grabbed = image.grab().toImage()
    assert grabbed.pixelColor(40, 100).red() < 20
    assert grabbed.pixelColor(160, 100).red() > 235
    assert image.place_in_image(QPointF(100, 100)) == pytest.approx((20, 20), abs=0.5)
    image.set_levels(Contrast(0, 200))
    qtbot.wait(100)
    assert 90 < image.grab().toImage().pixelColor(160, 100).red() < 165


def test_a_processor_that_plays_the_graphics_card_is_known() -> None:
    for name in (
        "llvmpipe (LLVM 15.0.6, 256 bits)",
        "GDI Generic",
        "Microsoft Basic Render Driver",
    ):
        assert SOFTWARE.search(name)
    for name in ("NVIDIA RTX A4000/PCIe/SSE2", "AMD Radeon Pro WX 3200", "Intel(R) UHD Graphics"):
        assert not SOFTWARE.search(name)


def stands_inside(picture: Picture) -> bool:
    """Whether the scale bar is to be seen, and all of it over pixels."""
    assert picture.image.image is not None
    rows, columns = picture.image.image.shape
    bar = QRectF(picture.scale_bar.geometry())
    left, top = picture.image.place_in_image(bar.topLeft())
    right, bottom = picture.image.place_in_image(bar.bottomRight())
    over_pixels = 0 <= left < right <= columns and 0 <= top < bottom <= rows
    return picture.scale_bar.isVisible() and over_pixels


def test_the_scale_bar_stands_in_the_picture_whatever_the_shapes(
    qtbot: QtBot, desk: Desk, drawn_by: str
) -> None:
    picture = Picture(desk.theme)
    qtbot.addWidget(picture)
    picture.show()
    qtbot.waitExposed(picture)
    for window in ((760, 300), (300, 760), (460, 520)):
        picture.resize(*window)
        for shape in ((256, 256), (1024, 400), (400, 1024), (2048, 2048)):
            picture.show_pixels(np.zeros(shape, np.uint16), 0.5)
            qtbot.waitUntil(lambda: stands_inside(picture))
    picture.show_pixels(np.zeros((2048, 60), np.uint16), 0.5)  # a line, which has no room for one
    qtbot.waitUntil(picture.scale_bar.isHidden)
