"""The view Routing: audit and load of a router against brute force, and a token on Top-k."""

from __future__ import annotations

import csv
import dataclasses
import json
from types import SimpleNamespace

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.checkpoint import Matrix, role_of
from engine.topk import get_operator
from gui.core.declare.call import call_of
from gui.core.declare.draw import moment_of, picture_at
from gui.core.state.document import EXAMPLES_PATH, DataRef
from gui.core.state.session import from_json, to_json
from gui.draw import _file_of, draw, given_of, opened_from, source_of
from gui.pages.checkpoint.compute import routing
from gui.pages.checkpoint.compute.routing import FORMULAS
from gui.pages.checkpoint.contents import PAGE
from gui.render import main as render
from tests.gui.checkpoint.conftest import open_model, write_model

TOKENS, EXPERTS, WIDTH, K = 400, 12, 20, 3
GATE = "model.layers.1.mlp.gate.weight"
FORMATS = ("bfloat16", "float16", "float8_e4m3fn", "float8_e5m2")


@pytest.fixture
def moe(tmp_path):
    """A model with two routers of DeepSeek's names, and inputs of them in a file."""
    rng = np.random.default_rng(2)
    found = {}
    for layer in (0, 1):
        stem = f"model.layers.{layer}.mlp.gate"
        found[f"{stem}.weight"] = (rng.normal(size=(EXPERTS, WIDTH)) / 4).astype(np.float32)
        bias = rng.normal(size=EXPERTS) / 20
        found[f"{stem}.e_score_correction_bias"] = bias.astype(np.float32)
    folder = write_model(tmp_path / "moe", found)
    inputs = rng.normal(size=(TOKENS, WIDTH)).astype(np.float32)
    np.save(tmp_path / "inputs.npy", inputs)
    logits = inputs.astype(float) @ found[GATE].astype(float).T
    bias = found[GATE.replace("weight", "e_score_correction_bias")].astype(float)
    return folder, tmp_path / "inputs.npy", logits.astype(np.float32), bias


def compared(x, formula, bias):
    x = x.astype(float)
    if formula == "topk_softmax":
        return x
    if formula == "softmax_topk":
        found = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    else:
        found = 1 / (1 + np.exp(-x)) + bias
    return found.astype(np.float32).astype(float)


def chosen(c, k=K):
    return [frozenset(np.argsort(-row, kind="stable")[:k].tolist()) for row in c]


def changed(c, name):
    dtype = np.dtype(name) if name == "float16" else np.dtype(getattr(ml_dtypes, name))
    top = float(ml_dtypes.finfo(dtype).max)
    after = np.clip(c, -top, top).astype(dtype).astype(float)
    return np.array([a != b for a, b in zip(chosen(c), chosen(after), strict=True)])


def weights(x, formula, bias):
    x, found = x.astype(float), np.zeros(x.shape)
    for row, (token, best) in enumerate(zip(x, chosen(compared(x, formula, bias)), strict=True)):
        best = sorted(best)
        if formula == "topk_softmax":
            found[row, best] = np.exp(token[best]) / np.exp(token[best]).sum()
        elif formula == "softmax_topk":
            found[row, best] = np.exp(token[best]) / np.exp(token).sum()
        else:
            parts = 1 / (1 + np.exp(-token[best]))
            found[row, best] = parts / parts.sum()
    return found


# -- without a window ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "typed", "k"),
    [
        ({"num_experts_per_tok": 5}, 0, 5),
        ({"num_experts_per_tok": 5}, 4, 4),
        ({"text_config": {"experts_per_token": 1}}, 0, 1),
        ({"ffn_config": {"moe_top_k": 4}}, 0, 4),
        ({"num_experts_per_tok": EXPERTS + 1}, 0, 2),
        ({"num_experts_per_tok": True, "text_config": [3]}, 0, 2),
        ({}, 0, 2),
    ],
)
def test_a_token_goes_to_as_many_experts_as_typed_or_as_the_model_says(moe, config, typed, k):
    folder, inputs, _, _ = moe
    (folder / "config.json").write_text(json.dumps(config))
    table = draw("checkpoint", "margins", str(folder), other=str(inputs), router=GATE,
                 per_token=typed)  # fmt: skip
    assert table.meta["k"] == str(k)


