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
    "words that repeat": "g,n,a\nx,3,1.5\nx,1,2.5\nx,1,3.5\ny,2,1.5\ny,2,0.5\n",
    "words mostly once": "g,n,a\nx,1,1.5\nx,2,2.5\ny,1,3.5\nz,1,2\nv,1,1.5\n",
    "days anyhow": "x,a\n20200103,1.5\n20200102,3\n20200103,2.5\n",
    "words once": "g,n,a\nx,1,1.5\ny,2,2.5\nz,3,3.5\n",
    "levels without names": ",,a,b\nx,1,1.5,2\nx,2,3,4\ny,1,5,6\n",
    "dates by name": "date,a,b\n20200102,1.5,2\n20200103,3,4\n",
    "no dates": "x,a\n20200131,1.5\n20200132,2.5\n20200133,3.5\n",
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
    "levels": ("g,n,a,b\nx,1,1,2\nx,2,3,4\ny,1,5,6\ny,2,7,8\n", ("index",), {"index": 1}),
    "levels of years": ("k,t,a\nx,1990,1\nx,1995,2\ny,1991,3\ny,1992,4\n", ("index",), None),
    "three levels": (
        "g,n,m,a\nx,1,1,1.5\nx,1,2,3\nx,2,1,5\nx,2,2,7.5\ny,1,1,2\n",
        ("index",),
        {"index": 2},
    ),
    "levels in order only": (
        "g,n,a\nx,10,1.5\nx,30,3\nx,70,2\ny,20,7.5\ny,50,1\ny,80,2\n",
        ("index",),
        {"index": 2},
    ),
    "levels of other lengths": (
        "g,n,a\nx,0,1\nx,1,3\ny,0,5\nz,0,2\nz,1,3\nz,2,1\n",
        ("index",),
        {"index": 1},
    ),
    "days that repeat": ("20200102,1.5\n20200102,3\n20200103,2\n", ("index",), {"index": 0}),
    "days": ("20200102,1.5,2\n20200103,3,4\n20200106,5,6\n", ("index",), {"index": 0}),
    "days below a word": ("x,a\n20200106,1.5\n20200103,3\n", ("index",), {"index": 0}),
    "months": ("x,a\n192611,1.5\n192612,3\n192701,2\n", ("index",), {"index": 0}),
    "days above": ("20200102,20200103\n1.5,2.5\n4,5\n", ("header",), {"header": 0}),
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


OFFERED = {
    "years": ("year,a,b\n1990,1.5,2\n1991,3,4\n1992,5,6\n", 0, "with 1 label column it"),
    "distinct pairs": ("g,n,a\nx,5,1.5\nx,4,3\ny,7,2\ny,2,1.5\n", 1, "with 2 label columns"),
    "places of a grid": ("x,y,z\n0,0,1.5\n0,1,3\n1,0,2\n1,1,1.5\n", 0, "with 2 label columns"),
}


@pytest.mark.parametrize("name", OFFERED)
def test_columns_that_may_be_labels_are_told_and_stay(tmp_path, name):
    text, index, words = OFFERED[name]
    found = entry_of(tmp_path, text)
    assert (found.doubts, found.reading.index) == ((), index)
    assert words in found.note


LEVELS = {
    "named": ("g,n,a,b\nx,1,1.5,2\nx,2,3,4\ny,1,5,6\n", "with 1 of them as labels"),
    "unnamed": (",,a,b\nx,1,1.5,2\nx,2,3,4\ny,1,5,6\n", "first 2 columns are taken"),
    "numbers": (",,a,b\n0,1,1.5,2\n0,2,3,4\n1,1,5,6\n", "first 2 columns are taken"),
    "and a word": ("g,n,h,a,b\nx,1,p,1.5,2\nx,1,q,3,4\nx,2,p,5,6\nx,2,q,7,8\n", "first 3"),
}


@pytest.mark.parametrize("name", LEVELS)
def test_levels_name_the_rows_together(tmp_path, name):
    text, words = LEVELS[name]
    found = entry_of(tmp_path, text)
    rows = [line.rsplit(",", 2)[0].replace(",", " · ") for line in text.splitlines()[1:]]
    assert (list(found.row_labels), found.column_labels) == (rows, ("a", "b"))
    assert words in found.note


def test_levels_of_a_large_file_are_named_like_those_of_a_small_one(tmp_path):
    numbers = ",".join(["0.1234567890123456"] * 40)
    rows = [f"x{row // 100}, {row % 100},{numbers}\n" for row in range(6000)]
    text = "g,n," + ",".join(f"c{column}" for column in range(40)) + "\n" + "".join(rows)
    assert len(text) > 4 << 20
    found = entry_of(tmp_path, text)
    assert found.row_labels == tuple(f"x{row // 100} · {row % 100}" for row in range(6000))


GROUPED = {
    "groups of columns": (",P,P,Q,Q\n,m,n,m,n\nr,1,2,3,4\ns,5,6,7,8\n", "P · m"),
    "a level with a name": ("g,P,,Q,\nh,m,n,m,n\nr,1,2,3,4\ns,5,6,7,8\n", "P · m"),
    "names that tell alone": (",P,P,Q,Q\n,m,n,o,p\nr,1,2,3,4\ns,5,6,7,8\n", "m"),
    "a remark": ("made by hand\n,m,n,m,n\nr,1,2,3,4\ns,5,6,7,8\n", "m"),
    "counts": (",1,1,2,2\n,m,n,m,n\nr,1.5,2,3,4\ns,5,6,7,8\n", "m"),
    "groups that repeat": (",P,P,P,P\n,m,n,m,n\nr,1,2,3,4\ns,5,6,7,8\n", "m"),
}


@pytest.mark.parametrize("name", GROUPED)
def test_groups_of_columns_stand_before_names_that_repeat(tmp_path, name):
    text, first = GROUPED[name]
    found = entry_of(tmp_path, text)
    assert found.column_labels[0] == first
    assert found.shape == (2, 4)
