"""Tables are read again as they were before headings of numbers and signs were known.

The numbers are those that the reader of then gave of each text.
"""

from __future__ import annotations

import numpy as np
import pytest

from engine.files import former_readings, open_matrix_file

NAN = float("nan")
THEN = {
    "years": (
        "country,1990,1995\nA,1.5,2.5\nB,3.5,4.5\n",
        [[1990.0, 1995.0], [1.5, 2.5], [3.5, 4.5]],
    ),
    "years2": ("1990,1995\n1.5,2.5\n3.5,4.5\n", [[1990.0, 1995.0], [1.5, 2.5], [3.5, 4.5]]),
    "pandas": (",0,1,2\n0,1.5,2.5,3\n1,2,3,4\n", [[1.5, 2.5, 3.0], [2.0, 3.0, 4.0]]),
    "rshort": ('"a" "b"\n"1" 1 2\n"2" 3 4\n', [[1.0, 2.0], [3.0, 4.0]]),
    "words": ("a,b\n1,2\n3,4\n", [[1.0, 2.0], [3.0, 4.0]]),
    "index": ("id,a,b\n1,2,3\n2,4,5\n", [[1.0, 2.0, 3.0], [2.0, 4.0, 5.0]]),
    "semi": ("a;b\n1,5;2\n3;4,25\n", [[1.5, 2.0], [3.0, 4.25]]),
    "semi2": ("1;2\n3;4,5\n", [[1.0, 2.0], [3.0, 4.5]]),
    "thou": ("1,234\t5\n2,345\t6\n", [[1.234, 5.0], [2.345, 6.0]]),
    "trail": ("1,2,\n3,4,\n", [[1.0, 2.0], [3.0, 4.0]]),
    "empty": ("a,b,\n1,2,\n3,4,\n", [[1.0, 2.0], [3.0, 4.0]]),
    "miss": ("1,,3\n,5,6\n", [[1.0, NAN, 3.0], [NAN, 5.0, 6.0]]),
    "emptycol": ("a,,b\n1,,3\n4,,6\n", [[1.0, NAN, 3.0], [4.0, NAN, 6.0]]),
    "blank": ("  1 2 3\n 4  5 6\n", [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    "tabs": ("x\ty\n1\t2\n3\t4\n", [[1.0, 2.0], [3.0, 4.0]]),
    "comment": ("# c\n1,2\n3,4\n", [[1.0, 2.0], [3.0, 4.0]]),
    "wave": (
        "400,410,420\n0.1,0.2,0.3\n0.3,0.1,0.2\n",
        [[400.0, 410.0, 420.0], [0.1, 0.2, 0.3], [0.3, 0.1, 0.2]],
    ),
    "wave2": (
        "nm,1,2,3\n400,0.1,0.2,0.3\n410,0.3,0.1,0.2\n",
        [[400.0, 0.1, 0.2, 0.3], [410.0, 0.3, 0.1, 0.2]],
    ),
    "unnamed": ("Unnamed: 0,a,b\n0,1,2\n1,3,4\n", [[0.0, 1.0, 2.0], [1.0, 3.0, 4.0]]),
    "bar": ("1|2\n3|4\n", [[1.0, 2.0], [3.0, 4.0]]),
    "col": ("1\n2\n3\n", [1.0, 2.0, 3.0]),
    "colhead": ("x\n1\n2\n3\n", [1.0, 2.0, 3.0]),
    "labels": ("A,1,2\nB,3,4\n", [[1.0, 2.0], [3.0, 4.0]]),
    "glove": ("the 0.1 0.2 0.3\nof 0.3 0.2 0.1\n", [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]]),
    "rnum": ('"1990","1995"\n1.5,2\n2.5,3\n', [[1990.0, 1995.0], [1.5, 2.0], [2.5, 3.0]]),
    "rwc": ('"","a","b"\n"1",1,2\n"2",3,4\n', [[1.0, 2.0], [3.0, 4.0]]),
    "quoted": ('"1","2"\n"3","4"\n', [[1.0, 2.0], [3.0, 4.0]]),
    "sep": ("sep=;\n1;2\n3;4\n", [[1.0, 2.0], [3.0, 4.0]]),
    "nan": ("NA,1\n2,NaN\n", [[NAN, 1.0], [2.0, NAN]]),
    "xna": ("a,b,c\n1,NA,2\n3,NA,4\n", [[1.0, NAN, 2.0], [3.0, NAN, 4.0]]),
}


@pytest.mark.parametrize("name", THEN)
def test_the_first_reading_that_fits_gives_the_numbers_of_then(tmp_path, name):
    text, numbers = THEN[name]
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    for reading, columns in former_readings(str(path)):
        with open_matrix_file(path, reading=reading) as source:
            found = source.read("t")
        if found.ndim == 1 or found.shape[1] == columns:
            break
    np.testing.assert_array_equal(found, numbers)


def test_a_decimal_comma_far_below_and_latin_letters_were_read_too(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("é;b\n".encode("latin-1") + b"1;2\n" * 80 + b"1,5;2\n")
    shapes = []
    for reading, _ in former_readings(str(path)):
        with open_matrix_file(path, reading=reading) as source:
            shapes.append(source.entries[0].shape)
    assert (81, 2) in shapes


@pytest.mark.parametrize(("name", "content"), [("t.npy", b"1,2\n"), ("t.csv", b""), ("t.gz", b"1")])
def test_what_was_no_table_then_has_no_reading(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert former_readings(str(path)) == []
    assert former_readings(str(tmp_path / "gone.csv")) == []
