"""Experts in groups against choosing by hand, and the audit against rounding by a cast."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError, DataError
from engine.topk import Groups, audit_routing, compared_scores, router_weights, within_groups
from tests.engine.topk.routing.test_formulas import rounded

INF = np.inf
CASES = [("softmax_topk", Groups(4, 2)), ("sigmoid_bias", Groups(4, 2, "two_largest")),
         ("topk_softmax", Groups(8, 3)), ("sigmoid_bias", Groups(1, 1, "two_largest")),
         ("softmax_topk", Groups(24, 5, "two_largest"))]  # fmt: skip


def by_hand(row, groups):
    """What one token may choose, written out."""
    size = len(row) // groups.count
    parts = [row[start : start + size] for start in range(0, len(row), size)]
    best = [sum(sorted(part, reverse=True)[: 2 if "two" in groups.score else 1]) for part in parts]
    kept = sorted(range(groups.count), key=lambda g: (-best[g], g))[: groups.kept]
    allowed = [i for i in range(len(row)) if i // size in kept and row[i] > -INF]
    return allowed, sorted(best, reverse=True)


def choice(row, k, groups):
    allowed, _ = by_hand(row, groups)
    return frozenset(sorted(allowed, key=lambda i: (-row[i], i))[:k])


@pytest.mark.parametrize(("formula", "groups"), CASES)
def test_experts_are_those_chosen_by_hand(formula, groups):
    rng = np.random.default_rng(3)
    x = np.round(rng.normal(size=(200, 24)), 1).astype(np.float32)  # with ties
    x[5:15, ::3] = -INF
    x[16, :] = -INF
    bias = rng.normal(size=24) / 10
    compared = compared_scores(x, formula, bias).astype(float)
    found = router_weights(x, 4, formula, bias, groups)
    plain = router_weights(x, 24, formula, bias)
    for row, weights, whole in zip(compared, found, plain, strict=True):
        best = sorted(choice(row.tolist(), 4, groups))
        assert np.flatnonzero(weights).tolist() == best
        if formula == "softmax_topk":
            assert_array_equal(weights[best], whole[best])
        elif best:
            assert_allclose(weights[best], whole[best] / whole[best].sum(), rtol=1e-12)


@pytest.mark.parametrize(("formula", "groups"), CASES)
def test_the_audit_is_that_of_rounding_by_a_cast(formula, groups):
    rng = np.random.default_rng(8)
    x = rng.normal(size=(400, 24)).astype(np.float32)
    x[3:9, 4:] = -INF
    compared = compared_scores(x, formula, rng.normal(size=24) / 10)
    audit = audit_routing(compared, 4, groups=groups)
    rows = compared.astype(float).tolist()
    before = [choice(row, 4, groups) for row in rows]
    for name, flags in audit.changed.items():
        cast = np.where(compared > -INF, rounded(np.maximum(compared, -1e30), name), -INF)
        after = [choice(row, 4, groups) for row in cast.tolist()]
        assert flags.tolist() == [a != b for a, b in zip(before, after, strict=True)], name
    assert any(flags.any() for flags in audit.changed.values())
    for row, margin in zip(rows, audit.margin, strict=True):
        allowed, best = by_hand(row, groups)
        inside = [*sorted((row[i] for i in allowed), reverse=True), *([-INF] * 5)]
        gaps = [inside[3] - inside[4]] if inside[3] > -INF else []
        if groups.kept < groups.count and best[groups.kept - 1] > -INF:
            gaps.append(best[groups.kept - 1] - best[groups.kept])
        assert margin == min(gaps, default=INF)


def test_one_group_and_all_groups_are_no_groups():
    x = np.random.default_rng(1).normal(size=(300, 16)).astype(np.float32)
    plain = audit_routing(x, 3)
    for groups in (Groups(1, 1), Groups(4, 4), Groups(16, 16, "two_largest")):
        found = audit_routing(x, 3, groups=groups)
        assert found.counts == plain.counts
        assert found.within_ulp == plain.within_ulp
        assert_array_equal(found.margin, plain.margin)
        assert_array_equal(within_groups(x, groups), x)
    assert audit_routing(x, 0, groups=Groups(4, 2)).counts["bfloat16"] == 0
    assert audit_routing(x[:0], 2, groups=Groups(4, 2)).margin.shape == (0,)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: Groups(0, 1), ArgumentError, "groups"),
        (lambda: Groups(4, 5), ArgumentError, "1 to 4"),
        (lambda: Groups(4, True), ArgumentError, "kept"),
        (lambda: Groups(4, 2, "mean"), ArgumentError, "two_largest"),
        (lambda: within_groups(np.zeros((1, 6)), Groups(4, 2)), ArgumentError, "divisor"),
        (lambda: audit_routing(np.zeros((1, 8)), 5, groups=Groups(4, 2)), ArgumentError, "most 4"),
        (
            lambda: router_weights(np.zeros((1, 8)), 3, "topk_softmax", groups=Groups(8, 2)),
            ArgumentError,
            "most 2",
        ),
        (
            lambda: audit_routing([[np.nan, 1.0]], 1, groups=Groups(2, 1)),
            DataError,
            "nan",
        ),
    ],
)
def test_refusals(call, error, said):
    with pytest.raises(error, match=said):
        call()
