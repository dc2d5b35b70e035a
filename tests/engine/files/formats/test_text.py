from __future__ import annotations

import csv
import time

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.formats import text
from engine.jobs import Cancelled

NAN = float("nan")
PLAIN = [[1.5, 2.0, -3.25], [4.0, 5e-3, 6.0]]

TABLES = {
    "comma": ("1.5,2,-3.25\n4,5e-3,6\n", PLAIN),
    "comma and blanks": ("1.5, 2, -3.25\n4 , 5e-3, 6\n", PLAIN),
    "semicolon": ("1.5;2;-3.25\n4;5e-3;6\n", PLAIN),
    "tab": ("1.5\t2\t-3.25\n4\t5e-3\t6\n", PLAIN),
    "bar": ("1.5|2|-3.25\n4|5e-3|6\n", PLAIN),
    "blanks": ("  1.5 2   -3.25\n4\t5e-3 6  \n", PLAIN),
    "savetxt": ("# made by hand\n1.5 2 -3.25\n4 5e-3 6\n", PLAIN),
    "decimal comma; semicolon": ("1,5;2;-3,25\n4;5e-3;6\n", PLAIN),
    "decimal comma, tab": ("1,5\t2\t-3,25\n4\t5e-3\t6\n", PLAIN),
    "no newline at the end": ("1.5,2,-3.25\n4,5e-3,6", PLAIN),
    "windows newlines": ("1.5,2,-3.25\r\n4,5e-3,6\r\n", PLAIN),
    "mac newlines": ("1.5,2,-3.25\r4,5e-3,6\r", PLAIN),
    "blank lines": ("\n\n1.5,2,-3.25\n\n  \n4,5e-3,6\n\n", PLAIN),
    "comments": ("# one\n1.5,2,-3.25\n  # two, 3\n4,5e-3,6\n#\n", PLAIN),
    "dos end mark": ("1.5,2,-3.25\r\n4,5e-3,6\r\n\x1a", PLAIN),
    "trailing separators": ("1.5,2,-3.25,\n4,5e-3,6,\n", PLAIN),
    "trailing separator once": ("1.5,2,-3.25\n4,5e-3,6,\n", PLAIN),
    "trailing tabs": ("1.5\t2\t-3.25\t\n4\t5e-3\t6\t\n", PLAIN),
    "trailing under a heading": ("a,b,c\n1.5,2,-3.25,\n4,5e-3,6,\n", PLAIN),
    "heading": ("a,b,c\n1.5,2,-3.25\n4,5e-3,6\n", PLAIN),
    "heading in blanks": ("a b c\n1.5 2 -3.25\n4 5e-3 6\n", PLAIN),
    "partly numeric heading": ("2021,b,2023\n1.5,2,-3.25\n4,5e-3,6\n", PLAIN),
    "quoted heading": ('"a, b","c","d"\n1.5,2,-3.25\n4,5e-3,6\n', PLAIN),
    "quoted numbers": ('"1.5","2","-3.25"\n"4","5e-3","6"\n', PLAIN),
    "quoted decimal commas": ('"1,5";"2";"-3,25"\n4;5e-3;6\n', PLAIN),
    "quotes between blanks": ('"row one" 1.5 2 -3.25\n"row  two"  4 5e-3 6\n', PLAIN),
    "row labels": ("x,1.5,2,-3.25\ny,4,5e-3,6\n", PLAIN),
    "heading and labels": ("name,a,b,c\nx,1.5,2,-3.25\ny,4,5e-3,6\n", PLAIN),
    "labels in blanks": ("x 1.5 2 -3.25\ny  4 5e-3 6\n", PLAIN),
    "quoted labels": ('"x, 1",1.5,2,-3.25\n"y",4,5e-3,6\n', PLAIN),
    "labels with decimal comma": ("x;1,5;2;-3,25\ny;4;5e-3;6\n", PLAIN),
    "R style heading": ("a b c\nx 1.5 2 -3.25\ny 4 5e-3 6\n", PLAIN),
    "R style row numbers": ("a b c\n1 1.5 2 -3.25\n2 4 5e-3 6\n", PLAIN),
    "heading of dates": ("2020-01-01,2020-01-02\n1,2\n3,4\n", [[1, 2], [3, 4]]),
    "labels of dates": ("2020-01-01,1,2\n2020-01-02,3,4\n", [[1, 2], [3, 4]]),
    "pandas index": (",a,b,c\n0,1.5,2,-3.25\n1,4,5e-3,6\n", PLAIN),
    "pandas index, numbered": (",0,1,2\n0,1.5,2,-3.25\n1,4,5e-3,6\n", PLAIN),
    "empty cells": ("1,,3\n,5,6\n7,8,\n", [[1, NAN, 3], [NAN, 5, 6], [7, 8, NAN]]),
    "empty cells, tab": ("1\t\t3\n\t5\t6\n7\t8\t\n", [[1, NAN, 3], [NAN, 5, 6], [7, 8, NAN]]),
    "row of empty cells": ("1,2\n,\n3,4\n", [[1, 2], [NAN, NAN], [3, 4]]),
    "row of empty cells, tab": ("1\t2\n\t\n3\t4\n", [[1, 2], [NAN, NAN], [3, 4]]),
    "NA and the like": (
        "1,NA,n/a\nnan,NaN,NULL\n2,None,#N/A\n",
        [[1, NAN, NAN], [NAN] * 3, [2, NAN, NAN]],
    ),
    "NA in blanks": ("1 NA\n2 3\n", [[1, NAN], [2, 3]]),
    "NA with decimal comma": ("1,5;NA\n;2\n", [[1.5, NAN], [NAN, 2]]),
    "infinity": ("1,inf\n-Inf,2\n", [[1, np.inf], [-np.inf, 2]]),
    "one column": ("1\n2\n3\n", [1, 2, 3]),
    "one column under a heading": ("score\n1\n2\n3\n", [1, 2, 3]),
    "one labelled column": ("a,1\nb,2\nc,3\n", [1, 2, 3]),
    "one row": ("1,2,3\n", [1, 2, 3]),
    "one labelled row": ("loss,1,2,3\n", [1, 2, 3]),
    "one number": ("3.5", [3.5]),
    "late decimal comma": ("1;2\n" * 80 + "1,5;2\n", [[1, 2]] * 80 + [[1.5, 2]]),
}


