"""Exported tables are read back bit for bit."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from gui.core.export.export import export_figure
from gui.core.figure.figure import Axis, Figure, Series


def test_csv_reads_back_bit_for_bit(curves, tmp_path):
    path = export_figure(curves, tmp_path / "a.csv")
    table = np.genfromtxt(path, delimiter=",", comments="#", skip_header=0, encoding="utf-8")
    np.testing.assert_array_equal(table[1:, 0], curves.series[0].x)
    for column, series in enumerate(curves.series, start=1):
        np.testing.assert_array_equal(table[1:, column], series.y)
    lines = path.read_text(encoding="utf-8").splitlines()
    header = next(line for line in lines if not line.startswith("#"))
    assert header.split(",") == ["index i", *(series.name for series in curves.series)]


def test_csv_gives_curves_with_other_x_their_own_columns(tmp_path):
    one = Series("a", "same", np.arange(3), np.array([0.1, 1e-300, np.nan]))
    two = Series("b", "same", np.array([0.5]), np.array([1 / 3], np.float32))
    figure = Figure("f", "f", Axis("x"), Axis("y"), (one, two))
    lines = export_figure(figure, tmp_path / "a.csv").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "same [a] x,same [a] y,same [b] x,same [b] y",
        "0,0.1,0.5,0.3333333432674408",
        "1,1e-300,,",
        "2,nan,,",
    ]


def test_csv_writes_images_as_a_matrix_section(picture, curves, tmp_path):
    figure = replace(picture, series=curves.series[:1])
    text = export_figure(figure, tmp_path / "a.csv").read_text(encoding="utf-8")
    table, matrix = text.split("\n\n")
    comment, *rows = matrix.strip().splitlines()
    assert comment.startswith("# image m: entry (30 x 20); left, right, top, bottom = 0.0, 20.0")
    values = np.array([[float(cell) for cell in row.split(",")] for row in rows])
    np.testing.assert_array_equal(values, picture.images[0].values)
    assert len(table.splitlines()) > 40


def test_npz_reads_back_bit_for_bit_without_pickle(curves, spectrum, picture, tmp_path):
    figure = replace(spectrum, images=picture.images, meta=curves.meta)
    with np.load(export_figure(figure, tmp_path / "a.npz"), allow_pickle=False) as arrays:
        assert set(arrays) == {
            "metadata",
            "s.x",
            "s.y",
            "b.x",
            "b.lower",
            "b.upper",
            "m.values",
            "m.extent",
        }
        assert arrays["s.x"].dtype == figure.series[0].x.dtype
        np.testing.assert_array_equal(arrays["s.y"], figure.series[0].y)
        np.testing.assert_array_equal(arrays["b.upper"], figure.bands[0].upper)
        np.testing.assert_array_equal(arrays["m.values"], figure.images[0].values)
        assert json.loads(str(arrays["metadata"][()]))["meta"] == dict(curves.meta)


def test_npz_keys_stay_inside_the_archive(tmp_path):
    x = np.arange(2.0)
    figure = Figure(
        "f",
        "f",
        Axis("x"),
        Axis("y"),
        (Series("../a/b", "one", x, x), Series(".._a_b", "two", x, x + 1)),
    )
    with np.load(export_figure(figure, tmp_path / "a.npz")) as arrays:
        names = [name for name in arrays if name != "metadata"]
        assert len(names) == 4
        assert not any("/" in name or ".." in name for name in names)
