"""What a person says of a table overrules what is found."""

from __future__ import annotations

import pytest

from engine.files import TableReading

# File, contents, numbers, names of columns and of rows, a word of the notes, what is said.
CASES = {
    "tilde sep": ("t.csv", "1~2\n3~4\n", [[1, 2], [3, 4]], [], [], "", {"delimiter": "~"}),
    "colon": (
        "t.csv",
        "a:b\n1:2\n3:4\n",
        [[1, 2], [3, 4]],
        ["a", "b"],
        [],
        "",
        {"delimiter": ":"},
    ),
    "header1 index1": (
        "t.csv",
        "a,1,2\nb,3,4\nc,5,6\n",
        [[3, 4], [5, 6]],
        ["1", "2"],
        ["b", "c"],
        "",
        {"header": 1, "index": 1},
    ),
    "skip2": ("t.csv", "x\ny\n1,2\n3,4\n", [[1, 2], [3, 4]], [], [], "", {"skip": 2}),
    "skip data": ("t.csv", "1,2\n3,4\n5,6\n", [[3, 4], [5, 6]], [], [], "", {"skip": 1}),
    "columns order": (
        "t.csv",
        "1,2,3\n4,5,6\n",
        [[1, 3], [4, 6]],
        [],
        [],
        "",
        {"columns": (2, 0)},
    ),
    "columns+index": (
        "t.csv",
        "n,a,b,c\nx,1,2,3\ny,4,5,6\n",
        [[1, 3], [4, 6]],
        ["a", "c"],
        ["x", "y"],
        "",
        {"index": 1, "columns": (1, 3)},
    ),
    "decimal over": (
        "t.csv",
        "1,5\t2,5\n3,5\t4,5\n",
        [[1.5, 2.5], [3.5, 4.5]],
        [],
        [],
        "",
        {"decimal": ","},
    ),
    "thousands over": (
        "t.csv",
        "1.234;5\n2.345;6\n",
        [[1234, 5], [2345, 6]],
        [],
        [],
        "",
        {"thousands": "."},
    ),
    "thousands none": (
        "t.csv",
        "1,234\t5,678\n2,345\t6,789\n",
        [[1.234, 5.678], [2.345, 6.789]],
        [],
        [],
        "",
        {"thousands": ""},
    ),
    "index2": (
        "t.csv",
        "a,b,1,2\nc,d,3,4\n",
        [[1, 2], [3, 4]],
        [],
        ["a · b", "c · d"],
        "",
        {"index": 2},
    ),
    "tab eu dots over": (
        "t.txt",
        "1.234\t5.678\n2.345\t6.789\n",
        [[1234, 5678], [2345, 6789]],
        [],
        [],
        "",
        {"thousands": ".", "decimal": ","},
    ),
    "columns text chosen": (
        "t.csv",
        "a,k,b\n1,x,2\n3,y,4\n",
        [2, 4],
        ["b"],
        [],
        "",
        {"columns": (2,)},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_said_is_done(check, case):
    *expected, said = CASES[case]
    check(*expected, TableReading(**said))
