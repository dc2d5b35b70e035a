"""Numbers as they are typed: one rule for boxes, what is pasted and the cells of tables."""

from __future__ import annotations

import itertools

import pytest

from engine.files.layouts.table import numerals
from engine.files.layouts.table.numerals import convention_of, to_number
from engine.files.layouts.table.pasted import numbers_in
from gui.core.declare.options import BadOption, parsed
from gui.core.widgets.number_control import NumberControl
from gui.core.words.numbers import number_complaint, parse_number, readings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567,25", 1234567.25),
        ("1,234,567", 1234567.0),
        ("12,34,567", 1234567.0),
        ("1'234.5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1 234 567", 1234567.0),
        ("\u22120,5", -0.5),
        ("- 5", -5.0),
        ("1.234", 1.234),
        ("0,234", 0.234),
        ("1234,567", 1234.567),
        (".5e-3", 5e-4),
        ("1.234,5e2", 123450.0),
        ("007", 7.0),
    ],
)
def test_the_last_mark_is_the_decimal_one(text, expected):
    assert parse_number(text) == expected
    assert number_complaint(text) == ""


@pytest.mark.parametrize(
    "text", ["1,2,3", "1.2,3.4", "1,23.5", "1.234,5.6", "1 2", "1 000,5 000", ",", "1..5", "1e400"]
)
def test_marks_that_group_nothing_make_no_number(text):
    assert parse_number(text) is None
    assert "is not a number" in number_complaint(text)


@pytest.mark.parametrize(
    ("text", "one", "other"), [("1,234", "1.234", "1234"), ("-12,000e3", "-12000", "-12000000")]
)
def test_what_can_be_two_numbers_is_refused_with_both_named(qtbot, text, one, other):
    control = NumberControl("k", -1e9, 1e9, 5.0)
    qtbot.addWidget(control)
    control.box.lineEdit().setText(text)
    control.box.interpretText()
    assert control.value() == 5.0
    assert one in control.error()
    assert other in control.error()


def test_a_box_takes_what_a_table_takes(qtbot):
    control = NumberControl("k", 0, 1e9, 5.0)
    qtbot.addWidget(control)
    control.box.lineEdit().setText("1.234,5")
    control.box.interpretText()
    assert control.value() == 1234.5


def test_marks_of_other_scripts_are_those_of_tables():
    texts = {"-": "{}5", "+": "{}5", " ": "1{}234,5", "'": "1{}234.5", ".": "0{}5", ",": "1{}234.5"}
    tried = 0
    for code, plain in numerals._SAME.items():
        if plain in texts:
            text = texts[plain].format(chr(code))
            assert parse_number(text) == parse_number(texts[plain].format(plain)), text
            assert parse_number(text) is not None
            tried += 1
    assert tried > 15
    assert parse_number("１，２３４．５") == 1234.5


def test_no_spelling_is_read_as_one_number_here_and_as_another_in_tables():
    told = 0
    for letters in itertools.product(("1", "23", "234", "0", ".", ",", "'"), repeat=5):
        text = "".join(letters)
        found = readings(text)
        convention = convention_of([text], thousands_first=True)
        if convention is None or not found:
            continue
        try:
            table = to_number(text, convention)
        except ValueError:
            continue
        assert table in found, text
        lone = [item.value for item in numbers_in(text)]
        parted = len(lone) > 1 or text.startswith(",")  # there a comma parts numbers
        assert parted or lone[0] in (None, *found), text
        told += 1
    assert told > 2000


def test_an_option_names_both_readings():
    from gui.pages.spectrum.compute.shared import Shared

    rank = Shared.rank
    with pytest.raises(BadOption, match=r"1\.234 or 1234"):
        parsed(rank, "1,234")
