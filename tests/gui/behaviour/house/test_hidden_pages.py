"""A page behind the front one computes nothing, and has everything when it comes forward."""

from __future__ import annotations

import pytest
from numpy.testing import assert_allclose

from tests.support.known import matrix, sigma_of

A, B = matrix(1, 14, 9), matrix(2, 12, 8)
WORK = {
    "topk": ("engine.topk.Operator.__call__",),
    "spectrum": (
        "engine.spectrum.singular_values",
        "engine.spectrum.svd_factors",
        "engine.spectrum.leading_singular_values",
    ),
    "column_row": ("engine.column_row.terms_floor", "engine.column_row.terms_curve"),
}
MAIN = {"topk": "topk.output", "spectrum": "spectrum.values", "column_row": "column_row.error"}


@pytest.mark.parametrize("hidden", WORK)
def test_held_a_hidden_page_computes_nothing_and_catches_up(start, gates, hidden):
    front = next(key for key in WORK if key != hidden)
    driver = start(hidden)
    driver.open(("a", A))
    assert driver.figure(MAIN[hidden]).series
    driver.page(front)
    calls = [gates.count(name) for name in WORK[hidden]]
    driver.open(("b", B))
    driver.store.undo()
    driver.idle()
    driver.store.redo()
    driver.idle()
    assert driver.store["selection"].active.entry == "b"
    assert sum(map(len, calls)) == 0
    driver.page(hidden)
    assert sum(map(len, calls)) > 0
    assert "b.npy" in driver.figure(MAIN[hidden]).meta["source"]


@pytest.mark.parametrize("key", WORK)
def test_held_a_page_that_comes_back_unchanged_computes_nothing(start, gates, key):
    driver = start(key)
    driver.open(("a", A))
    before = driver.figures()
    calls = [gates.count(name) for name in WORK[key]]
    driver.page(next(other for other in WORK if other != key))
    driver.page(key)
    assert {name: one is before[name] for name, one in driver.figures().items()} == dict.fromkeys(
        before, True
    )
    assert sum(map(len, calls)) == 0


def test_held_undo_behind_the_page_is_seen_when_it_comes_back(start):
    driver = start("spectrum")
    driver.open(("a", A))
    driver.type("Rank r", "3")
    driver.page("topk")
    driver.store.undo()
    driver.page("spectrum")
    assert driver.cursor("spectrum.values", "rank").value == driver.number("Rank r") == 8
    assert_allclose(driver.series("spectrum.values", "main").y, sigma_of(A), atol=1e-15)
