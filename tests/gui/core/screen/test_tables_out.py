"""Tables and read-outs leave the window as text, from context menu and palette."""

from __future__ import annotations

import csv
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from gui.core.figure.table import Cell, Column, Table
from gui.core.screen.tables.tables_out import TablesOut
from gui.core.widgets.controls import ReadoutTable

TABLE = Table(
    (Column("rule & sons"), Column("share [%]", number=True)),
    ((Cell("a_1"), Cell("0.333", 1 / 3)), (Cell("b|c"), Cell("> 9e15"))),
    key="page.rules",
    title="Rules",
)


@pytest.fixture
def out(settings, dialogs, messages, qtbot, tmp_path):
    settings.set_value("export/folder", str(tmp_path))
    over = QWidget()
    qtbot.addWidget(over)
    context = SimpleNamespace(
        settings=settings, dialogs=dialogs, notify=lambda *said: messages.append(said)
    )
    made = TablesOut(context, over, lambda: (TABLE, Table((), (), key="page.empty")))
    made.over = over
    return made


def choose(out, words):
    menu = out.menu("page.rules", out.over)
    next(one for one in menu.actions() if one.text() == words).trigger()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Copy as CSV", ["rule & sons,share [%]", f"a_1,{1 / 3!r}"]),
        ("Copy as Markdown", ["| rule \\& sons | share \\[%\\] |", "| b\\|c | \\> 9e15 |"]),
        ("Copy as LaTeX", ["rule \\& sons & share [\\%]", "\\toprule", "a\\_1 & 0.333"]),
    ],
)
def test_a_table_is_copied_as_text(out, words, found, messages):
    choose(out, words)
    text = QGuiApplication.clipboard().text()
    assert [part for part in found if part not in text] == []
    assert messages == [(f"Copied as {words.split()[-1]}: Rules", "info")]


def test_a_table_is_saved_where_the_person_says(out, dialogs, messages, tmp_path):
    dialogs.saves = [str(tmp_path / "a.tex"), str(tmp_path / "plain"), ""]
    for _ in range(3):
        choose(out, "Save table…")
    assert "booktabs" in (tmp_path / "a.tex").read_text()
    lines = [line for line in (tmp_path / "plain.csv").read_text().splitlines() if line[0] != "#"]
    assert float(list(csv.reader(lines))[1][1]) == 1 / 3
    assert [severity for _, severity in messages] == ["info", "info"]


def test_what_cannot_be_written_is_a_sentence(out, dialogs, messages, tmp_path):
    dialogs.saves = [str(tmp_path / "none" / "a.csv")]
    choose(out, "Save table…")
    assert [severity for _, severity in messages] == ["error"]
    assert "does not exist" in messages[0][0]


def test_a_name_of_no_kind_gets_the_first_and_the_message_says_so(out, dialogs, messages, tmp_path):
    dialogs.saves = [str(tmp_path / "a.v2")]
    choose(out, "Save table…")
    assert messages == [(f"Exported to {tmp_path / 'a.v2.csv'}.", "info")]
    assert (tmp_path / "a.v2.csv").exists()


def test_the_palette_offers_what_is_shown_and_not_what_is_empty(out):
    offered = [(one.group, one.title) for one in out.entries()]
    assert offered == [
        ("Rules", "Copy as CSV"),
        ("Rules", "Copy as Markdown"),
        ("Rules", "Copy as LaTeX"),
        ("Rules", "Save table…"),
    ]
    assert out.menu("page.empty", out.over) is None


def test_a_right_click_on_a_number_asks_for_the_menu_of_its_table(qtbot):
    table = ReadoutTable("numbers")
    qtbot.addWidget(table)
    table.set_rows([("tau", "0.5")])
    table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    table.show()
    value = next(one for one in table.findChildren(QLabel) if one.text() == "0.5")
    asks = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(1, 1), QPoint(1, 1))
    with qtbot.waitSignal(table.customContextMenuRequested, timeout=2000):
        QApplication.sendEvent(value, asks)