@pytest.mark.parametrize("formula", FORMULAS)
def test_tokens_that_change_are_those_of_brute_force(moe, formula):
    folder, inputs, logits, bias = moe
    table = draw("checkpoint", "tokens", str(folder), other=str(inputs), router=GATE,
                 formula=formula, per_token=K, rounded_format="float8_e4m3fn")  # fmt: skip
    c = compared(logits, formula, bias)
    total, *rows = table.cells
    assert [cell.value for cell in total[2:]] == [int(changed(c, one).sum()) for one in FORMATS]
    ordered = -np.sort(-c, axis=1)
    margin = ordered[:, K - 1] - ordered[:, K]
    worst = np.flatnonzero(changed(c, "float8_e4m3fn"))
    worst = worst[np.argsort(margin[worst], kind="stable")][:50]
    assert [int(line[0].value) for line in rows] == worst.tolist()
    assert_allclose([line[1].value for line in rows], margin[worst], atol=1e-7)
    figure = draw("checkpoint", "margins", str(folder), other=str(inputs), router=GATE,
                  formula=formula, per_token=K)  # fmt: skip
    assert figure.series[0].y.sum() / 2 == pytest.approx((margin > 0).sum())
    ulp = np.spacing(ordered[:, K - 1].astype(np.float32)).astype(float)
    within = int((margin <= ulp).sum())
    assert f"{within} margins are within one ulp" in figure.note


def test_the_load_of_formulas_and_operators(moe):
    folder, inputs, logits, bias = moe
    figure = draw("checkpoint", "load", str(folder), other=str(inputs), router=GATE, per_token=K,
                  operators=("hard", "exp"), softness=0.25)  # fmt: skip
    curves = {one.key: one.y for one in figure.series}
    assert set(curves) == {*FORMULAS, "hard", "exp"}
    for formula in FORMULAS:
        load = weights(logits, formula, bias).sum(axis=0)
        assert_allclose(curves[formula], load / load.mean(), rtol=1e-6)
    soft = get_operator("exp")(logits.astype(float), K, 0.25).sum(axis=0)
    assert_allclose(curves["exp"], soft / soft.mean(), rtol=1e-6)
    counts = np.bincount([e for best in chosen(logits) for e in best], minlength=EXPERTS)
    assert_allclose(curves["hard"], counts / counts.mean())
    starved = int((curves["topk_softmax"] < 0.5).sum())
    assert f"{starved} of {EXPERTS} experts" in figure.note


def test_the_load_goes_by_what_the_audit_compares(tmp_path):
    """Sigmoids near 1 tie in float32: the lower index is chosen, in both."""
    x = (17 + np.random.default_rng(6).normal(size=(200, EXPERTS))).astype(np.float32)
    np.save(tmp_path / "logits.npy", x)
    figure = draw("checkpoint", "load", str(tmp_path / "logits.npy"), router="array", per_token=K,
                  operators=())  # fmt: skip
    load = weights(x, "sigmoid_bias", 0.0).sum(axis=0)
    assert load[0] > 1.5 * load[-1]
    (curve,) = [one.y for one in figure.series if one.key == "sigmoid_bias"]
    assert_allclose(curve, load / load.mean(), rtol=1e-6)


