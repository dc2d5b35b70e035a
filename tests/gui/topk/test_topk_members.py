"""The soft permutation, and the audit of routing, as the page has them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.topk import audit_routing, permutation_rows
from gui.draw import draw

TOKENS = np.random.default_rng(0).standard_normal((400, 12)).astype(np.float32)


@pytest.mark.parametrize("order", ["index", "rank"])
@pytest.mark.parametrize("method", ["neuralsort", "softsort", "odd_even", "bitonic"])
def test_the_permutation_is_that_of_the_engine_in_the_order_drawn(method, order):
    figure = draw(
        "topk", "permutation", TOKENS, position=3, k=4, tau=0.3, permutation=method, order=order
    )
    row = TOKENS[3].astype(np.float64)
    matrix = permutation_rows(row, 0.3, method=method)
    places = np.argsort(-row, kind="stable") if order == "rank" else np.arange(12)
    assert_array_equal(figure.images[0].values, matrix[:, places])
    assert figure.images[0].extent[2:] == (0.5, 12.5)  # the largest on top


def test_the_swap_counts_for_networks():
    kind = {"position": 0, "k": 4, "permutation": "odd_even"}
    cauchy, logistic = (
        draw("topk", "permutation", TOKENS, swap=swap, **kind) for swap in ("cauchy", "logistic")
    )
    assert not np.array_equal(cauchy.images[0].values, logistic.images[0].values)
    assert "logistic swaps" in logistic.title


def test_claims_say_of_the_permutation_whether_it_is_doubly_stochastic():
    def verdicts(**kind):
        table = draw("topk", "claims", TOKENS, position=0, k=4, **kind)
        return [row[0].text for row in table.cells[-2:]]

    assert verdicts(permutation="softsort") == ["fails", "not defined"]
    assert verdicts(permutation="bitonic", swap="cauchy") == ["holds", "holds"]
    assert verdicts(permutation="odd_even", swap="logistic") == ["holds", "fails"]


def test_the_tokens_listed_are_those_of_the_audit():
    audit = audit_routing(TOKENS, 4)
    table = draw("topk", "routing", TOKENS, k=4, rounded_to="float8_e4m3fn")
    first, *rows = table.cells
    assert [cell.value for cell in first[2:]] == list(audit.counts.values())
    worst = audit.tokens("float8_e4m3fn", 50)
    assert [row[0].value for row in rows] == list(worst)
    assert [row[1].value for row in rows] == list(audit.margin[worst])
    assert all(row[4].text == "changes" for row in rows)


def test_columns_may_be_the_tokens():
    table = draw("topk", "routing", np.ascontiguousarray(TOKENS.T), axis="column", k=4)
    assert table.columns[0].title == "Column"
    assert table.cells == draw("topk", "routing", TOKENS, k=4).cells


def test_margins_are_counted_and_half_an_ulp_is_marked():
    audit = audit_routing(TOKENS, 4)
    figure = draw("topk", "margins", TOKENS, k=4)
    (histogram,) = figure.series
    assert histogram.y[::2].sum() == 400
    assert {cursor.key: cursor.value for cursor in figure.cursors} == {
        key: audit.half_ulp(key) for key in audit.changed
    }
    assert "400 tokens to 4 of 12 experts" in figure.note


def test_a_vector_has_no_routing():
    assert "tokens x experts" in draw("topk", "margins", TOKENS[0], k=4).note
    assert draw("topk", "routing", TOKENS[0], k=4).cells == ()