@pytest.mark.parametrize("case", TABLES)
def test_text_table_reads(write, case):
    content, expected = TABLES[case]
    source = open_matrix_file(write("table.csv", content))
    (entry,) = source.entries
    got = source.read("table")
    np.testing.assert_array_equal(got, np.array(expected, dtype=float))
    assert (entry.name, entry.shape, entry.dtype, entry.bytes) == (
        "table",
        got.shape,
        np.dtype(float),
        got.nbytes,
    )
    assert not got.flags.writeable


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_encodings_read(write, encoding, newline):
    # The UTF-16 without a mark is told by its zero bytes, which only plain text has.
    heading = "größe;länge" if encoding in ("utf-8", "utf-8-sig", "latin-1") else "size;long"
    content = newline.join([heading, "1,5;2", "3;4", ""]).encode(encoding)
    source = open_matrix_file(write("t.txt", content))
    np.testing.assert_array_equal(source.read("t"), [[1.5, 2.0], [3.0, 4.0]])
    assert ("Windows-1252" in source.entries[0].note) == (encoding == "latin-1")


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("1,2\n3,4\n", ""),
        ("# x\na,b\n1,2\n", "Row 2 is taken as column names."),
        ("x,1\ny,2\n", "The first column is taken as row labels."),
        ("1,5;2\n3;4\n", "Decimal commas."),
        ("1,NA\n,4\n", "2 missing values (empty, NA or NaN)."),
        ("1,NA\n3,4\n", "1 missing value (empty, NA or NaN)."),
        ("1,inf\n2,3\n", "1 infinite value."),
        ("1,inf\n2,-inf\n", "2 infinite values."),
    ],
)
def test_text_assumptions_are_noted(write, content, note):
    assert open_matrix_file(write("n.csv", content)).entries[0].note == note


