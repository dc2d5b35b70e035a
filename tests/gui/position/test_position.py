"""The Position page without a window: its curves against theory, its heads against files."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.core.state.document import Opened, read_matrix, reference
from gui.draw import draw, opened_from, source_of
from gui.render import main as render
from tests.gui.position.conftest import RNG, SIZE, WIDTH


def curve(figure, key):
    return next(one for one in figure.series if one.key == key)


def test_hard_topk_is_flat_from_k_on_and_alibi_from_its_slope_on():
    figure = draw("position", "rms", k=20, kinds=("uniform", "hard"), length=200, trials=4)
    hard = curve(figure, "hard")
    assert_allclose(hard.y, 1 / np.sqrt(np.minimum(hard.x, 20)), rtol=1e-12)
    assert_allclose(curve(figure, "uniform").y, curve(figure, "mean").y)
    figure = draw("position", "rms", kinds=("uniform",), encoding="alibi", slope=0.5, trials=4)
    alibi = curve(figure, "uniform").y
    assert_allclose(alibi[-1], np.sqrt(np.tanh(0.25)), rtol=1e-9)


def test_the_dots_lie_on_the_lines():
    figure = draw("position", "rms", length=128, trials=32, kinds=("uniform", "softmax"))
    for key in ("uniform", "softmax"):
        dots, bars = curve(figure, f"{key}.measured"), curve(figure, f"{key}.error")
        line = np.interp(dots.x, curve(figure, key).x, curve(figure, key).y)
        error = (bars.y[1::3] - bars.y[0::3]) / 2
        assert np.mean(np.abs(dots.y - line) < 3 * error) > 0.95


def test_the_cursor_says_how_well_the_rms_knows_its_position():
    (cursor,) = draw("position", "rms", trials=1, length=200, kinds=("uniform",)).cursors
    assert (cursor.value, cursor.label) == (128.0, "n = 128 ± 23")


def test_neighbours_are_told_apart_where_the_curves_cross():
    figure = draw("position", "resolution", features=200, z=1.0)
    step, noise = curve(figure, "step"), curve(figure, "noise")
    n = figure.cursors[0].value
    assert_allclose(np.interp(n, step.x, step.y), np.interp(n, noise.x, noise.y), rtol=0.02)
    assert n == pytest.approx(np.sqrt(400) / 2, rel=0.1)
    rows = draw("position", "resolved").cells
    assert rows[1][1].text == "17.6"  # ln 512 / (2 sqrt(2 / 64))


def test_one_causal_layer_without_encoding_sees_a_set():
    figure = draw("position", "order")
    value = {one.key: one.numbers[1] for one in figure.series}
    assert value["none.1.causal"] < 1e-14 < 1e-6 < value["none.2.causal"]
    assert all(value[f"{key}.1.causal"] > 1e-4 for key in ("rope", "alibi", "sinusoidal"))
    assert all(value[f"none.{layers}.both"] < 1e-13 for layers in (1, 2, 3))
    assert len(value) == 24


def test_values_of_an_array_are_its_rows_in_order():
    tokens = RNG.normal(size=(90, 5)) + 3.0
    figure = draw("position", "rms", tokens, values="array", kinds=("uniform",), trials=2)
    dots = curve(figure, "uniform.measured")
    assert dots.x[-1] == 90
    assert_allclose(dots.y[-1], np.sqrt(np.mean(tokens.mean(axis=0) ** 2)), rtol=1e-9)
    scale = np.sqrt(np.mean(tokens**2))
    assert_allclose(curve(figure, "mean").y[-1], scale / np.sqrt(90), rtol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_bad_values_are_refused_in_words_or_replaced(bad):
    tokens = RNG.normal(size=(9, 4))
    tokens[2, 1] = bad
    with pytest.raises(Exception, match="row 2, column 1"):
        draw("position", "rms", tokens, values="array")
    for missing in ("zero", "column_mean", "leave_rows_out"):
        draw("position", "rms", tokens, values="array", missing=missing, trials=1)
    assert draw("position", "order", tokens).series  # random values do not read the array


# -- heads --------------------------------------------------------------------------------------


def spread(wq, wk):
    return np.linalg.norm(wq.T @ wk) / np.sqrt(len(wq))


def test_a_llama_layer_shows_its_heads(llama):
    path, tensors = llama
    table = draw("position", "heads", str(path))
    q, k = (tensors[f"model.layers.0.self_attn.{side}_proj.weight"] for side in "qk")
    q, k = (one.astype(np.float32).astype(float).reshape(-1, SIZE, WIDTH) for one in (q, k))
    found = {int(row[0].value): row for row in table.cells}
    assert sorted(found) == list(range(6))
    for head, row in found.items():
        assert_allclose(row[1].value, spread(q[head], k[head // 3]), rtol=1e-9)
        assert row[4].value == head // 3
    values = [row[1].value for row in table.cells]
    assert values == sorted(values, reverse=True)
    figure = draw("position", "head_distance", str(path), head=2)
    assert "500" in curve(figure, "rope").name
    assert_allclose(curve(figure, "plain").y[0], found[2][1].value)


@pytest.mark.long
def test_a_gpt2_layer_written_by_torch_shows_its_heads(tmp_path):
    torch = pytest.importorskip("torch")
    weight = RNG.normal(size=(WIDTH, 3 * WIDTH))
    path = tmp_path / "pytorch_model.bin"
    torch.save({"h.0.attn.c_attn.weight": torch.tensor(weight)}, path)
    table = draw("position", "heads", str(path), head_count=6)
    q, k, _ = (one.T.reshape(6, SIZE, WIDTH) for one in np.split(weight, 3, axis=1))
    for row in table.cells:
        head = int(row[0].value)
        assert_allclose(row[1].value, spread(q[head], k[head]), rtol=1e-9)


def test_heads_nobody_names_are_asked_for(llama):
    path, _ = llama
    (path.parent / "config.json").unlink()
    with pytest.raises(Exception, match=r"config\.json"):
        draw("position", "heads", str(path))
    assert len(draw("position", "heads", str(path), head_count=3).cells) == 3


def test_a_head_is_an_array_of_its_own(llama):
    from gui.draw import given_of
    from gui.pages.position.compute.heads import FindLayers, ReadLayer, model

    path, tensors = llama
    given = given_of(opened_from(source_of(path)))
    found = model(*given.values()) if isinstance(next(iter(given.values())), Opened) else None
    found = found or model(given[Opened], next(v for k, v in given.items() if k is not Opened))
    layers = FindLayers(model=found).run()
    cutting = ReadLayer(model=found, layers=layers, layer=0, head_count=0, group_count=0).run()
    for side, name in (("q", "q_proj"), ("k", "k_proj")):
        whole = tensors[f"model.layers.0.self_attn.{name}.weight"].astype(np.float32)
        for head, ref in enumerate(cutting.refs[side]):
            block = head if side == "q" else head // 3
            matrix = read_matrix(ref, found.source)
            np.testing.assert_array_equal(matrix, whole[block * SIZE : (block + 1) * SIZE])
            entry = found.file.find(ref.entry)
            assert reference(found.file, entry, ref.index, ref.view) == ref


def test_render_draws_it_and_a_head_from_the_command_line(llama, tmp_path, capsys):
    path, _ = llama
    out = tmp_path / "p.svg"
    assert render([str(path), "--figure", "position", "--k", "5", "--out", str(out)]) == 0
    assert b"<svg" in out.read_bytes()
    table = tmp_path / "heads.csv"
    assert render([str(path), "--figure", "position.heads", "--out", str(table)]) == 0
    assert len(table.read_text().splitlines()) >= 7
    view = ["--view", f"blocks of {SIZE} rows", "--slice", "5", "--entry"]
    entry = "model.layers.0.self_attn.q_proj.weight"
    png = tmp_path / "head.png"
    assert render([str(path), "--figure", "spectrum", *view, entry, "--out", str(png)]) == 0
    capsys.readouterr()
