"""What certain programs write: Eurostat, R, LTspice, pandas, Fortran, spreadsheets."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.formats import text
from engine.files.layouts.table.numerals import Convention, to_number

NAN = np.nan
TWO = [[1, 2], [3, 4]]
PLACE = "north: 2\nsouth: 0\neast: 3\nwest: 0\nrows: 2\ncols: 3\n"
# File, contents, numbers, names of columns and of rows, a word of the notes.
CASES = {
    "eurostat": (
        "t.tsv",
        "freq,geo\\TIME_PERIOD\t2018 \t2019 \nA,DE\t1.5 b\t2.5 \nA,FR\t: c\t-3.5 ep\n",
        [[1.5, 2.5], [NAN, -3.5]],
        ["2018", "2019"],
        ["A,DE", "A,FR"],
        "Eurostat",
    ),
    "mysql": (
        "t.txt",
        "+---+---+\n| a | b |\n+---+---+\n| 1 | 2 |\n| 3 | 4 |\n+---+---+\n"
        "2 rows in set (0.00 sec)\n",
        TWO,
        ["a", "b"],
        [],
        "below the table",
    ),
    "words of several lines": (
        "t.csv",
        'id,said,x\n1,"two\nlines, with ""quotes""",1.5\n2,plain,3\n3,"three\n\nlines\n",4\n',
        [[1, 1.5], [2, 3], [3, 4]],
        ["id", "x"],
        [],
        "Column 2 (said) is text",
    ),
    "labview with remarks": (
        "t.lvm",
        "LabVIEW Measurement\t\nWriter_Version\t2\nSeparator\tTab\n***End_of_Header***\t\n\n"
        "Channels\t2\nSamples\t2\t2\nX_Value\tVoltage\tCurrent\tComment\n"
        "0.0\t1.5\t2.25\t\n0.1\t3.0\t4.75\t\n",
        [[0.0, 1.5, 2.25, NAN], [0.1, 3.0, 4.75, NAN]],
        ["X_Value", "Voltage", "Current", "Comment"],
        [],
        "text above the table",
    ),
    "matlab that goes on": ("t.m", "A = [1 2; ...\n     3 4];\n", TWO, [], [], ""),
    "spectrum below remarks": (
        "t.txt",
        "Data of a spectrometer\n\nUser: me\n>>>>>Begin Spectral Data<<<<<\n"
        "178.5\t1.5\n178.9\t2.25\n>>>>>End Spectral Data<<<<<\n",
        [[178.5, 1.5], [178.9, 2.25]],
        [],
        [],
        "text above the table",
    ),
    "dput": (
        "t.txt",
        "structure(c(1, 2, 3, 4L, 5, 6), dim = 2:3)",
        [[1, 3, 5], [2, 4, 6]],
        [],
        [],
        "R",
    ),
    "dput with names": (
        "t.txt",
        'structure(c(1, 2, NA, 4), dim = c(2L, 2L), dimnames = list(c("a", "b"), c("x", "y")))\n',
        [[1, NAN], [2, 4]],
        ["x", "y"],
        ["a", "b"],
        "column by column",
    ),
    "dput of a vector": ("t.txt", "c(1.5, -2, 3)\n", [1.5, -2, 3], [], [], "dput"),
    "complex of ltspice": (
        "t.txt",
        "Freq.\tV(out)\n1.0e+000\t1.0e+000,-5.0e-001\n1.0e+001\t1.5e+000,2.5e-003\n",
        [[1, 1 - 0.5j], [10, 1.5 + 0.0025j]],
        ["Freq.", "V(out)"],
        [],
        "",
    ),
    "complex of julia": (
        "t.csv",
        "1.0+2.0im,0.5-0.25im\n3,-1im\n",
        [[1 + 2j, 0.5 - 0.25j], [3, -1j]],
        [],
        [],
        "",
    ),
    "complex below names": (
        "t.csv",
        ",a,b\n0,(1+2j),(0.5-0.25j)\n1,(3+0j),(1+1j)\n",
        [[1 + 2j, 0.5 - 0.25j], [3, 1 + 1j]],
        ["a", "b"],
        ["0", "1"],
        "",
    ),
    "levels of pandas": (
        "t.csv",
        "year,2018,2018,2019\nq,1,2,1\ncountry,,,\nDE,1.5,2,3\nFR,5,6,7\n",
        [[1.5, 2, 3], [5, 6, 7]],
        ["2018 · 1", "2018 · 2", "2019 · 1"],
        ["DE", "FR"],
        "The names of row 1 are put before them",
    ),
    "years over quarters": (
        "t.csv",
        ",2018,2018,2019,2019\n,m,n,m,n\nDE,1.5,2,3,4\nFR,5,6,7,8\n",
        [[1.5, 2, 3, 4], [5, 6, 7, 8]],
        ["2018 · m", "2018 · n", "2019 · m", "2019 · n"],
        ["DE", "FR"],
        "put before them",
    ),
    "regions among the rows": (
        "t.csv",
        "country,1990,1995\nEurope,,\nDE,1.5,2\nFR,3,4\nAsia,,\nJP,5,6\n",
        [[NAN, NAN], [1.5, 2], [3, 4], [NAN, NAN], [5, 6]],
        ["1990", "1995"],
        ["Europe", "DE", "FR", "Asia", "JP"],
        "4 missing values",
    ),
    "quarters": (
        "t.csv",
        ",2018Q1,2018Q2\n2019Q1,1.5,2\n2019Q2,3,4\n",
        [[1.5, 2], [3, 4]],
        ["2018Q1", "2018Q2"],
        ["2019Q1", "2019Q2"],
        "",
    ),
    "stars of fortran": (
        "t.dat",
        " 1.5 ******\n 2.5 3.5\n",
        [[1.5, NAN], [2.5, 3.5]],
        [],
        [],
        "Taken as missing values: ******",
    ),
    "accounts": (
        "t.csv",
        "a,b\n$(20.00),$15.50\n$1.00,$-\n",
        [[-20, 15.5], [1, 0]],
        ["a", "b"],
        [],
        "Numbers in brackets are negative",
    ),
    "rule of three dashes": (
        "t.txt",
        "  a    b\n---  ---\n1.5    2\n",
        [1.5, 2],
        ["a", "b"],
        [],
        "",
    ),
    "units in capitals": (
        "t.csv",
        "wavelength,absorbance\nnm,AU\n400,0.1\n410,0.2\n",
        [[400, 0.1], [410, 0.2]],
        ["wavelength", "absorbance"],
        [],
        "",
    ),
    "two years below their name": (
        "t.csv",
        "Monat;Jan;Feb\n2019;1,5;2\n2020;4;6,5\n",
        [[2019, 1.5, 2], [2020, 4, 6.5]],
        ["Monat", "Jan", "Feb"],
        [],
        "may be row labels",
    ),
    "words that are numbers": (
        "t.txt",
        "2008 0.1 0.2 0.3\nthe 0.4 0.5 0.6\n2009 0.7 0.8 0.9\n",
        [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]],
        [],
        ["2008", "the", "2009"],
        "row labels",
    ),
    "words with blanks": (
        "t.vec",
        "2 3\nnew_york 0.1 0.2 0.3\nnew jersey 0.4 0.5 0.6\n",
        [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]],
        [],
        ["new_york", "new jersey"],
        "word vectors (2 x 3)",
    ),
    "raster with a factor": (
        "t.asc",
        f"{PLACE}multiplier: 0.5\n1 2 3\n4 * 6\n",
        [[0.5, 1, 1.5], [2, NAN, 3]],
        [],
        [],
        "multiplied by 0.5",
    ),
    "raster with a factor and a null": (
        "t.asc",
        f"{PLACE}null: -9\nmultiplier: 2\n1 -9.0 3\n4 5 6\n",
        [[2, NAN, 6], [8, 10, 12]],
        [],
        [],
        "multiplied by 2",
    ),
    "two indices of pandas": (
        "t.csv",
        "Unnamed: 0.1,Unnamed: 0,a,b\n0,0,1.5,2\n1,1,3,4\n",
        [[1.5, 2], [3, 4]],
        ["a", "b"],
        ["0 · 0", "1 · 1"],
        "first 2 columns are taken as row labels",
    ),
    "bars on both sides": ("t.txt", "| 1 | 2 |\n| 3 | 4 |\n", TWO, [], [], "Column 1 is empty"),
    "tabs in front": ("t.txt", "\t1\t2\n\t3\t4\n", TWO, [], [], "Column 1 is empty"),
    "units and places of an oscilloscope": (
        "t.csv",
        "X,CH1,Start,Increment,\nSequence,Volt,-6.0e-03,1.0e-05,\n0,1.5,,,\n1,2.5,,,\n2,3,,,\n",
        [[0, 1.5, NAN, NAN], [1, 2.5, NAN, NAN], [2, 3, NAN, NAN]],
        ["X", "CH1", "Start", "Increment"],
        [],
        "Headings in row 2 are left out",
    ),
    "remarks beside an oscilloscope's table": (
        "t.csv",
        "Record Length,2500,,0,1.5,\n,,,1,2.5,\nSource,CH1,,2,3,\n" + ",,,4,5,\n" * 4,
        [[0, 1.5], [1, 2.5], [2, 3], *[[4, 5]] * 4],
        [],
        [],
        "Columns 1, 2 are text and left out",
    ),
    "labview": (
        "t.lvm",
        "LabVIEW Measurement\t\nSeparator\tTab\n***End_of_Header***\t\n\t\n"
        "Samples\t3\t3\t\nX0\t0,0E+0\t0,0E+0\t\n***End_of_Header***\t\t\t\n"
        "X_Value\tA\tB\tComment\n" + "0,5\t1,5\t2\n1\t3\t4,5\n" * 8,
        [[0.5, 1.5, 2], [1, 3, 4.5]] * 8,
        ["X_Value", "A", "B"],
        [],
        "Decimal commas",
    ),
    "list in json": ("t.json", "[[1, 2], [3, 4.5]]", [[1, 2], [3, 4.5]], [], [], "brackets"),
}


