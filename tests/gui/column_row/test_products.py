"""Which arrays are multiplied: chosen, transposed, refused, and what is plotted of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.pages.column_row.compute.product import ACTIVATIONS
from gui.pages.column_row.contents import PAGE
from tests.gui.column_row.norms_by_hand import error_of, largest


def test_columns_are_picked_on_request(page, matrix):
    page.show("a", matrix)
    page.choose(page.page.pairing.kind, "columns")
    assert page.curve("error", "norm.own").y.size == 7
    expected = error_of(matrix, matrix.T, largest(matrix, matrix.T, 3))
    assert_allclose(page.curve("error", "norm.own").y[3], expected, rtol=1e-9)


def test_another_array_is_multiplied(page, factors):
    x, y = factors
    page.multiply(x, y)
    assert_allclose(page.image("product"), x @ y, atol=1e-12)
    expected = [error_of(x, y, largest(x, y, r)) for r in range(13)]
    assert_allclose(page.curve("error", "norm.own").y, expected, rtol=1e-9, atol=1e-12)
    assert page.page.pairing.shapes.text() == "X 7 × 12, Y 12 × 9: 12 pairs"


def test_likely_partner_is_the_array_that_fits(page, factors):
    x, y = factors
    page.open("z", np.ones((5, 5)))
    fitting = page.open("y", y)
    page.show("x", x)
    page.choose(page.page.pairing.kind, "other")
    assert page.state.pairings[-1].y == fitting


def test_pairing_comes_back_with_its_array(page, factors, matrix):
    x, y = factors
    page.multiply(x, y)
    page.show("a", matrix)
    assert page.page.pairing.kind.value() == "rows"
    page.store.undo()
    page.settle()
    assert_allclose(page.image("product"), x @ y, atol=1e-12)


def test_wrong_shapes_are_refused_by_both_names_and_transposed_by_a_button(page, factors):
    x, y = factors
    page.multiply(x, y.T.copy())
    said = page.view.notice.label.text()
    assert "7 × 12" in said
    assert "9 × 12" in said
    assert "Y transposed fits" in said
    assert page.curve("error", "norm.own") is None
    page.click(page.view.notice.buttons["transpose"])
    assert page.view.notice.isHidden()
    assert page.page.pairing.turn_y.value()
    assert_allclose(page.image("product"), x @ y, atol=1e-12)
    page.store.undo()
    page.settle()
    assert "Y transposed fits" in page.view.notice.label.text()


def test_bad_entries_of_the_other_array_are_replaced_and_taken_back_here(page, factors):
    x, y = factors
    broken = y.copy()
    broken[2, 1] = np.nan
    page.multiply(x, broken)
    notice = page.view.notice
    assert "y.npy holds 1 NaN among 108 entries" in notice.label.text()
    page.click(notice.buttons["zero"])
    assert_allclose(page.image("product"), x @ np.nan_to_num(broken), atol=1e-12)
    assert "count as 0" in notice.label.text()
    page.click(notice.buttons["keep"])
    assert "y.npy holds 1 NaN among 108 entries" in notice.label.text()


def test_shapes_that_never_fit_offer_no_button(page, factors):
    page.multiply(factors[0], np.ones((5, 4)))
    assert "choose another array" in page.view.notice.label.text()
    assert page.view.notice.buttons == {}


@pytest.fixture
def check_call(page, monkeypatch):
    """Run what "Copy as Python" gives; the Figure is the one on screen. Returns the code."""
    monkeypatch.setattr("gui.draw.PAGES", (PAGE,))

    def check():
        code = page.page.call()
        names = {}
        exec(code.replace("rankscope.draw(", "drawn = rankscope.draw("), names)
        drawn = names["drawn"]
        shown = page.figure(drawn.key)
        assert [one.key for one in drawn.series] == [one.key for one in shown.series]
        for one, other in zip(drawn.series, shown.series, strict=True):
            assert_allclose(one.y, other.y, rtol=1e-12, atol=1e-14)
        assert drawn.meta.items() >= {key: shown.meta[key] for key in ("x", "y", "shape")}.items()
        return code

    return check


@pytest.mark.parametrize("kind", ["rows", "columns"])
def test_call_repeats_the_product_of_an_array_with_itself(page, matrix, check_call, kind):
    page.show("a", matrix)
    page.choose(page.page.pairing.kind, "columns")
    page.choose(page.page.pairing.kind, kind)
    page.set(r=3)
    assert f"product='{kind}'" in check_call()


def test_call_repeats_the_product_of_two_arrays(page, factors, check_call):
    x, y = factors
    page.multiply(x, y.T.copy())
    page.click(page.page.pairing.turn_y)
    assert "transpose_y=True" in check_call()


def test_call_of_the_example_says_no_more_than_it_has_to(page, check_call):
    page.open_examples()
    page.click(page.page.pairing.example_button)
    page.set(strategies=("norm", "drop2", "greedy", "norm_sampling"))
    code = check_call()
    assert "other" not in code
    assert "product" not in code
    assert "without" not in code


def test_example_button_shows_activations_times_weights_in_one_step(page):
    source = page.open_examples()
    page.click(page.page.pairing.example_button)
    x, y = source.read("activations"), source.read("weights")
    assert page.store["selection"].active == ACTIVATIONS
    assert_allclose(page.image("product"), x @ y, atol=1e-9)
    # Exact search is small enough here, and beaten by nobody.
    best = page.curve("error", "exact.own").y
    for key in ("norm", "drop2", "greedy"):
        assert np.all(page.curve("error", f"{key}.own").y >= best - 1e-9)
    page.store.undo()
    assert page.store["selection"].active is None
