"""A table is read as a person decides: seen before, remembered for the file, and by a session."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from gui.pages.sources.screen.reading import ReadingDialog

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


def dialog_of(driver):
    driver.application.window.findChild(QAction, "reading").trigger()
    shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, ReadingDialog)]
    dialog = next(one for one in shown if one.isVisible())
    driver.wait(lambda: dialog.matrix.rowCount() > 0)
    return dialog


def cells(dialog):
    table = dialog.matrix
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


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