@pytest.mark.parametrize("case", CASES)
def test_read_as_the_program_means_it(check, case):
    check(*CASES[case])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5D+02", 50),
        ("1d0", 1),
        ("3D-2", 0.03),
        ("1.5Q+1", 15),
        ("2018Q1", None),
        ("2018D1", None),
    ],
)
def test_the_letters_of_fortran_need_the_shape_of_a_number(text, value):
    if value is None:
        with pytest.raises(ValueError, match=text):
            to_number(text)
    else:
        assert to_number(text) == pytest.approx(value, rel=1e-15)
    assert to_number("1,5D+1", Convention(",")) == 15


@pytest.mark.parametrize("rows", [3, 700])
def test_the_letters_of_fortran_are_the_same_in_long_tables(write, rows):
    path = write("t.csv", "name,a\n" + "2018D1,1.5D0\n" * rows)
    with open_matrix_file(path) as source:
        assert source.entries[0].row_labels == ("2018D1",) * rows
        np.testing.assert_array_equal(source.read("t"), np.full(rows, 1.5))
    with pytest.raises(FileError, match="'2018D1' is not a number"):
        open_matrix_file(write("u.csv", "a,b\n" + "1.5D0,2\n" * rows + "1,2018D1\n"))


def test_what_is_no_utf8_is_read_as_windows_writes_it(write):
    path = write("t.csv", "größe;b\n5,50 €;–2\n3;4\n".encode("cp1252"))
    with open_matrix_file(path) as source:
        np.testing.assert_array_equal(source.read("t"), [[5.5, -2], [3, 4]])
        assert source.entries[0].column_labels == ("größe", "b")
        assert "Windows-1252" in source.entries[0].note
    with open_matrix_file(write("u.csv", b"\x81,b\n1,2\n3,4\n")) as source:
        assert "Latin-1" in source.entries[0].note


