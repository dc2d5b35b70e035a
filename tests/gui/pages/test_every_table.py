"""Every table and all read-outs of every page as text: numbers in full, heads in words."""

from __future__ import annotations

import csv
import io
import math
import re

import numpy as np
import pytest

from engine.files import memory_source
from gui.core.declare.draw import draw_plot
from gui.core.export.listing import TEXT_FORMATS, csv_text, latex_text, markdown_text
from gui.core.figure.table import Cell, Column, Row, Table, table_of_rows
from gui.core.state.document import Second
from gui.core.words.i18n import set_language
from gui.draw import opened_from
from tests.support.every import PLOTS, of_array, small

TABLES = [pytest.param(*one, id=one[1].key) for one in PLOTS if one[1].form() != "figure"]
# A number with a fraction, as it is shown.
_FRACTION = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
# Sentences about numbers, and words that are no number of their own.
SENTENCES = ("Reason", "Measured here", "Claim", "Parameters", "Note", "Why", "Type")
FEWER = {"topk": {"k": 2.0}, "spectrum": {"rank": 3}, "column_row": {"r": 3}}


@pytest.fixture
def table(request, page, plot):
    given = small()
    if page.key == "checkpoint":
        rng = np.random.default_rng(2)
        base = memory_source({"small": rng.normal(size=(9, 7)), "other": rng.normal(size=(7, 5))})
        given = given | {Second: Second(opened_from(base, "small"))}
    if page.key == "spectrum" and plot.key == "spectrum.tails":
        values = (np.arange(1.0, 61.0) ** -0.8)[:, None] * np.eye(60)
        given = of_array(values)
    return draw_plot(page, plot.key, given, FEWER.get(page.key, {})).table


def lines(table):
    text = csv_text(table)
    return list(csv.reader(line for line in io.StringIO(text) if not line.startswith("# ")))


def is_bound(text):
    return text.startswith(("<", ">", "≤", "≥", "auto"))


@pytest.mark.parametrize(("page", "plot"), TABLES)
def test_every_number_shown_is_written_in_full(page, plot, table):
    """What rounds to the digits that are shown, and has all of them."""
    _, *body = lines(table)
    numbers = [_float(one) for line in body for one in line]
    found = np.array([one for one in numbers if one is not None and math.isfinite(one)])
    missing = []
    for row in table.cells:
        for column, cell in zip(table.columns, row, strict=True):
            shown = cell.text.replace("−", "-").replace("\u202f", "")
            if column.title in SENTENCES or is_bound(shown) or re.search(r"[a-z]\d", shown):
                continue
            shown = re.sub(r"\(.*%\)", "", shown)  # of a count its share
            for text in _FRACTION.findall(shown.replace("[", " ").replace(",", " ")):
                unit = 10.0 ** -len(text.partition(".")[2].partition("e")[0])
                power = float(f"1e{text.partition('e')[2] or 0}")
                scale = 0.01 if f"{text} %" in shown else 1.0
                near = np.abs(found - scale * float(text)) <= 1.01 * unit * power * scale
                if not near.any():
                    missing.append(f"{row[0].text}, {column.title}: {cell.text}")
    assert missing == []


def _float(text):
    try:
        return float(text)
    except ValueError:
        return None


@pytest.mark.parametrize("spoken", ["en", "zh_CN"])
@pytest.mark.parametrize(("page", "plot"), TABLES)
def test_heads_are_words_and_rows_stand_for_themselves(page, plot, table, spoken):
    for form in TEXT_FORMATS:
        assert form.text(table).strip()
    head, *body = lines(table)
    assert len(set(head)) == len(head)
    assert {len(line) for line in body} <= {len(head)}
    if plot.key != "spectrum.entries":  # its heads are the numbers of columns
        assert [one for one in head if not re.search(r"[^\W\d_]{2}|[一-龥]|p ≤ 1", one)] == []
    if plot.form() == "rows":
        named = [(line[0], line[2]) for line in body]
        assert len(set(named)) == len(named)
        assert not any(line[0].startswith("…") for line in body)
        assert "| … " not in markdown_text(table)


@pytest.mark.parametrize(("page", "plot"), TABLES)
def test_latex_is_what_pdflatex_can_set(page, plot, table):
    assert [one for one in latex_text(table) if ord(one) > 0xFF] == []


def test_a_verdict_and_its_number_have_a_column_each():
    columns = (Column("Operator"), Column("Shift", measure="worst violation"))
    cells = ((Cell("Hard"), Cell("holds: 0.33", 1 / 3)), (Cell("Clip"), Cell("not defined")))
    assert lines(Table(columns, cells)) == [
        ["Operator", "Shift", "Shift: worst violation"],
        ["Hard", "holds: 0.33", repr(1 / 3)],
        ["Clip", "not defined", ""],
    ]


def test_a_bound_what_is_not_known_and_what_is_only_sorted_by_stay_words():
    columns = (Column("r", words="Rank", unit="of 9", number=True), Column("Shape", number=True))
    cells = (
        (Cell("≥ 4", 4), Cell("3 × 5", order=15)),
        (Cell("–", math.nan), Cell("=1+1")),
        (Cell("∞", math.inf), Cell("")),
    )
    assert lines(Table(columns, cells)) == [
        ["Rank (of 9)", "Shape"],
        ["≥ 4", "3 × 5"],
        ["–", "'=1+1"],
        ["inf", ""],
    ]


def test_read_outs_have_a_line_for_every_number():
    rows = [
        Row("Norm", "0.67", "", ((2 / 3, ""),)),
        Row("… relative", "10 %", "", ((0.1, "share"),)),
        Row("RMS", "0.1; 7 bits", "", ((0.1, "RMS"), (7.0, "bits"))),
        Row("Bound", "< 1e-9"),
    ]
    made = table_of_rows(rows, "Read-out", "Value")
    assert lines(made) == [
        ["Read-out", "Value", "Unit"],
        ["Norm", repr(2 / 3), ""],
        ["Norm, relative", "0.1", "share"],
        ["RMS", "0.1", "RMS"],
        ["RMS", "7.0", "bits"],
        ["Bound", "< 1e-9", ""],
    ]
    assert "| Norm, relative | 10 % |" in markdown_text(made)
    assert made.cells[1][0].text == "… relative"


@pytest.fixture(autouse=True)
def language(request):
    set_language(request.node.callspec.params.get("spoken", "en")
                 if hasattr(request.node, "callspec") else "en")  # fmt: skip
    yield
    set_language("en")
