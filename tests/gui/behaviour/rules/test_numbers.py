"""Rule 10 on the running window: the numbers of any array as a table."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from gui.core.keys.focus import FocusRing
from gui.core.widgets.over_edge import lying_over
from tests.support import window_widgets as seen

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
CSV = """gene,alpha,beta of a long name here,gamma
BRCA1,0.25,-1.5,nan
TP53,1e-7,2,12345.678
EGFR receptor,inf,0.125,-3
KRAS,4,5,6
"""


class Shown:
    """The table of numbers in sight: a block of the array, row by row."""

    def __init__(self, driver):
        self.view = seen.named(driver.window, QTableView, "Numbers")
        self.model = self.view.model()

    def heads(self, along):
        count = self.model.columnCount() if along == ACROSS else self.model.rowCount()
        return [self.model.headerData(place, along) for place in range(count)]

    def at(self, row, column, role=Qt.ItemDataRole.DisplayRole):
        """What stands at a row and a column of those in sight."""
        return self.model.index(row, column).data(role)

    def floats(self):
        rows, columns = self.model.rowCount(), self.model.columnCount()
        texts = [[self.at(i, j) for j in range(columns)] for i in range(rows)]
        return np.array(
            [[float(one.replace("−", "-").replace("\u202f", "")) for one in line] for line in texts]
        )

    def chosen(self):
        """Names of row and column of the cells that are marked."""
        marked = QApplication.palette().highlight().color()
        return [
            (self.heads(DOWN)[i], self.heads(ACROSS)[j])
            for i in range(self.model.rowCount())
            for j in range(self.model.columnCount())
            if self.at(i, j, Qt.ItemDataRole.BackgroundRole) == marked
        ]

    def place(self, row, column):
        return self.view.visualRect(self.model.index(row, column)).center()


def press(driver, key, modifier=CTRL):
    QTest.keyClick(driver.window, key, modifier)
    driver.idle()


@pytest.fixture
def named(start, tmp_path):
    """A table with names of rows and columns, on the screen as numbers."""
    driver = start("spectrum")
    path = tmp_path / "loads.csv"
    path.write_text(CSV)
    driver.application.open_paths([str(path)])
    driver.wait(lambda: driver.store["selection"].active.shape == (4, 3))
    driver.idle()
    press(driver, Qt.Key.Key_T)
    return driver


def test_headers_are_the_names_and_what_is_no_number_says_so(named):
    shown = Shown(named)
    assert shown.heads(ACROSS) == ["alpha", "beta of a long name here", "gamma"]
    assert shown.heads(DOWN) == ["BRCA1", "TP53", "EGFR receptor", "KRAS"]
    assert (shown.at(0, 2), shown.at(2, 0), shown.at(0, 0)) == ("NaN", "∞", "0.2500")


def test_names_of_rows_stand_whole_and_longer_ones_of_columns_end_in_dots(named):
    header = Shown(named).view.verticalHeader()
    longest = header.fontMetrics().horizontalAdvance("EGFR receptor")
    assert header.width() > longest
    across = Shown(named).view.horizontalHeader()
    assert across.textElideMode() == Qt.TextElideMode.ElideRight
    assert "beta of a long name here" in Shown(named).model.headerData(
        1, ACROSS, Qt.ItemDataRole.ToolTipRole
    )


def test_digits_are_as_many_as_are_chosen(named):
    named.type("Digits", "7")
    assert Shown(named).at(1, 2).replace("\u202f", "") == "12345.68"
    named.type("Digits", "2")
    assert Shown(named).at(0, 1) == "−1.5"


def test_shading_goes_by_value_and_only_where_it_is_wanted(named):
    role = Qt.ItemDataRole.BackgroundRole
    assert Shown(named).at(3, 1, role) is None
    named.tick("Shade by value")
    assert Shown(named).at(1, 2, role) != Shown(named).at(2, 2, role)


def test_ctrl_g_goes_to_a_cell_of_a_large_array(start):
    driver = start("spectrum")
    a = np.arange(3000.0 * 200).reshape(3000, 200)
    driver.open(("large", a))
    press(driver, Qt.Key.Key_G)
    box = driver.window.focusWidget()
    QTest.keyClick(box, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(box, "2500")
    QTest.keyClick(box, Qt.Key.Key_Return)
    driver.idle()
    driver.type("Column", "77")
    driver.type("Digits", "17")
    shown = Shown(driver)
    assert shown.chosen() == [("2500", "77")]
    row, column = shown.heads(DOWN).index("2500"), shown.heads(ACROSS).index("77")
    assert shown.floats()[row, column] == a[2500, 77]
    assert shown.view.viewport().rect().contains(shown.place(row, column))


def test_a_click_in_the_picture_chooses_the_cell_and_back(start):
    driver = start("spectrum")
    driver.open(("small", np.arange(12.0).reshape(4, 3)))
    press(driver, Qt.Key.Key_T)
    canvas = driver.canvas("spectrum.matrix")
    driver.qtbot.mouseClick(canvas.viewport(), LEFT, pos=seen.spot(canvas, 2, 1))
    driver.idle()
    assert Shown(driver).chosen() == [("1", "2")]
    view = Shown(driver).view
    driver.qtbot.mouseClick(view.viewport(), LEFT, pos=Shown(driver).place(3, 1))
    driver.idle()
    marked = {one.axis: one.value for one in driver.figure("spectrum.matrix").cursors}
    assert (marked["y"], marked["x"]) == (3, 1)


def test_what_is_chosen_is_copied_with_its_headers(named):
    shown = Shown(named)
    view = shown.view
    driver = named.qtbot
    driver.mouseClick(view.viewport(), LEFT, pos=shown.place(0, 1))
    shift = Qt.KeyboardModifier.ShiftModifier
    driver.mouseClick(view.viewport(), LEFT, shift, pos=shown.place(1, 2))
    named.idle()
    QTest.keyClick(view, Qt.Key.Key_C, CTRL)
    named.idle()
    assert QApplication.clipboard().text().split("\n") == [
        "\tbeta of a long name here\tgamma",
        "BRCA1\t-1.5\tnan",
        "TP53\t2.0\t12345.678",
    ]


def test_rank_r_and_residual_have_the_same_table_and_add_up(start):
    driver = start("spectrum")
    a = np.random.default_rng(3).standard_normal((5, 4))
    driver.open(("a", a))
    driver.type("Rank r", "2")
    press(driver, Qt.Key.Key_T)
    driver.type("Digits", "17")
    found = []
    for kind in ("its approximation of rank r", "what that leaves"):
        driver.choose("Numbers of", kind)
        found.append(Shown(driver).floats())
    u, s, vh = np.linalg.svd(a)
    np.testing.assert_allclose(found[0], (u[:, :2] * s[:2]) @ vh[:2], atol=1e-12)
    np.testing.assert_allclose(sum(found), a, atol=1e-12)


def test_no_ring_lies_over_a_message(named):
    # The table with the focus reaches below the message about NaN.
    window, ring = named.window, named.window.findChild(FocusRing)
    assert ring.isVisible()
    (message,) = lying_over(window)
    place = QRect(message.mapTo(window, QPoint(0, 0)), message.size())
    assert ring.geometry().intersects(place)
    accent = QApplication.palette().accent().color()
    picture = window.grab(place).toImage()
    ratio = picture.devicePixelRatio()
    column = round((ring.x() - place.x() + 1) * ratio)
    found = [picture.pixelColor(column, round(y * ratio)) for y in range(place.height() - 1)]
    assert accent not in found
