"""The compiled reading of large tables gives what Python's float and the other reading give."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import TableReading, open_matrix_file
from engine.files.formats import text
from engine.files.layouts.table import body, parts
from engine.files.layouts.table.body import Table
from engine.files.layouts.table.compiled import make
from engine.files.layouts.table.compiled.machine import KERNEL

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch):
    monkeypatch.setattr(text, "_COMPILED_BYTES", 0)
    monkeypatch.setattr(parts, "_SMALLEST_PART", 1)
    monkeypatch.setattr(text, "_CHUNK_BYTES", 256)


FORMS = ["{!r}", "{:.18e}", "{:.17g}", "{:.15g}", "{:.6e}", "{:.3f}", "{:+.16e}", "{:.25f}"]


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("form", FORMS)
def test_numbers_are_rounded_as_python_does(write, form):
    rng = np.random.default_rng(len(form))
    values = rng.standard_normal(1800) * 10.0 ** rng.integers(-307, 300, 1800)
    if form.endswith("f}"):
        values = np.clip(values, -1e15, 1e15)
    words = [form.format(value) for value in values.tolist()]
    lines = [",".join(words[at : at + 3]) for at in range(0, 1800, 3)]
    with open_matrix_file(write("n.csv", "\n".join(lines) + "\n")) as source:
        got = source.read("n")
    np.testing.assert_array_equal(got, np.array(list(map(float, words))).reshape(-1, 3))


def test_hard_cases_of_rounding(write):
    words = ["9007199254740993", "9007199254740992.5", "1.7976931348623157e308", "5e-324"]
    words += [
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "8.5e22",
        "1e23",
        "123456789e-9",
    ]
    words += [
        "0.1e-400",
        "1e400",
        "-0.0",
        "7205759403792793.5",
        "9214843084008499",
        "0" * 30 + "1.5",
    ]
    words += ["0." + "0" * 40 + "123456789012345678", "12345678901234567890123", "6.5e+", "."]
    for word in words[:-2]:
        with open_matrix_file(write("h.csv", f"1\n2\n3\n4\n{word}\n" * 3)) as source:
            assert source.read("h")[4] == float(word), word
    for word in words[-2:-1]:
        with pytest.raises(FileError, match="row 5, column 1"):
            open_matrix_file(write("h.csv", f"1\n2\n3\n4\n{word}\n"))


TABLES = {
    "labels": "name,a,b\nx,1.5,2\ny,3,4e5\n",
    "words between": "a,kind,b\n1,x,2\n3,y,4\n5,z,6\n",
    "decimal commas": "a;b\n1,5;2\n3;-4,25\n",
    "blanks": "  1.5 2\n\t3   4  \n",
    "windows": "a,b\r\n1,2\r\n\r\n3,4\r\n",
    "missing": "a,b,c\n1,,3\nNA,5,nan\n7,8,\n",
    "comments": "1,2\n# in between\n3,4\n",
    "quotes": '1,2\n"3",4\n5,"6"\n',
    "trailing": "1,2,\n3,4,\n",
    "no end": "1,2\n3,4",
    "accents": "name,a\nzoé,1\n的,2\n",
    "numbers name columns": ",2018,2019\nx,1,2.5\ny,3,4\n",
    "remarks and a heading": "made by hand\n\n2018,2019\n1.5,2\n3,4.5\n",
    "infinite": "1,inf\n-inf,2\n",
}


@pytest.mark.parametrize("case", TABLES)
@pytest.mark.parametrize("times", [1, 60])
def test_compiled_and_other_reading_agree(write, monkeypatch, case, times):
    head, *rows = TABLES[case].splitlines(keepends=True)
    content = head + "".join(rows if times == 1 else [*rows, "\n"] * times)
    path = write("c.csv", content)
    compiled = open_matrix_file(path)
    monkeypatch.setattr(text, "_COMPILED_BYTES", 1 << 60)
    other = open_matrix_file(path)
    np.testing.assert_array_equal(compiled.read("c"), other.read("c"))
    assert compiled.entries == other.entries


@pytest.mark.parametrize("place", [3, 40, 197])
@pytest.mark.parametrize("bad", ["1,2,3", "1", "1,x", "1,2020-01-05", "1,2 3", "1.2.3,4", "--1,2"])
def test_mistakes_keep_their_row(write, place, bad):
    rows = ["1.5,2"] * 200
    rows[place - 1] = bad
    with pytest.raises(FileError, match=f"row {place}"):
        open_matrix_file(write("m.csv", "\n".join(rows)))


def test_kernel_is_made_from_its_source():
    first = KERNEL.read_text(encoding="ascii").splitlines()[0]
    assert first == make.fingerprint(), "python -m engine.files.layouts.table.compiled.make"


@pytest.mark.long
def test_kernel_is_what_numba_makes_of_its_source():
    again = [
        sys.executable,
        "-c",
        "from engine.files.layouts.table.compiled.make import show; show()",
    ]
    made = subprocess.run(again, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert made == KERNEL.read_text(encoding="ascii")


def test_without_the_kernel_tables_read_the_same(write, monkeypatch):
    path = write("n.csv", "1.5,2\n3,4e5\n" * 50)
    compiled = open_matrix_file(path)
    monkeypatch.setattr(body, "load_kernel", lambda: None)
    monkeypatch.setattr(body, "parse_parts", None)
    other = open_matrix_file(path)
    np.testing.assert_array_equal(compiled.read("n"), other.read("n"))


def test_the_kernel_reads_where_lines_are_longer_than_a_head(write, monkeypatch):
    monkeypatch.setattr(text, "_CHUNK_BYTES", 8 << 20)
    monkeypatch.setattr(Table, "add", None)
    values = np.arange(60000.0).reshape(2, 30000)
    lines = [",".join(map(repr, row)) for row in values.tolist()]
    with open_matrix_file(write("w.csv", "\n".join(lines))) as source:
        np.testing.assert_array_equal(source.read("w"), values)


def test_lines_longer_than_the_buffer(write):
    values = np.arange(3000.0).reshape(3, 1000)
    lines = [",".join(map(repr, row)) for row in values.tolist()]
    with open_matrix_file(write("w.csv", "\n".join(lines))) as source:
        np.testing.assert_array_equal(source.read("w"), values)


def test_not_utf8_is_noticed_far_from_the_head(write):
    content = "name,a\n" + "x,1\n" * 300 + "caf\u00e9,2\n"
    with open_matrix_file(write("l.csv", content.encode("latin-1"))) as source:
        assert source.entries[0].row_labels[-1] == "caf\u00e9"
        assert "Windows-1252" in source.entries[0].note


def test_a_source_with_a_reading_opens_in_another_process(write):
    source = open_matrix_file(write("p.csv", "1,2\n3,4\n5,6\n"), reading=TableReading(header=1))
    again = pickle.loads(pickle.dumps(source))
    np.testing.assert_array_equal(again.read("p"), [[3, 4], [5, 6]])
    assert again.entries == source.entries


@pytest.mark.parametrize("compiled", [0, 1 << 60], ids=["compiled", "not"])
@pytest.mark.parametrize("size", range(300, 330))
def test_a_cell_of_several_lines_may_lie_across_the_parts_that_are_read(
    tmp_path, monkeypatch, size, compiled
):
    monkeypatch.setattr(text, "_COMPILED_BYTES", compiled)
    monkeypatch.setattr(text, "_CHUNK_BYTES", size)
    monkeypatch.setattr(text, "_CHUNK_CHARACTERS", size)
    note = '"one,\nand ""two""\nthree"'
    rows = [f"{n}.5,{note if n % 3 else '5 feet'},{n * n}" for n in range(90)]
    path = tmp_path / "notes.csv"
    path.write_text("a,note,b\n" + "\n".join(rows) + "\n")
    want = [[n + 0.5, n * n] for n in range(90)]
    (entry,) = (source := open_matrix_file(path)).entries
    np.testing.assert_array_equal(source.read(entry.name), want)


@pytest.mark.parametrize("compiled", [0, 1 << 60], ids=["compiled", "not"])
def test_a_mark_of_inches_holds_back_nothing(tmp_path, monkeypatch, compiled):
    monkeypatch.setattr(text, "_COMPILED_BYTES", compiled)
    monkeypatch.setattr(text, "_CHUNK_BYTES", 256)
    monkeypatch.setattr(text, "_CHUNK_CHARACTERS", 256)
    rows = [f"{n}.5,pipe{chr(34) if n == 40 else ''},{n}" for n in range(90)]
    path = tmp_path / "pipes.csv"
    path.write_text("a,note,b\n" + "\n".join(rows) + "\n")
    (entry,) = (source := open_matrix_file(path)).entries
    np.testing.assert_array_equal(source.read(entry.name), [[n + 0.5, n] for n in range(90)])
