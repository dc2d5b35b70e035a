"""From results to figures: what is drawn, in which colours, and what the crosshair reads."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.core.figure.figure import Series
from gui.core.figure.look import Look
from gui.core.paint.head.legend import entries_of
from gui.pages.column_row.compute.catalogue import Chosen
from gui.pages.column_row.compute.terms import Factors
from gui.pages.column_row.show.error import Error
from gui.pages.column_row.show.norms import Norms, places
from gui.pages.column_row.show.pictures import Approximation, ProductPicture, Residual
from tests.gui.column_row.products import CATALOGUE, INFOS, curves_of, detail_of, prepared_of


@pytest.fixture
def prepared(factors):
    return prepared_of(*factors)


def error_figure(prepared, curves, weights=("own", "full"), r=4, *, log=False):
    plot = Error(prepared=prepared, curves=curves, weights=weights, r=r, error_log=log, r_log=log)
    return plot.figure()


def norms_figure(prepared, detail, order="norm"):
    arranged = places(order, prepared)
    plot = Norms(prepared=prepared, detail=detail, places=arranged, order=order, norms_log=False)
    return plot.figure()


def pictures(prepared, detail, chosen=None):
    rng, (n, l_, m) = np.random.default_rng(0), prepared.shape
    factors = Factors(prepared.product, rng.standard_normal((n, l_)), rng.standard_normal((l_, m)))
    given = {"prepared": prepared, "factors": factors, "look": Look(shared=True)}
    return (
        ProductPicture(**given).figure(),
        Approximation(**given, detail=detail, chosen=chosen).figure(),
        Residual(**given, detail=detail, chosen=chosen).figure(),
    )


def series_of(figure, key) -> Series:
    return next(one for one in figure.series if one.key == key)


def test_no_two_strategies_look_alike():
    looks = [(info.color, info.dash) for info in CATALOGUE]
    assert len(set(looks)) == len(looks)
    assert "ink" not in {color for color, _ in looks}


def test_one_strategy_keeps_colour_and_dash_with_every_weight(prepared):
    curves = curves_of(prepared, ("greedy", "own"), ("greedy", "diagonal"), ("greedy", "full"))
    figure = error_figure(prepared, curves, ("own", "diagonal", "full"))
    drawn = [one for one in figure.series if one.key.startswith("greedy")]
    assert {(one.color, one.dash) for one in drawn} == {
        (INFOS["greedy"].color, INFOS["greedy"].dash)
    }
    assert [one.symbol for one in drawn] == ["", "d", "s"]
    assert [entry.name for entry in entries_of(figure)].count(INFOS["greedy"].title) == 1
    assert "◆" in figure.note
    assert "■" in figure.note


def test_floor_is_ink_and_below_every_curve(prepared):
    keys = ("norm", "drop2", "greedy", "exact")
    curves = curves_of(prepared, *((key, "full") for key in keys))
    figure = error_figure(prepared, curves, ("full",))
    floor = series_of(figure, "floor")
    assert floor.color == "ink"
    assert entries_of(figure)[0].name == floor.name
    for key in keys:
        assert np.all(series_of(figure, f"{key}.full").y >= floor.y - 1e-9)


def test_fitted_weights_are_listed_where_nothing_else_names_the_strategy(prepared):
    curves = curves_of(prepared, ("norm", "full"))
    figure = error_figure(prepared, curves, ("full",))
    assert "Largest norms, best full L" in {entry.name for entry in entries_of(figure)}


def test_sampling_shows_formula_mean_and_band(prepared):
    curves = curves_of(prepared, ("uniform", None))
    (sampling,) = curves.values()
    figure = error_figure(prepared, curves)
    assert_allclose(series_of(figure, "uniform.expected").y, sampling.expected)
    mean = series_of(figure, "uniform.mean")
    assert_allclose(mean.y, sampling.mean)
    assert not mean.line
    assert [band.key for band in figure.bands] == ["uniform.band"]
    # Few draws err by more than the product itself: they must not squeeze everything else.
    assert figure.y.limits[1] < 1.6 < sampling.expected[0]


def test_log_axes_leave_out_what_has_no_place_on_them(prepared):
    figure = error_figure(prepared, curves_of(prepared, ("norm", "own")), r=0, log=True)
    norm = series_of(figure, "norm.own")
    assert norm.x[0] == 1.0
    assert np.isnan(norm.y[-1])
    assert figure.x.log
    assert figure.y.log
    assert figure.cursors[0].value == 1.0


def test_cursor_moves_over_whole_numbers_within_the_pairs(prepared):
    figure = error_figure(prepared, {})
    (cursor,) = figure.cursors
    assert (cursor.value, cursor.step, cursor.bounds) == (4.0, 1.0, (0.0, 12.0))
    assert cursor.draggable


def test_meta_says_what_was_multiplied(prepared):
    figure = error_figure(prepared, {})
    assert figure.meta["x"].endswith("x")
    assert figure.meta["shape"] == "7 x 12 x 9"


@pytest.mark.parametrize("order", ["norm", "index"])
def test_chosen_pairs_are_marked_where_they_lie(factors, prepared, order):
    x, y = factors
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    detail = detail_of(prepared)
    figure = norms_figure(prepared, detail, order)
    base, chosen = series_of(figure, "norms"), series_of(figure, "chosen")
    expected = np.sort(norms)[::-1] if order == "norm" else norms
    assert_allclose(base.y, expected, rtol=1e-12)
    assert_allclose(np.sort(chosen.y), np.sort(norms)[-4:], rtol=1e-12)
    if order == "index":
        assert set(chosen.x.astype(int)) == set(np.argsort(-norms)[:4])
    assert chosen.color == INFOS["norm"].color


def test_crosshair_reads_index_norm_and_weight(factors, prepared):
    x, y = factors
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    detail = detail_of(prepared, kind="diagonal")
    figure = norms_figure(prepared, detail)
    largest = int(np.argmax(norms))
    weight = detail.weights[detail.indices.tolist().index(largest)]
    words = series_of(figure, "chosen").words[0]
    assert words == f"pair {largest}, norm {norms[largest]:.2f}, weight {weight:.4f}"
    assert series_of(figure, "norms").words[0] == f"pair {largest}, norm {norms[largest]:.2f}"
    assert len(series_of(figure, "norms").words) == 12


def test_weights_other_than_one_are_drawn_beside_the_norms(prepared):
    plain = norms_figure(prepared, detail_of(prepared))
    assert [one.key for one in plain.series] == ["norms", "chosen"]
    fitted = detail_of(prepared, kind="diagonal")
    figure = norms_figure(prepared, fitted, "index")
    weighted = series_of(figure, "weighted")
    assert_allclose(weighted.y, np.abs(fitted.weights) * prepared.norms[fitted.indices])


def test_pictures_share_one_scale_and_add_up(factors, prepared):
    x, y = factors
    detail = detail_of(prepared, "greedy", "full", 5)
    product, approximation, residual = pictures(prepared, detail)
    assert product.meta["shape"] == residual.meta["shape"] == "7 x 12 x 9"
    made = {"r": "5", "strategy": "greedy", "weights": "full"}
    assert made.items() <= approximation.meta.items()
    assert made.items() <= residual.meta.items()
    images = [figure.images[0] for figure in (product, approximation, residual)]
    assert_allclose(images[0].values, x @ y, atol=1e-12)
    assert_allclose(images[1].values + images[2].values, x @ y, atol=1e-12)
    assert images[0].levels == images[1].levels
    low, high = images[2].levels
    assert high - low == images[0].levels[1] - images[0].levels[0]
    links = {plot.link for plot in (ProductPicture, Approximation, Residual)}
    assert links == {"column_row.pictures"}


def test_the_three_pictures_have_a_line_each_so_that_they_stand_at_one_height(prepared):
    figures = pictures(prepared, detail_of(prepared))
    assert all(figure.note for figure in figures)
    assert "%" in figures[2].note


def test_nothing_in_detail_is_an_empty_picture(prepared):
    assert [one.key for one in norms_figure(prepared, None).series] == ["norms"]
    empty = pictures(prepared, None)[1:]
    assert [(len(one.images), one.note) for one in empty] == 2 * [(0, "No strategy is ticked.")]


def test_a_search_that_is_too_large_is_an_empty_picture_that_says_so(prepared):
    empty = pictures(prepared, None, Chosen(INFOS["exact"], "own"))[1:]
    assert all(one.note.startswith("Exact search would compare too many sums") for one in empty)
