"""Printed matrices, rules under headings, other endings, quotes, dates: read as they are meant."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.layouts.table.printed.rows import printed_rows

TWO = [[1, 2], [3, 4]]
PRINTED = "A matrix as it is printed"
# File, contents, numbers, names of columns and of rows, a word of the notes.
CASES = {
    "matlab": ("t.txt", "[1 2; 3 4]\n", TWO, [], [], PRINTED),
    "matlab assigned": ("t.m", "A = [1, 2\n];\n", [1, 2], [], [], PRINTED),
    "numpy": ("t.txt", "[[ 1.  2.]\n [ 3.  4.]]\n", TWO, [], [], PRINTED),
    "repr": ("t.txt", "array([[1., 2.],\n       [3., 4.]], dtype=float32)", TWO, [], [], PRINTED),
    "torch": ("t.txt", "tensor([[1., 2.],\n        [3., 4.]])\n", TWO, [], [], PRINTED),
    "scalars": ("t.csv", "[np.float64(1.0), np.float64(2.0)]\n[3, 4]\n", TWO, [], [], PRINTED),
    "json": ("t.txt", "[[1, 2], [3, 4]]", TWO, [], [], PRINTED),
    "mathematica": ("t.txt", "{{1., 2.}, {3., 4.*^0}}\n", TWO, [], [], PRINTED),
    "years stay numbers": ("t.txt", "[[2019, 2020], [1, 2]]", [[2019, 2020], [1, 2]], [], [], ""),
    "markdown": ("t.md", "| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n", TWO, ["a", "b"], [], ""),
    "psql": ("t.txt", " a | b\n---+---\n 1 | 2\n 3 | 4\n", TWO, ["a", "b"], [], ""),
    "mysql": (
        "t.txt",
        "+---+---+\n| a | b |\n+---+---+\n| 1 | 2 |\n| 3 | 4 |\n+---+---+\n",
        TWO,
        ["a", "b"],
        [],
        "",
    ),
    "rst": (
        "t.txt",
        "====  ====\na     b\n====  ====\n1     2\n3     4\n",
        TWO,
        ["a", "b"],
        [],
        "",
    ),
    "labview": (
        "t.lvm",
        "LabVIEW Measurement\t\nSeparator\tTab\n***End_of_Header***\t\t\n"
        "X_Value\tA\n0.5\t1.5\n0.75\t2.5\n1\t3\n",
        [[0.5, 1.5], [0.75, 2.5], [1, 3]],
        ["X_Value", "A"],
        [],
        "",
    ),
    "no ending": ("table", "1 2\n3 4\n", TWO, [], [], ""),
    "weka": (
        "t.arff",
        "% made\n@relation r\n@attribute a numeric\n@ATTRIBUTE 'b c' REAL\n@DATA\n1,2\n3,4\n",
        TWO,
        ["a", "b c"],
        [],
        "",
    ),
    "remark above commas": ("t.csv", "% made by hand\n1,2\n3,4\n", TWO, [], [], ""),
    "single quotes": ("t.csv", "a,b\n'1','2'\n'3','4'\n", TWO, ["a", "b"], [], ""),
    "apostrophes of a sheet": ("t.csv", "a,b\n'1,2\n'3,4\n", TWO, ["a", "b"], [], ""),
    "german dates": (
        "t.csv",
        "01.02.2020;1,5;2\n02.02.2020;3;4\n",
        [[1.5, 2], [3, 4]],
        [],
        ["01.02.2020", "02.02.2020"],
        "row labels",
    ),
    "truth": ("t.csv", "TRUE,FALSE\nFALSE,TRUE\n", [[1, 0], [0, 1]], [], [], "1 and 0"),
    "units in cells": (
        "t.csv",
        "m,n\n1.5 kg,2\n3 kg,4\n",
        [2, 4],
        ["n"],
        ["1.5 kg", "3 kg"],
        "Column 1 begins with numbers but is taken as words (1.5 kg)",
    ),
    "short heading over numbers": (
        "t.txt",
        "values\n1.5 2\n1.7 4\n",
        [2, 4],
        ["values"],
        ["1.5", "1.7"],
        "with 0 label columns it is a column of the matrix",
    ),
    "a row of missing values is no rule": (
        "t.csv",
        "a,b\n---,---\n1,2\n",
        [[np.nan, np.nan], [1, 2]],
        ["a", "b"],
        [],
        "missing",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_read_as_it_is_meant(check, case):
    check(*CASES[case])


REFUSED = {
    "shortened": ("t.txt", "[[1. 2. ... 3.]\n [4. 5. ... 6.]]\n", "leaves out most of its numbers"),
    "json": ("t.csv", '{"a": [1, 2], "b": [3, 4]}\n', "JSON with named members"),
    "records": ("t.txt", '[{"a": 1, "b": 2}]\n', "JSON with named members"),
    "libsvm": ("t.txt", "1 1:0.5 2:0.25\n-1 1:1.5 3:2\n", "LIBSVM"),
    "below a limit": ("t.csv", "a,b\n1,2\n3,<0.5\n3,4\n", "leave it empty or write NA"),
    "prose": ("notes.md", "A note.\nNothing else.\n", "no numbers are found"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_sentence_that_helps(write, case):
    name, content, words = REFUSED[case]
    with pytest.raises(FileError, match=words):
        open_matrix_file(write(name, content))


@pytest.mark.parametrize("text", ["[1] 0.5 0.25", "[0.1, 0.2],5\n[0.3, 0.4],6", "[[1", "[[[1]]]"])
def test_what_is_no_printed_matrix(text):
    assert printed_rows(text) is None or text.startswith("[1]")
