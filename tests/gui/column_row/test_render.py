"""What is drawn without a window: every plot of every product, from the same declarations."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.files import open_matrix_file
from gui.core.declare.draw import NoSuchChoice, OutOfRange, draw_plot
from gui.core.declare.options import options, parsed
from gui.draw import given_of, opened_from
from gui.pages.column_row.compute.product import CannotMultiply
from gui.pages.column_row.contents import PAGE


@pytest.fixture
def source(tmp_path, factors):
    x, y = factors
    np.savez(tmp_path / "layer.npz", x=x, y=y)
    np.save(tmp_path / "alone.npy", y)
    return open_matrix_file(tmp_path / "layer.npz")


def build(source, key="column_row", times=None, **values):
    """Draw a plot by its present or former name; ``times`` is the second array."""
    given = given_of(opened_from(source, "x"), times)
    return draw_plot(PAGE, key, given, values).drawn


def curve(figure, key):
    return next(one for one in figure.series if one.key == key)


def error_of(x, y, r):
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    kept = np.argsort(-norms)[:r]
    return np.linalg.norm(x @ y - x[:, kept] @ y[kept]) / np.linalg.norm(x @ y)


def test_rows_are_picked_by_default(source, factors):
    x, _ = factors
    figure = build(source, r=3)
    assert_allclose(curve(figure, "norm.own").y[4], error_of(x.T, x, 4), rtol=1e-9)
    assert figure.meta["r"] == "3"


def test_columns_on_request(source, factors):
    x, _ = factors
    figure = build(source, product="columns", strategies=("norm",), weights=("own",))
    assert {one.key for one in figure.series} == {"norm.own", "floor"}
    assert_allclose(curve(figure, "norm.own").y[5], error_of(x, x.T, 5), rtol=1e-9)


@pytest.mark.parametrize("times", ["y", "alone.npy"])
def test_other_factor_is_an_array_of_the_file_or_another_file(source, factors, tmp_path, times):
    x, y = factors
    if times == "y":
        other = opened_from(source, "y")
    else:
        other = opened_from(open_matrix_file(tmp_path / times))
    figure = build(source, times=other)
    assert_allclose(curve(figure, "norm.own").y[5], error_of(x, y, 5), rtol=1e-9)


def test_wrong_shapes_are_refused_by_both_names(source):
    other = opened_from(source, "x")
    with pytest.raises(CannotMultiply, match=r"7 × 12 and Y = .* 7 × 12"):
        build(source, times=other)
    assert build(source, times=other, transpose_y=True).series


@pytest.mark.parametrize("pairs", [-1, 8])
def test_pairs_out_of_range_are_refused(source, pairs):
    with pytest.raises(OutOfRange, match=r"\[0, 7\]"):
        build(source, r=pairs)


def test_a_strategy_that_there_is_none_of_is_refused(source):
    with pytest.raises(NoSuchChoice, match="did you mean 'greedy'"):
        build(source, strategies=("norm", "gredy"))


def test_sampling_is_repeated_by_its_seed(source):
    key = "norm_sampling.mean"
    first, again, other = (curve(build(source, seed=seed), key).y for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_norms_mark_the_pairs_kept(source, factors):
    x, _ = factors
    figure = build(source, "column_row-norms", r=2, strategies=("norm",))
    assert len(curve(figure, "chosen").x) == 2
    norms = np.sort((x.T**2).sum(axis=0))[::-1]
    assert_allclose(curve(figure, "norms").y, norms, rtol=1e-12)


def test_options_are_called_as_they_were():
    error, norms = (set(options(PAGE, PAGE.plot(key))) for key in ("error", "norms"))
    both = {"product", "transpose-x", "transpose-y", "pairs", "strategies", "seed", "log-y"}
    assert both | {"weights", "log-x"} <= error
    assert both <= norms


@pytest.mark.parametrize("plot", PAGE.plots, ids=lambda plot: plot.key)
def test_options_parse_or_say_why_not(plot):
    for one in options(PAGE, plot).values():
        if one.kind in ("number", "toggle") or isinstance(one.choices, dict):
            with pytest.raises(ValueError, match="nonsense"):
                parsed(one, "nonsense")
