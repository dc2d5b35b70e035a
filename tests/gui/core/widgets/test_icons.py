"""Drawn icons take the colours of the theme."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon

from gui.core.figure.palette import SCHEMES
from gui.core.widgets.icons import turn_icon

PLACES = tuple(itertools.product(range(18), repeat=2))


def strongest_pixel(icon, mode):
    image = icon.pixmap(18, 18, mode).toImage()
    pixels = [image.pixelColor(x, y) for x, y in PLACES]
    return max(pixels, key=lambda pixel: pixel.alpha())


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("back", [True, False])
def test_arrows_have_the_ink_of_the_theme_and_fade_when_disabled(qapp, name, back):
    ink = QColor(SCHEMES[name].ink)
    icon = turn_icon(back=back, ink=SCHEMES[name].ink)
    solid = strongest_pixel(icon, QIcon.Mode.Normal)
    assert (solid.red(), solid.green(), solid.blue()) == (ink.red(), ink.green(), ink.blue())
    assert solid.alpha() == 255
    assert 40 < strongest_pixel(icon, QIcon.Mode.Disabled).alpha() < 140


def test_back_and_forth_are_mirror_images(qapp):
    one, two = (turn_icon(back=back, ink="#000000").pixmap(18, 18).toImage() for back in (1, 0))
    one = one.flipped(Qt.Orientation.Horizontal)
    off = [abs(one.pixelColor(x, y).alpha() - two.pixelColor(x, y).alpha()) for x, y in PLACES]
    assert sum(off) / len(off) < 2  # of 255: but for the rounding of edges
