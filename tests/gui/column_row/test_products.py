"""Which arrays are multiplied: chosen, transposed, refused, and what is plotted of them."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

from gui.pages.column_row.compute.product import ACTIVATIONS
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


def test_shapes_that_never_fit_offer_no_button(page, factors):
    page.multiply(factors[0], np.ones((5, 4)))
    assert "choose another array" in page.view.notice.label.text()
    assert page.view.notice.buttons == {}


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
