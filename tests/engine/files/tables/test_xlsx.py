"""Workbooks, written by openpyxl itself."""

from __future__ import annotations

import datetime
import re
import sys
import zipfile

import numpy as np
import openpyxl
import pytest

from engine.errors import FileError
from engine.files import TableReading, open_matrix_file

NAN = float("nan")
DAY = datetime.date(2024, 3, 5)


@pytest.fixture
def book(tmp_path):
    def write(**sheets):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for number, row in enumerate(rows, 1):
                for column, value in enumerate(row, 1):
                    if value is not None:
                        sheet.cell(number, column, value)
        workbook.save(tmp_path / "b.xlsx")
        return tmp_path / "b.xlsx"

    return write


def test_each_sheet_is_an_entry_and_sheets_of_words_are_told(book):
    path = book(
        one=[[1, 2.5], [3, 4]], words=[["only"], ["text"]], two=[["a", "b"], [5, 6], [7, 8]]
    )
    with open_matrix_file(path) as source:
        assert [entry.name for entry in source.entries] == ["one", "two"]
        np.testing.assert_array_equal(source.read("two"), [[5, 6], [7, 8]])
        assert source.entry("two").column_labels == ("a", "b")
        assert "words" in source.notes[0]
        assert source.entry("one").reading.sheet == "one"


def test_formulas_without_values_are_told(book):
    path = book(s=[["a", "b"], [1, "=A2*2"], [3, "=A3*2"]], plain=[[1, None], [3, 4]])
    with open_matrix_file(path) as source:
        np.testing.assert_array_equal(source.read("s"), [[1, NAN], [3, NAN]])
        assert any(note.startswith("2 formulas") for note in source.entry("s").notes)
        assert not any("formulas" in note for note in source.entry("plain").notes)


def test_cells_are_values_text_dates_and_errors(book):
    path = book(
        s=[
            ["a", "kind", "b", "day", "yes"],
            [0.1, "x", "#DIV/0!", DAY, True],
            [1e-300, "y", None, DAY, False],
            [3, "z", 5, DAY, True],
        ]
    )
    with open_matrix_file(path) as source:
        np.testing.assert_array_equal(
            source.read("s"), [[0.1, NAN, 1], [1e-300, NAN, 0], [3, 5, 1]]
        )
        entry = source.entries[0]
    assert entry.column_labels == ("a", "b", "yes")
    assert entry.reading.columns == (0, 2, 4)
    said = " ".join(entry.notes)
    assert all(word in said for word in ("2 (kind)", "4 (day)", "#DIV/0!", "2 missing", "1 and 0"))


@pytest.mark.parametrize("years", [[2018, 2019], ["2018", "2019"]])
def test_numbers_name_columns(book, years):
    with open_matrix_file(book(s=[[None, *years], ["DE", 1.5, 2.5], ["FR", 4.5, 5.5]])) as source:
        np.testing.assert_array_equal(source.read("s"), [[1.5, 2.5], [4.5, 5.5]])
        entry = source.entries[0]
    assert (entry.column_labels, entry.row_labels) == (("2018", "2019"), ("DE", "FR"))


def test_a_table_below_a_title_and_away_from_the_margin(book):
    rows = [["Report"], [], [None, "time", "force"], [None, "s", "N"], [None, 0, 1.5], [None, 1, 2]]
    with open_matrix_file(book(s=rows)) as source:
        np.testing.assert_array_equal(source.read("s"), [[0, 1.5], [1, 2]])
        assert source.entries[0].column_labels == ("time", "force")


def test_a_sheet_is_chosen_and_read_as_told(book):
    path = book(one=[[1, 2], [3, 4]], two=[[5, 6, 7], [8, 9, 10]])
    reading = TableReading(sheet="two", header=1, columns=(0, 2))
    with open_matrix_file(path, reading=reading) as source:
        assert [entry.name for entry in source.entries] == ["two"]
        np.testing.assert_array_equal(source.read("two"), [8, 10])
        assert source.entries[0].column_labels == ("5", "7")
    with pytest.raises(FileError, match=r"no sheet 'three'; there are one, two"):
        open_matrix_file(path, reading=TableReading(sheet="three"))