MISTAKES = {
    "ragged": ("1,2,3\n4,5,6\n7,8\n", "row 3 has 2 columns, the rows before it have 3"),
    "ragged, too many": ("1 2\n3 4 5\n", "row 2 has 3 columns, the rows before it have 2"),
    "ragged below comments": (
        "# c\n\n1;2\n# c\n\n3\n",
        "row 6 has 1 column, the rows before it have 2",
    ),
    "ragged below labels": ("x,1,2\ny,3\nz,4,5\n", "row 2 has 2 columns"),
    "ragged, windows": ("1,2\r\n3,4\r\n5\r\n", "row 3 has 1 column"),
    "ragged row 17": (
        "1,2,3,4,5\n" * 16 + "1,2,3,4\n",
        "row 17 has 4 columns, the rows before it have 5",
    ),
    "word": ("1,2\n3,abc\n", "row 2, column 2: 'abc' is not a number"),
    "word below labels": ("x,1,2\ny,3,four\n", "row 2, column 3: 'four' is not a number"),
    "word below a heading": ("a;b\n1;2\n\n3;4x\n", "row 4, column 2: '4x' is not a number"),
    "underscore": ("1,2\n3,1_000\n", "row 2, column 2: '1_000' is not a number"),
    "long word": ("1,2\n3," + "y" * 99 + "\n", "column 2: '" + "y" * 37 + r"\.\.\.' is not"),
    "hexadecimal": ("1,2\n3,0x1F\n", "'0x1F' is not a number"),
    "mixed decimals": (
        "1,5;2\n1.23;3\n1,5;2\n",
        r"row 2, column 1: '1\.23' is not a number.*throughout",
    ),
    "late mixed decimals": ("1.5;2\n" * 80 + "3;1,5\n", r"row 1, column 1: '1\.5' .*throughout"),
    "thousands in the wrong place": ("1.34,5;2\n3;4\n5;6\n7;8\n", "'1.34,5' is not a number"),
    "open quote": ('1,2\n3,"4\n', "row 2: a quote is opened but not closed"),
    "only a heading": ("alpha,beta\n", "only a heading"),
    "only a heading below comments": ("# x\nalpha\n\n", "only a heading"),
    "only comments": ("# x\n\n# y\n", "only blank lines and comments"),
    "only missing values": (
        "NaN,NaN\nNaN,NaN\n",
        r"all its values are missing \(empty, NA or NaN\)",
    ),
    "only empty cells": (",,\n,,\n", "all its values are missing"),
    "a heading over missing values": ("a,b\nNA,\n,NA\n", "all its values are missing"),
    "labels beside missing values": ("x,NA\ny,NA\n", "all its values are missing"),
    "only blanks": ("\n  \n\t\n", "only blank lines and comments"),
    "only a byte order mark": ("\ufeff", "only blank lines and comments"),
    "zero bytes": (b"1,2\n3,\x004\n", "binary data"),
    "control bytes": (bytes(range(1, 32)) * 4, "binary data"),
    "half a character": ("1;2\n3;4".encode("utf-16") + b"1", "not valid UTF-16"),
    "prose": (
        "Dear all,\nplease find it attached.\nYours\n",
        "no numbers are found in its first lines",
    ),
    "mistyped first row": ("1,2'00,3\n4,5,6\n", 'row 1, column 2: "2\'00" is not a number'),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_text_mistake_is_named_with_its_place(write, case):
    content, sentence = MISTAKES[case]
    with pytest.raises(FileError, match=sentence) as caught:
        open_matrix_file(write("m.csv", content))
    assert caught.value.hint


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("special", ["", "3,NA\n", '"3",4\n', "# comment\n", "\n"])
def test_text_rows_are_numbered_across_chunks(write, monkeypatch, newline, special):
    monkeypatch.setattr(text, "_CHUNK_CHARACTERS", 50)
    lines = "1,2\n" * 30 + special + "1,2\n" * 30
    content = (lines + "5,oops\n").replace("\n", newline)
    row = lines.count("\n") + 1
    with pytest.raises(FileError, match=f"row {row}, column 2: 'oops'"):
        open_matrix_file(write("c.csv", content))


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("case", [name for name in TABLES if not name.startswith("late")])
def test_text_chunks_make_no_difference(write, monkeypatch, chunk, case):
    content, expected = TABLES[case]
    source = open_matrix_file(write("once.csv", content))
    monkeypatch.setattr(text, "_CHUNK_CHARACTERS", chunk)
    chunked = open_matrix_file(write("chunked.csv", content))
    np.testing.assert_array_equal(chunked.read("chunked"), np.array(expected, dtype=float))
    assert chunked.entries[0].note == source.entries[0].note


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("seed", range(4))
def test_text_round_trip_is_exact(tmp_path, separator, seed):
    rng = np.random.default_rng(seed)
    array = rng.standard_normal((rng.integers(2, 40), rng.integers(2, 9)))
    array *= 10.0 ** rng.integers(-300, 300, size=array.shape)
    path = tmp_path / "r.txt"
    with path.open("w", newline="") as stream:
        csv.writer(stream, delimiter=separator).writerows(array.tolist())
    np.testing.assert_array_equal(open_matrix_file(path).read("r"), array)


def test_text_parts_are_read_from_one_parse(write, monkeypatch):
    source = open_matrix_file(write("p.csv", "1,2,3\n4,5,6\n"))
    monkeypatch.setattr(text, "_parse", None)
    np.testing.assert_array_equal(source.read("p", rows=1, cols=slice(1, None)), [5, 6])
    np.testing.assert_array_equal(source.read("p", cols=0), [1, 4])


def test_text_reports_bytes_and_can_be_cancelled(write, monkeypatch, make_progress):
    monkeypatch.setattr(text, "_CHUNK_CHARACTERS", 10_000)
    path = write("big.csv", "1.25,2.5,3.75\n" * 20_000)
    progress = make_progress()
    open_matrix_file(path, progress)
    fractions = [fraction for fraction, phrase in progress.reports if phrase == "Reading the table"]
    assert len(fractions) > 10
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    with pytest.raises(Cancelled):
        open_matrix_file(path, make_progress(stop_after=5))


def test_text_refuses_a_table_larger_than_memory(write, monkeypatch):
    monkeypatch.setattr(text, "_CHUNK_CHARACTERS", 1000)
    monkeypatch.setattr("engine.room.available_memory", lambda: 20_000)
    with pytest.raises(FileError, match=r"the table takes .* 20 kB are free"):
        open_matrix_file(write("m.csv", "1,2,3\n" * 10_000))


def test_text_of_a_million_numbers_takes_about_a_second(write):
    rng = np.random.default_rng(0)
    lines = [",".join(map("{:.6g}".format, row)) for row in rng.standard_normal((1000, 1000))]
    for content in ("\n".join(lines), "\n".join([*lines, ",".join(["NA"] * 1000)])):
        path = write("fast.csv", content)
        start = time.process_time()
        open_matrix_file(path)
        # Generous, for shared machines; a parser of single cells takes ten times this.
        assert time.process_time() - start < 3.0


def test_numbers_below_many_missing_values_are_read(write):
    path = write("a.csv", b"NA,NA\n" * 60 + b"1,2\n")
    with open_matrix_file(path) as source:
        array = source.read("a")
    assert array.shape == (61, 2)
    assert array[-1].tolist() == [1.0, 2.0]


def test_reading_that_is_given_up_leaves_nothing_to_say(tmp_path):
    # Warnings are errors here, also those of what is thrown away later.
    path = tmp_path / "m.csv"
    path.write_bytes(b"1,2\n" * 200_000 + b"\xff\xfe,x\n")

    class Stop:
        looks = 0

        def report(self, fraction, text):
            self.looks += 1

        @property
        def cancelled(self):
            return self.looks > 3

    with pytest.raises((Cancelled, FileError)):
        open_matrix_file(path, Stop())
    with path.open("rb") as stream:
        lines = text._lines(stream, "latin-1")
        next(lines)
    lines.close()
