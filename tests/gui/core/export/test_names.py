"""Whatever a file is called, its plots are exported and say a name that can be read."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from gui.core.export.export import export_figure, export_table
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.table import Cell, Column, Table

NAMES = {
    b"spectr\xe9.csv": "spectr�.csv",
    "x\u202egpj.csv".encode(): "x�gpj.csv",
    "谱.csv".encode(): "谱.csv",
}


def rows_of(path):
    """The cells of a CSV file, without its comments."""
    lines = path.read_text("utf-8").splitlines()
    return list(csv.reader(line for line in lines if not line.startswith("#")))


def figure(name):
    one = Series("a", name, np.arange(3.0), np.array([1.0, 2.0, 3.0]))
    return Figure(
        key="t.names", title=f"of {name}", x=Axis("x"), y=Axis("y"), series=(one,),
        note=f"{name}\nsecond line", meta={"source": name},
    )  # fmt: skip


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("raw", NAMES)
@pytest.mark.parametrize("suffix", [".csv", ".npz", ".svg", ".png", ".pdf"])
def test_a_name_that_is_no_text_is_exported_as_it_can_be_read(raw, suffix, tmp_path):
    name = raw.decode("utf-8", "surrogateescape")
    out = export_figure(figure(name), tmp_path / f"out{suffix}")
    if suffix in (".csv", ".svg"):
        text = out.read_text("utf-8")
        assert NAMES[raw] in text
        assert "\u202e" not in text


def test_a_name_that_a_spreadsheet_would_run_is_text(tmp_path):
    out = export_figure(figure("=HYPERLINK(1)"), tmp_path / "out.csv")
    cells = rows_of(out)
    assert cells[0] == ["x", "'=HYPERLINK(1)"]
    assert cells[1:] == [["0.0", "1.0"], ["1.0", "2.0"], ["2.0", "3.0"]]
    rows = ((Cell("@cmd"), Cell("−1", -1.0)),)
    table = Table(key="t.table", title="t", columns=(Column("+a"), Column("n")), cells=rows)
    out = export_table(table, tmp_path / "table.csv")
    cells = rows_of(out)
    assert cells == [["'+a", "n"], ["'@cmd", "-1.0"]]
