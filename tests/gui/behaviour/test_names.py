"""Names that a table brings: read under the mouse, at axes, in exports; without them the index."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from gui.core.export.export import export_figure
from tests.gui.behaviour.table_dialog import overrule

TABLE = "land,wheat,rye,oats\nAustria,1.5,9.5,2\nBelgium,3.5,4,8\n"
ROWS, COLUMNS = ("Austria", "Belgium"), ("wheat", "rye", "oats")


@pytest.fixture
def show(start, tmp_path):
    def show_(page, text=TABLE, name="crops.csv"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        driver = start(page)
        driver.application.open_paths([str(path)])
        driver.wait(lambda: driver.store["selection"].active.path == str(path))
        driver.idle()
        return driver

    return show_


def under_mouse(driver, key, x, y):
    """Move the mouse over a point of a plot; return what the crosshair reads."""
    canvas = driver.canvas(key)
    frame = canvas.frame
    place = canvas.box.mapToScene(frame.px_one(x), frame.py_one(y))
    driver.qtbot.mouseMove(canvas.viewport(), canvas.mapFromScene(place))
    driver.wait(lambda: canvas.state.readout != "")
    return canvas.state.readout


def test_scores_are_called_by_the_columns_under_the_mouse_by_rank_and_by_index(show):
    driver = show("topk")
    assert "rye (1, 9.5" in under_mouse(driver, "topk.scores", 1.0, 9.5)
    assert "oats (2, 2" in under_mouse(driver, "topk.scores", 2.0, 2.0)
    driver.choose("Order", "by index")
    assert "oats (2, 2" in under_mouse(driver, "topk.scores", 2.0, 2.0)
    axis = driver.figure("topk.output").x
    assert [name for _, name in axis.ticks] == list(COLUMNS)


def test_along_columns_the_scores_are_called_by_the_rows(show):
    driver = show("topk")
    driver.choose("Along", "columns")
    driver.type("Position", "1")
    found = {place: driver.figure("topk.scores").x.name_at(place) for place in (0, 1, 2, 3)}
    assert found == {0: "", 1: "Austria", 2: "Belgium", 3: ""}
    assert "Belgium (2, 4" in under_mouse(driver, "topk.scores", 2.0, 4.0)


def test_the_load_is_said_by_name(show):
    driver = show("topk", "id,red,green,blue\n" + "".join(f"{i},9,1,-40\n" for i in range(6)))
    overrule(driver, index="1")
    driver.store.replace("topk", label="k", k=1.0)
    driver.tab("Load")
    figure = driver.figure("topk.load")
    assert [name for _, name in figure.x.ticks] == ["red", "green", "blue"]
    assert "green, blue" in figure.note


def test_pictures_of_the_matrix_say_row_and_column_by_name(show):
    driver = show("spectrum")
    said = under_mouse(driver, "spectrum.matrix", 1.0, 1.0)
    assert said.startswith("row Belgium (1), column rye (1)")
    assert float(said.rpartition(" ")[2]) == 4.0
    for key in ("spectrum.original", "spectrum.approximation", "spectrum.residual"):
        figure = driver.figure(key)
        assert (tuple(figure.y.names), tuple(figure.x.names)) == (ROWS, COLUMNS)
    driver.tab("Vectors")
    left = driver.figure("spectrum.u")
    assert left.x.name_at(1.0) == "Belgium"
    assert tuple(driver.figure("spectrum.v").x.names) == COLUMNS


def test_pairs_and_products_are_called_by_the_names_that_enter_them(show):
    driver = show("column_row")
    products = {"rows": (COLUMNS, COLUMNS, ROWS), "columns": (ROWS, ROWS, COLUMNS)}
    pairing = driver.window.pages["column_row"].pairing
    for kind, (down, across, pairs) in products.items():
        pairing.kind.edited.emit(kind)
        driver.idle()
        picture = driver.figure("column_row.product")
        assert (tuple(picture.y.names), tuple(picture.x.names)) == (down, across)
        norms = driver.figure("column_row.norms")
        assert sorted(norms.x.names) == sorted(pairs)
        words = norms.series[0].words[0]
        assert words.startswith(f"pair {norms.x.names[0]} (")


def test_without_names_the_index_is_read(show):
    driver = show("topk", "0.5,2.25,3\n7,0.125,6\n")
    assert "(1, 3" in under_mouse(driver, "topk.scores", 1.0, 3.0)
    assert driver.figure("topk.scores").x.names == ()


def test_exported_numbers_carry_the_names_of_scores_and_pictures(show, tmp_path):
    driver = show("topk", TABLE.replace("rye", "=rye"))
    scores = driver.figure("topk.scores")
    path = export_figure(scores, tmp_path / "scores.csv")
    lines = path.read_text("utf-8").splitlines()
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    cells = {cell for row in rows for cell in row}
    assert {"'=rye", "oats", "wheat"} <= cells
    with np.load(export_figure(scores, tmp_path / "scores.npz")) as found:
        assert found["x.names"].tolist() == ["=rye", "oats", "wheat"]
    driver.page("spectrum")
    picture = driver.figure("spectrum.matrix")
    with np.load(export_figure(picture, tmp_path / "matrix.npz")) as found:
        assert found["x.names"].tolist() == ["wheat", "=rye", "oats"]
        assert found["y.names"].tolist() == list(ROWS)
    text = export_figure(picture, tmp_path / "matrix.csv").read_text("utf-8")
    assert "# rows: Austria,Belgium\n" in text
    assert "# columns: wheat,'=rye,oats\n" in text