def test_formulas_without_saved_values_are_missing(book):
    with open_matrix_file(book(s=[[1, 2], [3, "=A1+B1"]])) as source:
        np.testing.assert_array_equal(source.read("s"), [[1, 2], [3, NAN]])


def test_only_words_are_refused(book):
    with pytest.raises(FileError, match="no numbers"):
        open_matrix_file(book(s=[["a", "b"], ["c", "d"]]))


def test_a_password_and_other_zip_archives_are_named(write):
    with pytest.raises(FileError, match="protected by a password"):
        open_matrix_file(write("p.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600)))
    with pytest.raises(FileError, match="no workbook"):
        open_matrix_file(write("z.xlsx", b"not a zip archive"))


def test_without_openpyxl_the_sentence_says_what_to_install(book, monkeypatch):
    path = book(s=[[1, 2]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(FileError, match=r"pip install rankscope\[xlsx\]"):
        open_matrix_file(path)


def test_merged_levels_name_every_row_and_column(book):
    """As pandas writes rows and columns of two levels."""
    path = book(
        s=[
            [None, None, "P", None, "Q", None],
            [None, None, "m", "n", "m", "n"],
            ["g", "h"],
            ["a", "x", 0.5, 1.5, 2.5, 3.5],
            [None, "y", 4.5, 5.5, 6.5, 7.5],
            ["b", "x", 8.5, 9.5, 0.5, 1.5],
        ]
    )
    with open_matrix_file(path) as source:
        entry = source.entry("s")
        assert entry.column_labels == ("P · m", "P · n", "Q · m", "Q · n")
        assert entry.row_labels == ("a · x", "a · y", "b · x")
        assert "names of row 1" in entry.note
        assert "merged cells are: a · y" in entry.note
        np.testing.assert_array_equal(source.read("s")[1], [4.5, 5.5, 6.5, 7.5])
    reading = entry.reading
    with open_matrix_file(path, reading=reading) as again:
        assert again.entry("s").column_labels == entry.column_labels
        assert again.entry("s").reading == reading


def test_formulas_that_a_program_saved_as_zero_are_told(book, tmp_path):
    """As XlsxWriter writes formulas: 0 stands for all of them until a spreadsheet computes them."""
    path, filled = book(s=[[5, 2, 0], [3, "=A1+B1", "=A1-A1"]]), tmp_path / "filled.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(filled, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, re.sub(rb"</f><v\s*(/>|></v>)", b"</f><v>0</v>", content))
    with open_matrix_file(filled) as source:
        assert "2 formulas were saved as 0" in source.entry("s").note
        np.testing.assert_array_equal(source.read("s"), [[5, 2, 0], [3, 0, 0]])
    with zipfile.ZipFile(filled) as old, zipfile.ZipFile(tmp_path / "computed.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b' fullCalcOnLoad="1"', b""))
    with open_matrix_file(tmp_path / "computed.xlsx") as source:
        assert "formulas" not in source.entry("s").note


def test_words_apart_from_a_table_are_none_of_it(book):
    rows = [[None, "p", "q"], [None, 5, 6], [None, 7, 8.5], [], [None] * 6 + ["measured twice"]]
    with open_matrix_file(book(s=rows)) as source:
        entry = source.entry("s")
        assert entry.column_labels == ("p", "q")
        assert "apart from the table are left out: measured twice" in entry.note
        np.testing.assert_array_equal(source.read("s"), [[5, 6], [7, 8.5]])


def test_a_table_beside_a_gap_is_one_of_it(book):
    with open_matrix_file(book(s=[["p", None, "q"], [5, None, 6], [7, None, 8]])) as source:
        np.testing.assert_array_equal(source.read("s"), [[5, 6], [7, 8]])
