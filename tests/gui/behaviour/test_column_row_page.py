"""Column-row: what is drawn while answers are late, cancelled or about another product."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.column_row import STRATEGIES, approximation_error, select_pairs
from tests.support.known import matrix

MATRICES = {
    "a.npy": matrix(1, 18, 6),
    "b.npy": matrix(2, 12, 5, top=4.0),
    "c.npy": matrix(3, 15, 4, top=2.0),
    "d.npy": matrix(4, 9, 5, top=3.0),
}


@pytest.fixture
def page(start):
    """Both arrays have been opened; A^T A of a is shown."""
    driver = start("column_row")
    driver.open(("a", MATRICES["a.npy"]), ("b", MATRICES["b.npy"]))
    return driver


def factors_of(figure):
    """X and Y of the product that a plot names: A^T and A."""
    a = MATRICES[figure.meta["source"]]
    return a.T, a


def check_errors(driver):
    """Floor and curves belong to the product that the plot names."""
    figure = driver.figure("column_row.error")
    x, y = factors_of(figure)
    sigma = np.linalg.svd(x @ y, compute_uv=False)
    floor = next(one for one in figure.series if one.key == "floor")
    assert floor.x[-1] == x.shape[1], "as many pairs as there are rows"
    assert floor.y[2] == pytest.approx(np.linalg.norm(sigma[2:]) / np.linalg.norm(sigma), rel=1e-6)
    for one in figure.series:
        strategy, _, weights = one.key.partition(".")
        if weights == "own":
            r = int(one.x[3])
            error = approximation_error(x, y, select_pairs(x, y, r, strategy)).relative
            assert one.y[3] == pytest.approx(error, rel=1e-6)


def check_pictures(driver):
    """Product, approximation and residual are about one product."""
    figures = driver.figures()
    x, y = factors_of(figures["column_row.product"])
    product, near, rest = (
        driver.image(f"column_row.{key}") for key in ("product", "approximation", "residual")
    )
    assert_allclose(product, x @ y, atol=1e-12)
    if near is not None:
        assert near.shape == rest.shape == product.shape
        assert_allclose(near + rest, product, atol=1e-12)
        sources = {figures[f"column_row.{key}"].meta["source"] for key in ("product", "residual")}
        assert len(sources) == 1


def look(driver):
    check_errors(driver)
    check_pictures(driver)


def keys_of(driver):
    return {one.key for one in driver.figure("column_row.error").series}


ALL_CURVES = {
    *(f"{key}.{kind}" for key in ("norm", "drop2", "greedy") for kind in ("own", "full")),
    "norm_sampling.expected", "norm_sampling.mean", "norm_sampling.full", "floor",
}  # fmt: skip


def test_every_curve_and_picture_is_that_of_the_product(page):
    look(page)
    assert keys_of(page) == ALL_CURVES


# -- another product ----------------------------------------------------------------------------


def test_held_answers_of_an_earlier_product_are_dropped(page):
    page.select("b")
    page.idle()
    for name in ("a", "b"):
        with page.watching(lambda: look(page)):
            page.select(name)
            look(page)
            page.idle()
        assert page.figure("column_row.error").meta["source"] == f"{name}.npy"
        assert keys_of(page) == ALL_CURVES


def test_held_a_product_that_is_late_is_not_taken_for_the_next_one(page, gates):
    page.open(("c", MATRICES["c.npy"]), ("d", MATRICES["d.npy"]))
    shapes = {name: a.shape for name, a in MATRICES.items()}
    preparing = gates.hold(
        "engine.column_row.terms_floor", lambda terms, *_, **__: terms.pairs == shapes["b.npy"][0]
    )
    reading = gates.hold(
        "engine.files.check_finite", lambda a, *_, **__: np.shape(a) == shapes["d.npy"]
    )
    # From c to b, which is late, and on to d, which has still to be read.
    page.select("b")
    page.wait(lambda: preparing.entered > 0)
    page.select("d")
    page.wait(lambda: reading.entered > 0)
    preparing.open()
    page.asked()
    assert page.figure("column_row.error").meta["source"] == "c.npy"
    reading.open()
    page.idle()
    look(page)
    assert page.figure("column_row.error").meta["source"] == "d.npy"
    assert keys_of(page) == ALL_CURVES


def test_held_the_error_of_an_earlier_product_is_not_shown_for_the_next_one(page, gates):
    broken = matrix(4, 10, 3)
    broken[2, 1] = np.nan
    held = gates.hold("engine.files.check_finite", lambda a, *_, **__: np.shape(a) == (10, 3))
    page.application.open_paths([page.save("broken", broken)])
    page.wait(lambda: held.entered > 0)
    page.select("a")
    page.asked()
    held.open()
    page.idle()
    assert page.notice() == ""
    look(page)
    page.select("broken")
    page.idle()
    assert "row 2, column 1" in page.notice()


def test_held_the_page_is_not_blanked_while_a_product_is_on_its_way(page, gates):
    held = gates.hold("engine.column_row.terms_floor")

    def drawn():
        assert keys_of(page) == ALL_CURVES
        assert page.image("column_row.product") is not None

    page.select("b")
    page.wait(lambda: held.entered > 0)
    page.turns()
    drawn()
    assert page.figure("column_row.error").meta["source"] == "a.npy"
    held.open()
    page.idle()
    drawn()
    assert page.figure("column_row.error").meta["source"] == "b.npy"


# -- strategies and weights ---------------------------------------------------------------------


def test_m24_without_strategies_no_detail_is_left(page):
    assert page.image("column_row.approximation") is not None
    assert page.series("column_row.norms", "chosen") is not None
    for name in boxes(page):
        page.tick(name)
    assert page.store["column_row"].strategies == ()
    assert keys_of(page) == {"floor"}
    assert page.image("column_row.approximation") is None
    assert page.image("column_row.residual") is None
    assert page.series("column_row.norms", "chosen") is None
    page.store.undo()
    page.idle()
    assert page.image("column_row.approximation") is not None


def boxes(driver):
    """The titles of the strategies compared."""
    return [STRATEGIES[key].title for key in driver.store["column_row"].strategies]


def test_held_the_last_kind_of_weights_cannot_be_taken_away(page):
    page.tick("best full L ■")
    assert page.store["column_row"].weights == ("own",)
    page.tick("own weights")
    assert page.store["column_row"].weights == ("own",)
    assert page.is_on("own weights")


def test_m16_only_what_has_changed_is_drawn_again(page):
    def redrawn(change):
        before = page.figures()
        change()
        after = page.figures()
        assert after.keys() == before.keys()
        return {one.removeprefix("column_row.") for one in after if after[one] is not before[one]}

    assert redrawn(lambda: page.choose("Order", "by index")) == {"norms"}
    assert redrawn(lambda: page.tick("best diagonal ◆")) == {"error"}
    moved = redrawn(lambda: page.type("Pairs r", "3"))
    assert moved == {"error", "norms", "approximation", "residual"}


def test_a_drag_of_r_is_one_undo_step(page):
    before = page.store["column_row"]
    page.drag_line("column_row.error", "r", 10, 12, 5)
    assert page.store["column_row"].r == 5
    assert page.number("Pairs r") == 5
    assert page.figure("column_row.approximation").meta["r"] == "5"
    assert page.store.undo_label == "pairs kept"
    page.store.undo()
    assert page.store["column_row"] == before


# -- cancelling ---------------------------------------------------------------------------------


def test_held_cancel_keeps_the_finished_curves_and_starts_no_other(page, gates):
    held = gates.hold(
        "engine.column_row.terms_curve",
        lambda terms, grid, key, weights, *_, **__: (
            terms.pairs == 12 and len(grid) > 1 and (key, weights) == ("greedy", None)
        ),
    )
    begun = gates.count("engine.column_row.terms_curve")

    def curves():
        return sum(len(call[1]) > 1 for call in tuple(begun.made))

    page.select("b")
    page.wait(lambda: held.entered > 0)
    page.asked()
    count = curves()
    page.cancel()
    page.wait(lambda: not page.runner.is_busy())
    page.idle()
    held.open()
    page.idle()
    assert curves() == count
    assert keys_of(page) == {"norm.own", "drop2.own", "floor"}
    assert "cancelled" in page.notice()
    page.press("Compute again")
    assert page.notice() == ""
    assert keys_of(page) == ALL_CURVES
    check_errors(page)
