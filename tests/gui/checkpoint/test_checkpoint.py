"""The Checkpoint page without a window: its map, table, filter and budget against NumPy."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.checkpoint.folders import model_in, whole_steps
from engine.spectrum import mp_median
from gui.core.paint.head.legend import entries_of
from gui.draw import draw
from gui.pages.checkpoint.compute.filtering import BadFilter, parse
from gui.pages.checkpoint.compute.grid import Grid, logarithm_over_median
from gui.pages.sources.compute.opening import OpenRequest
from gui.render import main as render
from tests.gui.checkpoint.conftest import LAYERS, WIDTH, tensors, write_model

ROLES = ("q", "k", "v", "o")


def truth(found, layer, role):
    weight = found[f"model.layers.{layer}.self_attn.{role}_proj.weight"]
    return np.linalg.svd(weight.astype(float), compute_uv=False)


def stable(values):
    return float((values**2).sum() / values[0] ** 2)


# -- opening ------------------------------------------------------------------------------------


class Quiet:
    cancelled = False

    def report(self, fraction, text):
        pass


@pytest.mark.parametrize("shards", [1, 2])
def test_the_folder_of_a_model_is_one_tree(tmp_path, shards):
    folder, found = tmp_path / "model", tensors()
    write_model(folder, found, shards)
    (opened,) = OpenRequest((str(folder),)).run(Quiet())
    assert {entry.name for entry in opened.file.entries} == set(found)
    opened.source.close()


def test_a_folder_of_other_files_is_opened_file_by_file(tmp_path):
    for name in ("a", "b"):
        np.save(tmp_path / f"{name}.npy", np.eye(2))
    assert model_in(tmp_path) == ""
    opened = OpenRequest((str(tmp_path),)).run(Quiet())
    assert [one.file.title for one in opened] == ["a.npy", "b.npy"]
    for one in opened:
        one.source.close()


def test_the_folder_of_a_training_means_its_last_step(tmp_path):
    for step in (100, 20, 3):
        write_model(tmp_path / f"checkpoint-{step}", tensors(step, layers=1))
    (tmp_path / "checkpoint-900").mkdir()  # nothing in it yet
    assert [step for step, _ in whole_steps(tmp_path)] == [3, 20, 100]
    assert model_in(tmp_path) == str(tmp_path / "checkpoint-100" / "model.safetensors")


# -- the map ------------------------------------------------------------------------------------


def test_the_map_shows_every_matrix_over_the_median_of_its_role(llama):
    folder, found = llama
    figure = draw("checkpoint", "map", str(folder), relative=False)
    image = figure.images[0]
    names = figure.x.names, figure.y.names
    assert set(names[0]) == {*ROLES, "embed"}
    assert names[1] == ("outside", *map(str, range(LAYERS)))
    for layer, role in itertools.product(range(LAYERS), ROLES):
        value = image.values[layer + 1, names[0].index(role)]
        assert_allclose(value, stable(truth(found, layer, role)), rtol=1e-6)
    assert np.isnan(image.values[0, names[0].index("q")])
    relative = draw("checkpoint", "map", str(folder)).images[0].values
    assert_array_equal(relative, logarithm_over_median(image.values))
    assert_allclose(np.nanmedian(relative[:, names[0].index("q")]), 0.0, atol=1e-12)


def test_selected_cells_are_framed_and_their_spectra_drawn(llama):
    folder, found = llama
    name = "model.layers.1.self_attn.k_proj.weight"
    figure = draw("checkpoint", "map", str(folder), chosen=(name, "gone"))
    (frame,) = [one for one in figure.series if one.key == "selected"]
    assert (np.nanmean(frame.x).round(), np.nanmean(frame.y).round()) == (
        figure.x.names.index("k"),
        2,
    )
    curve, edge = draw("checkpoint", "overlay", str(folder), chosen=(name, "gone")).series
    values = truth(found, 1, "k")
    middle = np.median(values) / np.sqrt(WIDTH * mp_median(values.size / WIDTH))
    expected = middle * (np.sqrt(WIDTH) + np.sqrt(values.size)) / values[0]
    assert_allclose(edge.y[:2], expected, rtol=1e-5)
    (alone,) = draw("checkpoint", "overlay", str(folder), chosen=(name,), noise=False).series
    assert alone.name == name
    assert_allclose(curve.numbers, values / values[0], rtol=1e-5)


def test_a_matrix_that_cannot_be_computed_is_crossed(tmp_path):
    found = tensors()
    found["model.layers.1.self_attn.q_proj.weight"][2, 3] = np.nan
    folder = write_model(tmp_path / "bad", found)
    figure = draw("checkpoint", "map", str(folder))
    (cross,) = [one for one in figure.series if one.key == "broken"]
    assert np.nanmean(cross.y).round() == 2
    (named,) = [one for one in entries_of(figure) if one.name == cross.name]
    assert (named.symbol, named.line) == ("x", False)  # the legend shows what lies over the cell
    table = draw("checkpoint", "table", str(folder), filter="problem:yes")
    assert [line[0].data for line in table.cells] == ["model.layers.1.self_attn.q_proj.weight"]
    assert "NaN" in table.cells[0][0].tip


# -- the filter ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("role:q", lambda layer, role, values: role == "q"),
        ("role:q,k layer:<2", lambda layer, role, values: role in "qk" and layer < 2),
        ("layer:1", lambda layer, role, values: layer == 1),
        ("layer:1..2 -role:o", lambda layer, role, values: layer > 0 and role != "o"),
        ("Q_PROJ", lambda layer, role, values: role == "q"),
        ("self_attn stable:>4", lambda layer, role, values: stable(values) > 4),
        ("layer:>=0 rows:<=12", lambda layer, role, values: role in "kv"),
    ],
)
def test_a_filter_leaves_what_it_says(llama, text, holds):
    folder, found = llama
    table = draw("checkpoint", "table", str(folder), filter=text)
    expected = {
        f"model.layers.{layer}.self_attn.{role}_proj.weight"
        for layer, role in itertools.product(range(LAYERS), ROLES)
        if holds(layer, role, truth(found, layer, role))
    }
    assert {line[0].data for line in table.cells} == expected
    assert str(len(expected)) in table.note


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rol:q", "did you mean 'role'"),
        ("layer:<x", "'x' is no number"),
        ("layer:1..", "'1..' is no number"),
        ("alpha:nan", "'nan' is no number"),
        ("role:", "after the colon"),
        (":3", "nothing is called ''"),
    ],
)
def test_nonsense_is_said_and_leaves_everything(llama, text, said):
    folder, _ = llama
    with pytest.raises(BadFilter, match="“"):
        parse(text)
    table = draw("checkpoint", "table", str(folder), filter=text)
    assert said in table.note
    assert len(table.cells) == 4 * LAYERS + 1


# -- budget, scatter, exports -------------------------------------------------------------------


def test_the_budget_meets_its_bound_and_beats_one_share_for_all(llama):
    folder, found = llama
    figure = draw("checkpoint", "budget", str(folder), share=0.4)
    best, uniform, here = figure.series
    assert figure.cursors[0].value == 0.4
    assert here.x[0] <= 0.4
    assert_allclose(here.y[0], np.interp(here.x[0], best.x, best.y), rtol=0.05)
    assert here.y[0] < np.interp(0.4, uniform.x, uniform.y)
    table = draw("checkpoint", "table", str(folder), share=0.4, figures=("rank_budget",))
    spent, squared = 0, 0.0
    for line in table.cells:
        weight, rank = found[line[0].data].astype(float), int(line[5].value)
        values = np.linalg.svd(weight, compute_uv=False)
        rows, columns = weight.shape
        spent += min(rank * (rows + columns), rows * columns)
        squared += (values[rank:] ** 2).sum() / (values**2).sum()
    assert_allclose(here.x[0], spent / sum(v.size for v in found.values() if v.ndim == 2))
    assert_allclose(here.y[0], np.sqrt(squared / len(table.cells)), rtol=1e-6)


def test_any_figure_is_drawn_against_any_other(llama):
    folder, found = llama
    figure = draw("checkpoint", "scatter", str(folder), across="spectral_norm", along="stable_rank")
    points = {one.key: one for one in figure.series}
    values = [truth(found, layer, "v") for layer in range(LAYERS)]
    assert_allclose(points["role.v"].x, [one[0] for one in values], rtol=1e-6)
    assert_allclose(points["role.v"].y, [stable(one) for one in values], rtol=1e-6)


def test_what_is_left_out_is_listed_with_its_reason(llama):
    folder, _ = llama
    table = draw("checkpoint", "left_out", str(folder))
    assert len(table.cells) == LAYERS
    assert "vector" in table.cells[0][2].text


def test_render_draws_a_folder(llama, tmp_path, capsys):
    folder, _ = llama
    out = tmp_path / "map.svg"
    assert render([str(folder), "--figure", "checkpoint", "--descriptor", "alpha",
                   "--out", str(out)]) == 0  # fmt: skip
    assert b"<svg" in out.read_bytes()
    table = tmp_path / "table.csv"
    assert render([str(folder), "--figure", "checkpoint.table", "--figures", "alpha,seconds",
                   "--out", str(table)]) == 0  # fmt: skip
    text = (line for line in table.read_text().splitlines() if not line.startswith("#"))
    lines = list(csv.reader(text))
    assert len(lines) == 4 * LAYERS + 2
    capsys.readouterr()


@pytest.mark.parametrize(("layers", "step"), [(3, 1), (41, 5), (300, 10)])
def test_the_number_of_a_layer_stands_at_its_row(tmp_path, layers, step):
    names = ["model.embed_tokens.weight"]
    names += [f"model.layers.{layer}.self_attn.q_proj.weight" for layer in range(layers)]
    path = write_model(tmp_path / "m", dict.fromkeys(names, np.eye(3, 2, dtype=np.float32)))
    axis = draw("checkpoint", "map", str(path)).y
    assert axis.label == "layer"
    assert {axis.name_at(place): text for place, text in axis.ticks} == {
        axis.name_at(place): axis.name_at(place) for place, _ in axis.ticks
    }
    shown = [text for _, text in axis.ticks]
    layers_shown = [str(one) for one in range(step if step > 1 else 0, layers, step)]
    assert shown == ["outside", *layers_shown]


def test_rows_that_are_no_layers_are_not_called_so(tmp_path):
    path = write_model(tmp_path / "m", {"a.long.name.weight": np.eye(3, dtype=np.float32)})
    assert draw("checkpoint", "map", str(path)).y.label == "matrix"


def test_a_cell_is_the_median_of_what_is_finite():
    cells = {(0, 0): (0,), (0, 1): (1,), (1, 0): (2, 3, 4), (1, 1): (1, 5)}
    map_of = Grid(("0", "1"), ("q", "k"), cells, {})
    figures = np.array([3.0, np.inf, 1.0, 5.0, 2.0, np.nan])
    np.testing.assert_array_equal(map_of.values(figures, False), [[3, np.nan], [2, np.nan]])
