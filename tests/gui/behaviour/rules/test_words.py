"""Rule 2.4: words on data and pictures are readable whatever lies under them."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.core.figure.palette import PLATE, SCHEMES
from tests.gui.core.figure.test_palette import contrast
from tests.support import window_widgets as seen

ROLES = ["ink", "muted", "accent", "warning", "good", *(f"c{i}" for i in range(8))]


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
@pytest.mark.parametrize("role", ROLES)
def test_the_words_of_every_colour_are_readable_on_their_plate(scheme, role):
    behind = np.array([int(scheme.background[i : i + 2], 16) for i in (1, 3, 5)])
    for under in np.ndindex(3, 3, 3):
        plate = PLATE * behind + (1 - PLATE) * 127.5 * np.array(under)
        assert contrast(scheme.words(role), plate) >= 4.4  # of plates rounded to 8 bits
    assert contrast(scheme.words(role), scheme.background) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
def test_words_keep_the_hue_of_their_colour(scheme):
    for role in ROLES[2:]:
        hues = [QColor(one).hue() for one in (scheme.color(role), scheme.words(role))]
        assert abs(hues[0] - hues[1]) <= 12, role


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("filled", [-1.0, 1.0, 0.0])
def test_words_on_a_picture_stand_on_a_plate(start, theme, filled):
    driver = start("spectrum")
    driver.application.context.theme.set_mode(theme)
    a = np.full((12, 9), filled)
    a[0, 0] = 1.0 - filled
    driver.open(("a", a))
    QTest.keyClick(driver.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    driver.idle()
    driver.type("Column", "4")
    canvas = driver.canvas("spectrum.matrix")
    view = canvas.viewport()
    place = seen.spot(canvas, 6, 9)
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(view.mapToGlobal(place)),
        *(Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier),
    )
    QApplication.sendEvent(view, move)
    driver.turns()
    picture = view.grab().toImage()
    words = driver.application.context.theme.scheme.words("accent")
    # Lines and their knobs may have the same colour; words begin beside them.
    lines = seen.spot(canvas, 4, 0)
    found = [
        QPoint(x, y)
        for y in range(picture.height())
        for x in range(picture.width())
        if picture.pixelColor(x, y).name() == words
        if abs(x - lines.x()) > 3 and abs(y - lines.y()) > 3
        if y < lines.y() + 40 or abs(x - lines.x()) > 10
    ]
    found = [spot for spot in found if spot.x() > seen.spot(canvas, -0.5, 0).x() + 16]
    assert len(found) > 5
    for spot in found[:: max(len(found) // 40, 1)]:
        around = [
            picture.pixelColor(spot.x() + dx, spot.y() + dy).name()
            for dx in range(-4, 5)
            for dy in (-3, 0, 3)
            if picture.rect().contains(spot.x() + dx, spot.y() + dy)
        ]
        assert max(contrast(words, one) for one in around) >= 4.4, (spot, around)
