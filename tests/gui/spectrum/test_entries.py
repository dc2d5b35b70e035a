"""The numbers of an array: any block of it, on the screen and exported."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from scipy import sparse

from engine.files import open_matrix_file
from gui.core.declare.draw import draw_plot
from gui.pages.spectrum.compute import entries
from gui.pages.spectrum.compute.entries import COLUMNS, ROWS
from gui.pages.spectrum.contents import PAGE
from gui.pages.spectrum.show.entries import entry_text
from tests.support.every import of_array


def drawn(array, **parameters):
    given = of_array(array) if isinstance(array, np.ndarray) else array
    return draw_plot(PAGE, "spectrum.entries", given, parameters).drawn


def values_of(table):
    return np.array([[cell.value for cell in line[1:]] for line in table.cells])


def texts_of(table):
    return [[cell.text for cell in line[1:]] for line in table.cells]


A = np.random.default_rng(7).standard_normal((90, 70))


def test_block_is_that_of_the_array_from_the_chosen_cell_on():
    table = drawn(A, cell_row=40, cell_column=33)
    assert_array_equal(values_of(table), A[40 : 40 + ROWS, 33 : 33 + COLUMNS])
    assert [column.title for column in table.columns[1:3]] == ["33", "34"]
    assert [line[0].text for line in table.cells[:2]] == ["40", "41"]


@pytest.fixture
def people(tmp_path):
    """A table with names of columns, the last of which has none, and names of rows."""
    lines = ["who,ada,bob,cy", *(f"person {i},{i},{2 * i},{3 * i}" for i in range(4))]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_heads_are_the_names_that_the_file_has(page, people):
    page.open_file(people)
    page.tab("entries")
    model = page.page.grid.cells.model()
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    assert [model.headerData(j, across) for j in range(3)] == ["ada", "bob", "cy"]
    assert [model.headerData(i, down) for i in range(2)] == ["person 0", "person 1"]
    assert model.headerData(1, across, Qt.ItemDataRole.ToolTipRole) == "bob, 1"
    page.page.grid.copied.emit((1, 0, 2, 1))
    copied = QApplication.clipboard().text().splitlines()
    assert copied == ["\tada\tbob", "person 1\t1.0\t2.0", "person 2\t2.0\t4.0"]
    labels = {one.key: one.label for one in page.figure("matrix").cursors}
    assert labels == {"cell_column": "column ada", "cell_row": "row person 0"}


def test_what_is_loaded_anyway_is_not_read_again(monkeypatch):
    monkeypatch.setattr(entries, "load", lambda *_: pytest.fail("the array was read twice"))
    assert_array_equal(values_of(drawn(A)), A[:ROWS, :COLUMNS])


def test_block_ends_where_the_array_does():
    assert_array_equal(values_of(drawn(A, cell_row=88, cell_column=69)), A[88:, 69:])
    assert_array_equal(values_of(drawn(A[:1, :1])), A[:1, :1])


@pytest.mark.parametrize("of", ["approximation", "residual"])
def test_products_are_those_of_the_leading_singular_pairs(of):
    u, s, vh = np.linalg.svd(A)
    rank_5 = (u[:, :5] * s[:5]) @ vh[:5]
    truth = rank_5 if of == "approximation" else A - rank_5
    found = values_of(drawn(A, of=of, rank=5, cell_row=3))
    assert_allclose(found, truth[3 : 3 + ROWS, :COLUMNS], atol=1e-12)


def test_what_is_no_number_is_a_word_and_stays_as_stored_while_it_is_replaced():
    bad = np.array([[np.nan, np.inf], [-np.inf, 1.5]])
    table = drawn(bad, digits=3)
    assert texts_of(table) == [["NaN", "∞"], ["−∞", "1.50"]]
    assert [cell.role for cell in table.cells[0][1:]] == ["warning", "warning"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (2**40, "1\u202f099\u202f511\u202f627\u202f776"),
        (True, "1"),
        (-0.00123456, "−0.001235"),
        (1.5 - 2.25j, "1.500 − 2.250i"),
        (complex(np.nan, 1.0), "NaN + 1.000i"),
    ],
)
def test_entry_as_text(value, text):
    assert entry_text(value, 4) == text


def test_seventeen_digits_tell_every_double_apart():
    below = np.nextafter(0.1, 0.0)
    assert entry_text(0.1, 17) != entry_text(float(below), 17)


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint64, np.float16, np.float32, np.complex64, np.bool_]
)
def test_every_type_is_shown_as_stored(dtype):
    array = (np.arange(12).reshape(3, 4) % 2).astype(dtype)
    table = drawn(array)
    assert table.note.endswith(np.dtype(dtype).name)
    if np.dtype(dtype).kind != "c":
        assert_array_equal(values_of(table), array.astype(float))


def test_shades_are_signed_shares_of_the_range():
    table = drawn(np.array([[-2.0, 0.0], [1.0, np.nan]]), shaded=True)
    assert [[cell.shade for cell in line[1:]] for line in table.cells] == [[-1.0, 0.0], [0.5, None]]


def test_a_vector_is_one_row():
    table = drawn(np.arange(5.0))
    assert_array_equal(values_of(table), [[0.0, 1.0, 2.0, 3.0, 4.0]])


def test_a_sparse_array_is_read_by_blocks(tmp_path):
    a = sparse.random_array((60, 50), density=0.2, rng=np.random.default_rng(0), format="coo")
    sparse.save_npz(tmp_path / "a.npz", a)
    with open_matrix_file(tmp_path / "a.npz") as source:
        held = source.read(source.entries[0].name).tocsr()
    assert_array_equal(held[5:9, 5:9].toarray(), a.toarray()[5:9, 5:9])


class TestScreen:
    @pytest.fixture
    def grid(self, page):
        page.ref = page.show("a", A)
        page.page.show_view("entries")
        page.settle()
        return page.page.grid

    def test_shows_as_much_as_there_is_room_for(self, page, grid):
        rows, columns = grid.room
        assert rows > 4
        assert columns > 4
        assert len(grid.texts()) == rows
        assert grid.texts()[0][:3] == ("0", *(entry_text(v, 4) for v in A[0, :2]))

    def test_wheel_scrolls_and_changes_no_parameter(self, page, grid):
        before = page.state
        self.turn(grid, QPoint(0, -240))
        page.settle()
        assert grid.first == (6, 0)
        assert grid.texts()[0][0] == "6"
        assert page.state == before

    def test_wheel_with_shift_scrolls_across(self, page, grid):
        self.turn(grid, QPoint(0, -240), Qt.KeyboardModifier.ShiftModifier)
        page.settle()
        assert grid.texts()[0][1] == entry_text(A[0, 2], 4)

    def turn(self, grid, by, held=Qt.KeyboardModifier.NoModifier):
        spot = QPointF(20, 20)
        event = QWheelEvent(
            spot,
            grid.cells.viewport().mapToGlobal(spot),
            QPoint(),
            by,
            Qt.MouseButton.NoButton,
            held,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(grid.cells.viewport(), event)

    def test_bars_travel_over_the_whole(self, page, grid):
        grid.down.setValue(grid.down.maximum())
        grid.across.setValue(grid.across.maximum())
        page.settle()
        assert grid.texts()[-1][0] == "89"
        assert grid.texts()[-1][-1] == entry_text(A[-1, -1], 4)

    def test_keys_move_the_cell_and_bring_it_into_sight(self, page, grid, qtbot):
        for key, times in (("Down", 2), ("Right", 3)):
            for _ in range(times):
                qtbot.keyClick(grid.cells, getattr(Qt.Key, f"Key_{key}"))
        assert (page.state.cell_row, page.state.cell_column) == (2, 3)
        qtbot.keyClick(grid.cells, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
        page.settle()
        assert (page.state.cell_row, page.state.cell_column) == (89, 69)
        assert grid.texts()[-1][0] == "89"
        qtbot.keyClick(grid.cells, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        page.settle()
        assert (page.state.cell_row, page.state.cell_column) == (0, 0)
        assert grid.first == (0, 0)

    def test_parameter_goes_to_the_cell(self, page, grid):
        page.page.conductor.edit("cell_row", 77)
        page.page.conductor.edit("cell_column", 60)
        page.settle()
        top, left = grid.first
        rows, columns = grid.room
        assert top <= 77 < top + rows - 1
        assert left <= 60 < left + columns - 1
        assert grid.span == (77, 60, 77, 60)

    def test_click_chooses_and_shift_click_extends(self, page, grid, qtbot):
        cells = grid.cells
        for (row, column), held in (((1, 2), "No"), ((3, 4), "Shift")):
            spot = cells.visualRect(cells.model().index(row, column)).center()
            modifier = getattr(Qt.KeyboardModifier, f"{held}Modifier")
            qtbot.mouseClick(cells.viewport(), Qt.MouseButton.LeftButton, modifier, spot)
        assert grid.span == (1, 2, 3, 4)
        assert (page.state.cell_row, page.state.cell_column) == (3, 4)

    def test_copy_has_headings_and_full_precision(self, page, grid, qtbot):
        qtbot.keyClick(grid.cells, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        qtbot.keyClick(grid.cells, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        qtbot.keyClick(grid.cells, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        lines = [line.split("\t") for line in QApplication.clipboard().text().split("\n")]
        assert lines[0] == ["", "0", "1"]
        assert [line[0] for line in lines[1:]] == ["0", "1"]
        found = np.array([[float(value) for value in line[1:]] for line in lines[1:]])
        assert_array_equal(found, A[:2, :2])

    def test_click_in_the_picture_chooses_the_cell(self, page, grid, qtbot):
        canvas = page.plot("matrix").canvas
        frame = canvas.frame
        spot = canvas.box.mapToScene(QPointF(frame.px_one(31.0), frame.py_one(52.0)))
        place = canvas.mapFromScene(spot)
        qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
        page.settle()
        assert abs(page.state.cell_row - 52) <= 1
        assert abs(page.state.cell_column - 31) <= 1
        assert grid.span[:2] == (page.state.cell_row, page.state.cell_column)

    def test_picture_marks_the_cell_only_while_numbers_are_in_front(self, page, grid):
        page.page.conductor.edit("cell_row", 12)
        page.settle()
        assert page.cursor("matrix", "cell_row").value == 12
        page.page.show_view("reconstruction")
        page.settle()
        assert page.cursor("matrix", "cell_row") is None

    def test_another_array_begins_at_its_first_cell(self, page, grid):
        page.page.conductor.edit("cell_row", 80)
        page.settle()
        page.show("b", A[:20, :20] + 1.0)
        assert grid.first == (0, 0)
        assert grid.span == (0, 0, 0, 0)
        assert grid.texts()[0][1] == entry_text(A[0, 0] + 1.0, 4)

    def test_numbers_stay_as_stored_where_bad_entries_are_replaced(self, page, grid):
        bad = A.copy()
        bad[0, 0] = np.nan
        page.show("bad", bad)
        page.page.answer("zero")
        page.settle()
        assert grid.texts()[0][1] == "NaN"

    def test_cells_say_row_column_and_value_to_a_screen_reader(self, page, grid):
        index = grid.cells.model().index(2, 1)
        said = grid.cells.model().data(index, Qt.ItemDataRole.AccessibleTextRole)
        assert said == f"2, 1: {entry_text(A[2, 1], 4)}"

    def test_tab_leaves(self, page, grid, qtbot):
        grid.cells.setFocus()
        qtbot.keyClick(grid.cells, Qt.Key.Key_Tab)
        assert not grid.cells.hasFocus()


def test_a_thousand_million_entries_scroll_without_being_read(page, tmp_path):
    path = tmp_path / "huge.npy"
    huge = np.lib.format.open_memmap(path, "w+", np.float32, (1_000_000, 1_000))
    huge[999_999, 999] = 7.25
    huge.flush()
    del huge
    page.select(page.open_file(path))
    page.page.show_view("entries")
    grid = page.page.grid
    page.wait(lambda: bool(grid.texts()) and grid.texts()[0][0] == "0")
    started = time.process_time()
    grid.down.setValue(grid.down.maximum())
    grid.across.setValue(grid.across.maximum())
    page.wait(lambda: grid.texts()[-1][0] == "999999")
    page.wait(lambda: grid.texts()[-1][-1] == "7.250")
    assert time.process_time() - started < 5.0
    page.context.runner.cancel_all()
