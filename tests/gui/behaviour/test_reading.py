"""A table is read as a person decides: seen before, remembered for the file, and by a session."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from gui.core.figure.figure import Figure
from tests.gui.behaviour.table_dialog import action, cells, dialog_of, overrule
from tests.support.at_rest import bring_to_front
from tests.support.page_driver import choose_by_keyboard

TABLE = "country,1990,1995\nAustria,1.5,2.5\nBelgium,3.5,4.5\n"


@pytest.fixture
def opened(start, tmp_path):
    driver = start("spectrum", autosave=True)
    path = tmp_path / "years.csv"
    path.write_text(TABLE, "utf-8")
    driver.application.open_paths([str(path)])
    driver.wait(lambda: driver.store["selection"].active.path == str(path))
    driver.idle()
    return driver


def shape(driver):
    return driver.store["selection"].active.shape


def test_the_reading_is_seen_overruled_and_taken(opened):
    assert shape(opened) == (2, 2)
    dialog = dialog_of(opened)
    assert dialog.lines.toPlainText().splitlines() == TABLE.splitlines()
    assert cells(dialog) == [["1.5", "2.5"], ["3.5", "4.5"]]
    assert dialog.matrix.horizontalHeaderItem(1).text() == "1995"
    assert dialog.matrix.verticalHeaderItem(0).text() == "Austria"
    assert "1" in dialog.fields["header"].placeholderText()
    dialog.fields["header"].setText("0")
    opened.wait(lambda: len(cells(dialog)) == 3)
    assert cells(dialog)[0] == ["1990", "1995"]
    dialog.ok.click()
    opened.wait(lambda: shape(opened) == (3, 2))
    opened.idle()
    assert opened.store["files"].items[0].reading == (("header", "0"),)
    drawn = opened.series("spectrum.values", "main").y
    expected = np.linalg.svd([[1990, 1995], [1.5, 2.5], [3.5, 4.5]], compute_uv=False)
    np.testing.assert_allclose(drawn, expected, rtol=1e-9)


def test_nonsense_is_refused_in_words_and_cannot_be_taken(opened):
    dialog = dialog_of(opened)
    dialog.fields["skip"].setText("many")
    opened.wait(lambda: "whole number" in dialog.error.text())
    assert not dialog.ok.isEnabled()
    dialog.fields["skip"].setText("99")
    opened.wait(lambda: dialog.error.text() != "" and "whole number" not in dialog.error.text())
    dialog.reset()
    opened.wait(lambda: dialog.error.text() == "" and dialog.ok.isEnabled())
    dialog.reject()
    opened.idle()
    assert shape(opened) == (2, 2)


def test_a_session_reads_the_table_as_it_was_said(opened, start):
    dialog = dialog_of(opened)
    dialog.fields["index"].setText("1")
    dialog.fields["columns"].setText("2")
    opened.wait(lambda: cells(dialog) == [["2.5"], ["4.5"]])
    dialog.ok.click()
    opened.wait(lambda: np.prod(shape(opened)) == 2)
    opened.idle()
    opened.close()
    again = start("spectrum", autosave=True)
    again.idle()
    assert np.prod(shape(again)) == 2
    file = again.store["files"].items[0]
    assert dict(file.reading) == {"index": "1", "columns": "2"}
    assert again.application.window.has_table


def matrix(driver):
    """The numbers that the Spectrum page draws."""
    return driver.image("spectrum.matrix")


def test_a_reading_is_one_step_that_undo_takes_back_and_redo_brings_again(opened):
    before = opened.store["spectrum"]
    overrule(opened, header="0")
    assert "years.csv" in action(opened, "undo").text()
    bring_to_front(opened.qtbot, opened.window)
    opened.qtbot.keyClick(opened.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    opened.idle()
    assert shape(opened) == (2, 2)
    assert opened.store["files"].items[0].reading == ()
    np.testing.assert_array_equal(matrix(opened), [[1.5, 2.5], [3.5, 4.5]])
    assert "read" not in opened.store.undo_label
    assert opened.store["spectrum"] == before
    action(opened, "redo").trigger()
    opened.idle()
    assert opened.store["files"].items[0].reading == (("header", "0"),)
    np.testing.assert_array_equal(matrix(opened), [[1990, 1995], [1.5, 2.5], [3.5, 4.5]])


def test_undo_goes_back_through_readings_one_by_one_and_past_other_steps(opened):
    overrule(opened, header="0")
    opened.store.replace("spectrum", label="rank", rank=2)
    overrule(opened, header="0", index="0", columns="1")
    shapes = [shape(opened)]
    for _ in range(3):
        action(opened, "undo").trigger()
        opened.idle()
        shapes.append(shape(opened))
    assert shapes == [(3,), (3, 2), (3, 2), (2, 2)]
    for _ in range(3):
        action(opened, "redo").trigger()
    opened.idle()
    np.testing.assert_array_equal(np.ravel(matrix(opened)), [1990, 1.5, 3.5])


def test_a_table_that_is_open_and_not_selected_is_read_anew_in_a_step_too(opened, tmp_path):
    years = str(tmp_path / "years.csv")
    opened.open(("other", np.eye(3)))
    opened.application.sources.reload(years, (("header", "0"),))
    opened.wait(lambda: opened.store["files"].find(years).entries[0].shape == (3, 2))
    opened.store.undo()
    opened.wait(lambda: opened.store["files"].find(years).entries[0].shape == (2, 2))
    assert opened.store["selection"].active.entry == "other"


def test_undo_of_a_reading_that_the_file_no_longer_takes_leaves_the_numbers(opened, tmp_path):
    overrule(opened, header="0")
    (tmp_path / "years.csv").write_bytes(b"\x00\x01no table at all\x02")
    action(opened, "undo").trigger()
    opened.wait(lambda: "former numbers stay" in opened.message())
    opened.idle()
    assert shape(opened) == (3, 2)
    assert opened.store["selection"].said_of(str(tmp_path / "years.csv")) == (("header", "0"),)


def test_the_reading_is_remembered_for_a_file_that_is_closed_and_opened_again(opened, tmp_path):
    path = str(tmp_path / "years.csv")
    overrule(opened, header="0")
    opened.application.sources.close_file(path)
    opened.application.open_paths([path])
    opened.wait(lambda: opened.store["selection"].active.path == path)
    assert shape(opened) == (3, 2)


def test_a_remembered_reading_that_does_not_fit_any_more_is_said_and_dropped(opened, tmp_path):
    path = tmp_path / "years.csv"
    overrule(opened, columns="1,2")
    opened.application.sources.close_file(str(path))
    path.write_text("1.5\n2.5\n7.25\n", "utf-8")
    opened.application.open_paths([str(path)])
    opened.wait(lambda: opened.store["selection"].active.path == str(path))
    assert shape(opened) == (3,)
    assert "years.csv" in opened.message()
    assert opened.store["selection"].said_of(str(path)) == ()


def carried_out(code):
    """Run what was copied; returns what it draws."""
    assert isinstance(code, str)
    names = {}
    exec(code.replace("rankscope.draw(", "drawn = rankscope.draw("), names)
    assert isinstance(names["drawn"], Figure)
    return names["drawn"]


def copied(driver):
    action(driver, "copy_call").trigger()
    return QApplication.clipboard().text()


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        (TABLE, {"header": "0"}, [[1990, 1995], [1.5, 2.5], [3.5, 4.5]]),
        (TABLE, {"columns": "1,2", "skip": "1"}, [[1.5, 2.5], [3.5, 4.5]]),
        ("1.000;2\n3.500;4\n", {"thousands": "point"}, [[1000, 2], [3500, 4]]),
        ("1.000;2\n3.500;4\n", {"decimal": ".", "delimiter": "semicolon"}, [[1, 2], [3.5, 4]]),
        (
            "1 200\t3\n4 500\t6\n",
            {"delimiter": "tab", "thousands": "blank"},
            [[1200, 3], [4500, 6]],
        ),
    ],
)
def test_the_copied_call_draws_what_is_seen(start, tmp_path, text, said, expected):
    driver, path = start("spectrum"), tmp_path / "it's a table.csv"
    path.write_text(text, "utf-8")
    driver.application.open_paths([str(path)])
    driver.wait(lambda: driver.store["selection"].active.path == str(path))
    overrule(driver, **said)
    np.testing.assert_array_equal(matrix(driver), expected)
    code = copied(driver)
    drawn, shown = carried_out(code), driver.figure("spectrum.values")
    assert "reading=rankscope.TableReading(" in code
    for one, other in zip(drawn.series, shown.series, strict=True):
        np.testing.assert_allclose(one.y, other.y, rtol=1e-12)


def test_the_copied_call_says_nothing_of_a_table_that_is_read_as_found(opened):
    code = copied(opened)
    assert "reading" not in code
    shown = opened.series("spectrum.values", "main").y
    np.testing.assert_array_equal(carried_out(code).series[0].y, shown)


def test_the_copied_call_of_a_product_reads_either_table_as_it_was_said(start, tmp_path):
    driver = start("column_row")
    for name, table in (("x.csv", "0,1,2\n5,7,9\n4,1,8\n"), ("y.csv", "9,1,2\n9,3,4\n9,8,6\n")):
        (tmp_path / name).write_text(table, "utf-8")
    driver.application.open_paths([str(tmp_path / name) for name in ("x.csv", "y.csv")])
    driver.wait(lambda: driver.store["selection"].active.entry == "x")
    for name, fields in (("y", {"columns": "1,2"}), ("x", {"header": "0", "index": "0"})):
        driver.select(name, f"{name}.csv")
        driver.idle()
        overrule(driver, **fields)
    pairing = driver.window.pages["column_row"].pairing
    choose_by_keyboard(driver.qtbot, pairing.kind.combo, "other")
    driver.idle()
    choose_by_keyboard(driver.qtbot, pairing.other.combo, f"{tmp_path / 'y.csv'}\ny\n")
    driver.idle()
    product = np.array([[0, 1, 2], [5, 7, 9], [4, 1, 8]]) @ [[1, 2], [3, 4], [8, 6]]
    np.testing.assert_allclose(driver.image("column_row.product"), product)
    code = copied(driver)
    assert "other_reading=rankscope.TableReading(columns=(1, 2))" in code
    drawn, shown = carried_out(code), driver.figure("column_row.error")
    assert drawn.key == shown.key
    for one, other in zip(drawn.series, shown.series, strict=True):
        np.testing.assert_allclose(one.y, other.y, rtol=1e-9, atol=1e-12)
