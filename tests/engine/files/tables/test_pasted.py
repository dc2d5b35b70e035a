"""What people paste: columns of spreadsheets, and what R, NumPy, MATLAB and Julia print."""

from __future__ import annotations

import pytest

from engine.files.layouts.table.pasted import numbers_in

TEXTS = {
    "R": ("[1]  0.50 -1.25\n[3]  2.00\n", [0.5, -1.25, 2]),
    "R, one line": ("[1] 4 5 6", [4, 5, 6]),
    "R, a matrix": ("     [,1] [,2]\n[1,]  1.5    2\n[2,]  3.0    4\n", [1.5, 2, 3, 4]),
    "R, names above": ("    a     b\n 0.50  1.25 \n", [0.5, 1.25]),
    "R, a call": ("x <- c(0.5, 1.2)", [0.5, 1.2]),
    "NumPy 2": ("[np.float64(0.5), np.float32(-1e-05)]", [0.5, -1e-5]),
    "NumPy": ("array([[1., 2.],\n       [3., 4.]], dtype=float32)", [1, 2, 3, 4]),
    "PyTorch": ("tensor([0.5, 2.0], device='cuda:0', grad_fn=<A>)", [0.5, 2]),
    "MATLAB": ("x =\n\n    0.5000    1.5000\n", [0.5, 1.5]),
    "Julia": ("3-element Vector{Float64}:\n 0.5\n 1.0\n -2.0", [0.5, 1, -2]),
    "thousands": ("2,345,678\n12,000\n1,050,000", [2345678, 12000, 1050000]),
    "thousands, small ones too": ("1,234\n567", [1234, 567]),
    "thousands and points": ("1,234.5\n20.25", [1234.5, 20.25]),
    "one number of millions": ("1,000,000", [1000000]),
    "money": ("$1,234.50\n$20.00", [1234.5, 20]),
    "decimal commas, some whole": ("1,5\n2\n-0,25", [1.5, 2, -0.25]),
    "decimal commas in a row": ("0,5 1,25 3", [0.5, 1.25, 3]),
    "decimal commas and points": ("1.234,5\n2,25", [1234.5, 2.25]),
    "one number with two marks": ("1.234,5", [1234.5]),
    "one number with two other marks": ("-1,234.50", [-1234.5]),
    "two numbers": ("1.5,2.5", [1.5, 2.5]),
    "narrow blanks": ("1\u202f234,5\n2\u00a0000", [1234.5, 2000]),
    "apostrophes": ("1'234.5\n2'000", [1234.5, 2000]),
    "percent": ("12%\n50 %", [12, 50]),
    "minus": ("\u22121.5 \u20132", [-1.5, -2]),
    "commas between": ("3,1,2", [3, 1, 2]),
    "a list": ("[0, 5; 1, 5]", [0, 5, 1, 5]),
    "strings": ("'0.5', \"0.7\"", [0.5, 0.7]),
    "Fortran": ("0.5D+01 2d0", [5, 2]),
    "masked": ("1\n-inf\n2", [1, float("-inf"), 2]),
}


@pytest.mark.parametrize("case", TEXTS)
def test_numbers_are_found(case):
    text, expected = TEXTS[case]
    found = numbers_in(text.replace("50 %", "50%"))
    assert [item.value for item in found] == expected
    assert all(0 <= item.start < item.end <= len(text) for item in found)


@pytest.mark.parametrize("text", ["1 two 3", "1, two, 3", "1\ntwo\n3", "[1] 1 two", "1;two"])
def test_what_is_no_number_keeps_its_place(text):
    (wrong,) = [item for item in numbers_in(text) if item.value is None]
    assert text[wrong.start : wrong.end] == wrong.text == "two"


def test_not_more_are_looked_at_than_wanted():
    assert len(numbers_in("1 " * 1000, 5)) == 6


def test_a_print_that_leaves_numbers_out_is_no_list_of_numbers():
    found = [item.value for item in numbers_in("[0.5, 1.5, ..., 2.5]")]
    assert found == [0.5, 1.5, None, 2.5]


def test_a_mark_of_the_order_of_bytes_is_no_part_of_a_number():
    assert [item.value for item in numbers_in("\ufeff1.5\n2")] == [1.5, 2.0]
