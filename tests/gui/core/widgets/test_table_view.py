"""A table on the screen: as wide and as tall as its words need, sorted and typed into by people."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from gui.core.figure.table import Cell, Column, Table
from gui.core.paint.theme import SPACING, Theme
from gui.core.widgets.lists.table_view import TableView

SENTENCE = "2 singular values are strictly above λ*(β) √max(m, n) s = 34.4123."
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot):
    made = TableView("Rules", Theme("light"))
    qtbot.addWidget(made)
    made.resize(520, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def told(elided=False, sort=-1):
    """Rules with a number each and a sentence as long as its row is far down."""
    reason = Column("Reason", wide=True, elided=elided)
    columns = (Column("Rule"), Column("Rank", number=True), reason)
    cells = tuple(
        (
            Cell(f"rule {place}", data=f"key{place}"),
            Cell(str(9 - place), 9 - place, data=f"key{place}", edits=place == 1),
            Cell(SENTENCE[: 20 + 5 * place]),
        )
        for place in range(9)
    )
    return Table(columns, cells, "Which rank?", sort)


def place_of(view, row, column):
    return view.table.visualItemRect(view.table.item(row, column)).center()


def fits(view):
    """Whether every row is as high as its words need."""
    table, least = view.table, view.table.verticalHeader().minimumSectionSize()
    rows = range(table.rowCount())
    return all(table.rowHeight(row) == max(table.sizeHintForRow(row), least) for row in rows)


def test_words_that_wrap_are_never_cut_whatever_the_width(view, qtbot):
    view.set_table(told())
    heights = set()
    for width in range(360, 700, 20):
        view.resize(width, 220)
        qtbot.waitUntil(lambda: fits(view))
        heights.add(view.table.rowHeight(8))
    assert len(heights) >= 2, "at some widths it is one line, at others two"
    assert view.table.horizontalScrollBar().maximum() == 0


def test_elided_words_stay_on_one_line(view, qtbot):
    view.set_table(told(elided=True))
    view.resize(300, 300)
    words = view.table.fontMetrics().horizontalAdvance(SENTENCE[:60])
    qtbot.waitUntil(lambda: view.table.columnWidth(2) < words)
    assert {view.table.rowHeight(row) for row in range(9)} == {view.table.rowHeight(0)}
    assert not view.table.wordWrap()


def test_headings_stand_over_what_they_head(view):
    def right(column):
        header = view.table.horizontalHeader()
        model, role = header.model(), Qt.ItemDataRole.TextAlignmentRole
        found = model.headerData(column, Qt.Orientation.Horizontal, role)
        return bool(int(found or header.defaultAlignment()) & int(Qt.AlignmentFlag.AlignRight))

    view.set_table(told())
    assert [right(column) for column in range(3)] == [False, True, False]
    view.set_table(Table((Column("Rank", number=True), Column("Rule"), Column("Why")), ()))
    assert [right(column) for column in range(3)] == [True, False, False]


def test_words_of_a_heading_are_not_cut_where_they_wrap(view, qtbot):
    laws = [Column(f"law {place} of them", wide=True) for place in range(6)]
    view.set_table(Table((Column("Operator"), *laws), ((Cell("Hard"), *6 * (Cell("0"),)),)))
    header = view.table.horizontalHeader()
    line = header.fontMetrics().lineSpacing()
    view.resize(360, 220)
    qtbot.waitUntil(lambda: header.height() >= 3 * line)
    view.resize(1400, 220)
    qtbot.waitUntil(lambda: header.height() < 2 * line)


def test_a_note_stands_above_and_an_error_below(view):
    view.set_table(told())
    assert (view.note.text(), view.note.isVisible()) == ("Which rank?", True)
    view.set_error("7 is too many.")
    assert view.error.text() == "7 is too many."
    view.set_table(Table((), ()))
    assert not view.note.isVisible()
    assert view.texts() == []


def test_a_click_on_a_cell_says_what_it_means(view, qtbot):
    view.set_table(told())
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.mouseClick(view.table.viewport(), LEFT, pos=place_of(view, 3, 0))
    assert chosen.args == ["key3"]
    with qtbot.assertNotEmitted(view.chosen):
        qtbot.mouseClick(view.table.viewport(), LEFT, pos=place_of(view, 3, 2))
        qtbot.mouseClick(view.table.viewport(), LEFT, pos=place_of(view, 1, 1))


def test_enter_on_a_cell_chooses_it(view, qtbot):
    view.set_table(told())
    view.table.setCurrentCell(4, 0)
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert chosen.args == ["key4"]


def test_what_is_typed_is_told_and_shown_only_when_it_comes_back(view, qtbot):
    view.set_table(told())
    qtbot.mouseClick(view.table.viewport(), LEFT, pos=place_of(view, 1, 1))
    qtbot.mouseDClick(view.table.viewport(), LEFT, pos=place_of(view, 1, 1))
    editor = view.table.viewport().findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "55")
    with qtbot.waitSignal(view.typed) as typed:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert typed.args == ["key1", "55"]
    assert view.texts()[1][1] == "8"


def test_rows_are_sorted_by_their_numbers_as_a_person_chooses(view, qtbot):
    view.set_table(told(sort=1))
    assert [row[1] for row in view.texts()] == [str(rank) for rank in range(1, 10)]
    view.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    view.set_table(told(sort=1))
    assert [row[1] for row in view.texts()] == [str(rank) for rank in range(9, 0, -1)]


def test_copy_takes_the_whole_table(view, qtbot):
    view.set_table(told())
    qtbot.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0] == "Rule\tRank\tReason"
    assert lines[1].startswith("rule 0\t9\t")
    assert len(lines) == 10


def test_names_wrap_also_where_that_does_not_make_room_enough(view, qtbot):
    content = told()
    cells = tuple((replace(name, text="a name of six words"), *rest)
                  for name, *rest in content.cells)  # fmt: skip
    view.resize(180, 300)
    view.set_table(replace(content, cells=cells))
    qtbot.waitUntil(lambda: fits(view))
    whole = view.table.fontMetrics().horizontalAdvance("a name of six words")
    assert view.table.columnWidth(0) < whole


@pytest.mark.parametrize("width", [300, 330, 900])
def test_names_wrap_where_a_sentence_would_have_no_room_beside_them(view, qtbot, width):
    """Where there is room for both, neither wraps: a sentence that goes on ends in an ellipsis."""
    table, content = view.table, told(elided=True)
    names = [replace(line[0], text=f"{line[0].text} of an article, cut") for line in content.cells]
    cells = [(name, *line[1:]) for name, line in zip(names, content.cells, strict=True)]
    view.resize(width, 300)
    view.set_table(replace(content, cells=tuple(cells)))
    qtbot.waitUntil(lambda: width == 900 or fits(view))
    assert table.wordWrap() == (width < 900)
    assert table.columnWidth(2) > 12 * table.fontMetrics().averageCharWidth()
    assert table.horizontalScrollBar().maximum() == 0
    view.resize(900, 300)
    qtbot.waitUntil(lambda: not table.wordWrap())


def test_a_row_whose_words_are_cut_opens_where_the_keyboard_is(view, qtbot):
    view.resize(420, 300)
    view.set_table(told(elided=True))
    table = view.table
    qtbot.waitUntil(lambda: table.columnWidth(2) < table.fontMetrics().horizontalAdvance(SENTENCE))
    line = table.rowHeight(8)
    qtbot.mouseClick(table.viewport(), LEFT, pos=place_of(view, 8, 0))
    assert table.rowHeight(8) == table.sizeHintForRow(8) > line
    assert table.rowHeight(7) == line
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert table.rowHeight(8) == line


def test_the_piece_of_a_curve_beside_a_name_leaves_the_name_its_room(view, qtbot):
    columns = (Column("Law"), Column("Chance", number=True), Column("Remark", wide=True))
    names = ("Exponential", "Lognormal", "Power law with cutoff")
    cells = tuple((Cell(name, curve=("c1", "dash")), Cell("0.5"), Cell("")) for name in names)
    view.resize(150, 300)
    view.set_table(Table(columns, cells))
    table = view.table
    qtbot.waitUntil(lambda: fits(view))
    metrics, icon = table.fontMetrics(), table.iconSize().width()
    longest = max(metrics.horizontalAdvance(word) for name in names for word in name.split())
    assert table.columnWidth(0) >= longest + icon + SPACING