def test_dput_of_a_data_frame_is_refused(write):
    path = write("t.txt", 'structure(list(a = c(1, 2)), class = "data.frame", row.names = 1:2)\n')
    with pytest.raises(FileError, match=r"dput.*write\.csv"):
        open_matrix_file(path)


@pytest.mark.parametrize("kind", ["grid", "gene pattern"])
def test_lines_above_long_rows_are_no_limit_to_them(write, monkeypatch, kind):
    monkeypatch.setattr("engine.files.formats.text._PRINTED_BYTES", 1)
    numbers = np.arange(40.0).reshape(4, 10)
    lines = [" ".join(map(str, row)) for row in numbers]
    above = "ncols 10\nnrows 4\ncellsize 1\nNODATA_value 7\n"
    if kind == "gene pattern":
        lines = [f"g{place}\tna\t" + line.replace(" ", "\t") for place, line in enumerate(lines)]
        above = "#1.2\n4\t10\nName\tDescription\t" + "\t".join("abcdefghij") + "\n"
    else:
        numbers[0, 7] = NAN
    with open_matrix_file(write("t.txt", above + "\n".join(lines) + "\n")) as source:
        np.testing.assert_array_equal(source.read("t"), numbers)
    lines[2] = lines[2][:-4] + "x"
    row, column = above.count("\n") + 3, len(lines[0].split())
    with pytest.raises(FileError, match=f"row {row}, column {column}:"):
        open_matrix_file(write("u.txt", above + "\n".join(lines) + "\n"))


def test_a_long_raster_whose_lines_are_no_rows_is_refused(write, monkeypatch):
    monkeypatch.setattr("engine.files.formats.text._PRINTED_BYTES", 0)
    path = write("t.asc", "ncols 3\nnrows 2\ncellsize 1\nNODATA_value -9\n1 2\n3 4 5 -9\n")
    with pytest.raises(FileError, match="whose lines are no rows"):
        open_matrix_file(path)


def test_words_of_several_lines_in_a_long_table(write, monkeypatch):
    """The compiled kernel refuses them, and goes on behind them."""
    monkeypatch.setattr(text, "_COMPILED_BYTES", 0)
    rows = [f'{n},"of\n{n} lines",{n / 4}' if n % 7 == 3 else f"{n},one,{n / 4}" for n in range(60)]
    path = write("t.csv", "n,said,x\n" + "\n".join(rows) + "\n")
    entry = open_matrix_file(path).entries[0]
    expected = [[n, n / 4] for n in range(60)]
    np.testing.assert_array_equal(open_matrix_file(path).read(entry.name), expected)


def test_a_quote_that_never_closes_is_named_with_its_row(write):
    with pytest.raises(FileError, match="row 3: a quote is opened but not closed"):
        open_matrix_file(write("t.csv", 'a,b\n1,2\n3,"4\n' + "5,6\n" * 40))