@pytest.mark.parametrize("formula", ["softmax_topk", "sigmoid_bias"])
@pytest.mark.parametrize(
    ("config", "typed", "count", "kept"),
    [
        ({"n_group": 4, "topk_group": 2}, {}, 4, 2),
        ({"n_group": 4, "topk_group": 2}, {"groups": 6, "kept_groups": 3}, 6, 3),
        ({"text_config": {"n_group": 3, "topk_group": 1}}, {}, 3, 1),
        ({"n_group": 5, "topk_group": 2}, {}, 1, 1),  # groups of unequal size
        ({"n_group": 4}, {}, 4, 4),
        ({"n_group": 1, "topk_group": 1}, {"kept_groups": 9}, 1, 1),
    ],
)
def test_groups_of_experts_are_chosen_first(moe, config, typed, count, kept, formula):
    folder, inputs, logits, bias = moe
    (folder / "config.json").write_text(json.dumps(config))
    given = {"other": str(inputs), "router": GATE, "formula": formula, "per_token": 2, **typed}
    c = compared(logits, formula, bias)

    def sets(c):
        parts = np.sort(c.reshape(TOKENS, count, -1), axis=2)
        best = parts[:, :, -2:].sum(axis=2) if formula == "sigmoid_bias" else parts[:, :, -1]
        cut = np.full(c.shape, -np.inf)
        for token, groups in enumerate(np.argsort(-best, axis=1, kind="stable")[:, :kept]):
            for group in groups:
                span = slice(group * EXPERTS // count, (group + 1) * EXPERTS // count)
                cut[token, span] = c[token, span]
        return chosen(cut, 2)

    table = draw("checkpoint", "tokens", str(folder), **given)
    after = c.astype(np.float16).astype(float)
    moved = sum(a != b for a, b in zip(sets(c), sets(after), strict=True))
    assert table.cells[0][2 + FORMATS.index("float16")].value == moved
    assert table.meta["groups"] == f"{kept} of {count}"
    load = draw("checkpoint", "load", str(folder), operators=(), **given)
    (curve,) = [one.y for one in load.series if one.key == formula]
    total = np.zeros(EXPERTS)
    for token, best in zip(logits.astype(float), sets(c), strict=True):
        best, sigmoid = sorted(best), 1 / (1 + np.exp(-token))
        if formula == "sigmoid_bias":
            total[best] += sigmoid[best] / sigmoid[best].sum()
        else:
            total[best] += np.exp(token[best]) / np.exp(token).sum()
    assert_allclose(curve, total / total.mean(), rtol=1e-6)


def test_groups_that_do_not_fit_are_refused_in_words(moe):
    folder, inputs, _, _ = moe
    with pytest.raises(ValueError, match="a divisor of the 12 experts"):
        draw("checkpoint", "margins", str(folder), other=str(inputs), router=GATE, groups=5,
             kept_groups=2)  # fmt: skip


def test_an_array_of_logits_needs_no_model():
    x = np.random.default_rng(5).normal(size=(60, 8)).astype(np.float32)
    table = draw("checkpoint", "tokens", x, per_token=K)
    assert [one.value for one in table.cells[0][2:]] == [
        int(changed(x.astype(float), name).sum()) for name in FORMATS
    ]
    everything = draw("checkpoint", "margins", x, per_token=8)
    assert "all 8 experts" in everything.note
    masked = np.where(x < -1.5, -np.inf, x)
    assert draw("checkpoint", "load", masked, per_token=2).series
    x[3, 2] = np.nan
    with pytest.raises(ValueError, match=r"nan at index \(3, 2\)"):
        draw("checkpoint", "margins", x, per_token=2)
    left = draw("checkpoint", "tokens", x, per_token=K, missing="leave_rows_out")
    assert left.cells[0][0].text == "all 59"
    numbers = {line[0].value for line in left.cells[1:]}
    assert 3 not in numbers


def test_a_bias_may_be_given_and_that_of_the_logits_is_added(tmp_path):
    rng = np.random.default_rng(7)
    weight, bias = rng.normal(size=(EXPERTS, WIDTH)), 3 * rng.normal(size=EXPERTS)
    stem = "model.layers.0.mlp.router"
    parts = {f"{stem}.weight": weight, f"{stem}.bias": bias}
    folder = write_model(tmp_path / "m", {k: v.astype(np.float32) for k, v in parts.items()})
    x = rng.normal(size=(50, WIDTH)).astype(np.float32)
    load = draw("checkpoint", "load", str(folder), other=x, per_token=K, operators=())
    logits = x.astype(float) @ weight.astype(np.float32).astype(float).T
    logits += bias.astype(np.float32).astype(float)
    expected = weights(logits, "topk_softmax", None).sum(axis=0)
    assert_allclose(load.series[0].y, expected / expected.mean(), rtol=1e-5)
    logits, given = logits.astype(np.float32), np.linspace(-0.4, 0.4, EXPERTS)
    table = draw("checkpoint", "tokens", logits, other=given, formula="sigmoid_bias", per_token=K,
                 bias="other")  # fmt: skip
    c = compared(logits, "sigmoid_bias", given)
    counts = [one.value for one in table.cells[0][2:]]
    assert counts == [int(changed(c, name).sum()) for name in FORMATS]


def test_without_inputs_it_says_which_are_needed(moe):
    folder, _, _, _ = moe
    assert f"tokens × {WIDTH}" in draw("checkpoint", "margins", str(folder)).note
    wrong = np.zeros((3, WIDTH + 1))
    assert f"tokens × {WIDTH}" in draw("checkpoint", "load", str(folder), other=wrong).note
    assert "tokens × experts" in draw("checkpoint", "tokens").cells[0][0].text


def test_inputs_are_offered_before_the_weights_of_another_model():
    names = ("lm_head.weight", "hidden", "model.layers.0.self_attn.q_proj.weight", "states")
    refs = [DataRef(f"{name}.npy", name, (20, WIDTH), "float32") for name in names]
    matrix = Matrix(GATE, "moe", GATE, None, (EXPERTS, WIDTH), "float32", role_of(GATE))
    found = list(routing._fitting(matrix, SimpleNamespace(refs=refs)).values())
    assert [one.entry for one in found] == ["hidden", "states", names[0], names[2]]
    # An example of that width is nobody's input.
    refs = [DataRef(EXAMPLES_PATH, "low rank + noise", (256, WIDTH), "float64"), refs[1]]
    found = list(routing._fitting(matrix, SimpleNamespace(refs=refs)).values())
    assert [one.entry for one in found] == ["hidden"]


def test_render_writes_the_tokens(moe, tmp_path, capsys):
    folder, inputs, logits, bias = moe
    out = tmp_path / "tokens.csv"
    assert render([str(folder), "--times", str(inputs), "--figure", "checkpoint.tokens",
                   "--router", GATE, "--per-token", str(K), "--formula", "sigmoid_bias",
                   "--out", str(out)]) == 0  # fmt: skip
    capsys.readouterr()
    text = [line for line in out.read_text().splitlines() if not line.startswith("#")]
    lines = list(csv.reader(text))
    assert lines[0][0] == "Token"
    c = compared(logits, "sigmoid_bias", bias)
    assert len(lines) == 2 + min(50, int(changed(c, "bfloat16").sum()))


# -- in the window ------------------------------------------------------------------------------


def tokens(driver):
    return driver.page.tables["checkpoint.tokens"]


def click_first(driver):
    """Click the worst token; return its number."""
    driver.wait(lambda: len(tokens(driver).texts()) > 1)
    number = int(tokens(driver).texts()[1][0])
    tokens(driver).table.cellClicked.emit(1, 0)
    return number


def open_beside(driver, path):
    source = source_of(path)
    driver.context.library.add(source.path, source)
    items = (*driver.store["files"].items, _file_of(source))
    driver.store.replace("files", label="open", items=items)
    driver.settle()


def test_a_click_opens_the_row_of_an_array_on_top_k(driver, messages):
    x = np.random.default_rng(5).normal(size=(90, 8)).astype(np.float32)
    np.save(driver.folder / "logits.npy", x)
    open_model(driver, driver.folder / "logits.npy")
    driver.page.show_view("routing")
    driver.page.conductor.edit("rounded_format", "float8_e5m2")
    driver.settle()
    number = click_first(driver)
    topk = driver.store["topk"]
    assert (topk.axis, topk.position, topk.k, topk.override) == ("row", number, 2.0, None)
    assert ("topk", "page") in messages
    driver.store.undo()
    assert driver.store["topk"].position == 0


def test_a_click_hands_over_a_row_within_its_groups(driver):
    x = np.random.default_rng(5).normal(size=(90, 8)).astype(np.float32)
    np.save(driver.folder / "logits.npy", x)
    open_model(driver, driver.folder / "logits.npy")
    driver.page.show_view("routing")
    for name, value in (("rounded_format", "float8_e5m2"), ("groups", 4), ("kept_groups", 1)):
        driver.page.conductor.edit(name, value)
    driver.settle()
    number = click_first(driver)
    group = int(x[number].argmax()) // 2
    handed = np.full(8, -np.inf)
    handed[2 * group : 2 * group + 2] = x[number, 2 * group : 2 * group + 2]
    assert driver.store["topk"].override.numbers == tuple(handed.tolist())


def test_a_click_hands_over_what_a_router_compares(driver, moe, messages):
    folder, inputs, logits, bias = moe
    open_model(driver, folder)
    driver.page.show_view("routing")
    driver.settle()
    assert f"tokens × {WIDTH}" in driver.figure("margins").note
    open_beside(driver, inputs)
    for name, value in (("router", GATE), ("per_token", K), ("formula", "sigmoid_bias")):
        driver.page.conductor.edit(name, value)
    driver.settle()
    number = click_first(driver)
    topk = driver.store["topk"]
    assert topk.override.kind == "pasted"
    assert topk.override.ref == driver.store["selection"].active
    assert_allclose(topk.override.numbers, compared(logits, "sigmoid_bias", bias)[number], 1e-6)
    assert topk.k == K
    text = to_json({"checkpoint": driver.state})
    slices, notices = from_json(text, {"checkpoint": PAGE.state()})
    assert notices == ()
    assert dataclasses.asdict(slices["checkpoint"]) == dataclasses.asdict(driver.state)


@pytest.mark.parametrize("bad", [False, True])
def test_the_copied_call_opens_the_inputs_and_the_bias(moe, tmp_path, bad):
    """As they are in the window: with what is done about their bad entries."""
    folder, inputs, _, bias = moe
    x = np.load(inputs)
    if bad:
        x[5] = np.nan
        np.save(inputs, x)
    np.save(tmp_path / "bias.npy", bias)
    model, given = source_of(folder), source_of(inputs)
    opened = [opened_from(model), opened_from(given, missing="leave_rows_out" if bad else ""),
              opened_from(source_of(tmp_path / "bias.npy"))]  # fmt: skip
    values = {"router": GATE, "inputs": opened[1].ref.title, "formula": "sigmoid_bias",
              "bias": opened[2].ref.title, "per_token": K}  # fmt: skip
    now = moment_of(PAGE, given_of(opened[0], None, *opened[1:]), values)
    for plot in (PAGE.plot("checkpoint.margins"), PAGE.plot("checkpoint.load")):
        code = call_of(plot, now)
        assert code.count("rankscope.Beside(") == 2
        assert ("missing='leave_rows_out'" in code) == bad
        names: dict = {}
        exec(code.replace("rankscope.draw(", "drawn = rankscope.draw("), names)
        seen, again = picture_at(plot, now).drawn, names["drawn"]
        assert len(seen.series) == len(again.series) > 0
        for one, other in zip(seen.series, again.series, strict=True):
            assert np.array_equal(one.y, other.y, equal_nan=True)
