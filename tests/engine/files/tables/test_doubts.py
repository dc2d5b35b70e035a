"""Where two readings can be defended the entry says so; a plain table never does."""

from __future__ import annotations

import numpy as np
import pytest

from engine.files import TableReading, open_matrix_file

RNG = np.random.default_rng(7)


def lines(array, separator=","):
    return "".join(separator.join(map(str, row)) + "\n" for row in array.tolist())


PLAIN = {
    "floats": lines(RNG.standard_normal((9, 4)).round(6)),
    "whole": lines(RNG.integers(0, 50, (6, 5))),
    "counted": "1,2,3\n4,5,6\n7,8,9\n",
    "distances": lines(abs(np.subtract.outer(np.arange(5), np.arange(5)))),
    "ordered above whole": "1,2,3\n3,1,2\n9,4,4\n",
    "one column": "1\n2\n3\n",
    "one row": "1990,1995,2000\n",
    "words": "a,b,c\n1,2,3\n4,5,6\n",
    "index": ",a,b\nx,1,2\ny,3,4\n",
    "pandas": ",0,1,2\n0,1.5,2.5,0.5\n1,3.5,4.5,1.5\n",
    "years": "country,1990,1995\nAustria,1.5,2.5\nBelgium,3.5,4.5\n",
    "identity": lines(np.eye(5)),
    "decimal commas": "1,5;2,25\n3,5;4,125\n",
    "several groups": "1,234,567;2\n3,000;4\n",
    "blanks": "  1.0 2.0\n 3.0  4.0\n",
    "points": "a;b\n0.250;20\n3.500;4\n",
    "remarks": "Run,7\nGain,2.5\nt,a,b\n0,1,2\n1,3,4\n",
}
DOUBTFUL = {
    "years without labels": ("1990,1995\n1.5,2.5\n3.5,4.5\n", ("header",), {"header": 0}),
    "wavelengths": ("400,410,420,430\n0.1,0.25,0.3,0.2\n0.2,0.1,0.4,0.3\n", ("header",), None),
    "counted above measured": ("1,2,3\n0.5,2,1\n1,0,3.5\n4,4,1\n", ("header",), {"header": 1}),
    "labels without a name": ("b,3.5,4.5\na,1,2,3\n", (), None),
    "a first column": ("foo,1,2,3\n7,0.5,0.2,0.9\n4,0.1,0.8,0.2\n", ("index",), {"index": 0}),
    "codes below id": (
        "id,10,20,30\nx,1.5,2,4\ny,3,4,5\n",
        ("header",),
        {"header": 0},
    ),
    "leading zeros": ("ID,00123,00124\nx,1,2\ny,3,4\n", ("header",), {"header": 0}),
    "one name above commas": ("v\n1,5\n2,5\n3,25\n", ("index",), {"index": 0}),
    "points or groups": ("a;b\n1.000;20\n3.500;4\n", ("thousands",), {"thousands": "."}),
    "rows above": ("c a b\n1 2 3\n4 5 6\nd\n7\n8\n9\n10\n11\n", ("skip",), {"skip": 3}),
    "groups or decimals": ("1,234;5,678\n2,345;6,789\n", ("thousands",), {"thousands": ","}),
}
DOUBTFUL.pop("labels without a name")


def entry_of(tmp_path, text, said=None):
    path = tmp_path / "t.csv"
    path.write_text(text, "utf-8")
    with open_matrix_file(path, reading=said) as source:
        return source.entries[0]


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_table_is_in_no_doubt(tmp_path, name):
    assert entry_of(tmp_path, PLAIN[name]).doubts == ()


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_could_be_otherwise_is_named_and_a_word_on_it_ends_the_doubt(tmp_path, name):
    text, doubts, said = DOUBTFUL[name]
    found = entry_of(tmp_path, text)
    assert found.doubts == doubts
    taken = {one: getattr(found.reading, one) for one in doubts}
    for answer in (taken, said or taken):
        assert entry_of(tmp_path, text, TableReading(**answer)).doubts == ()


@pytest.mark.parametrize(
    "text", ["0,1,2\n0,1,2\n3,4,5\n", "foo,1,2,3\nx,1,2,4\ny,3,4,5\n"], ids=["pandas", "labels"]
)
def test_a_first_row_that_counts_is_told(tmp_path, text):
    found = entry_of(tmp_path, text)
    assert found.doubts == ()
    assert "may be column names" in found.notes[0]
