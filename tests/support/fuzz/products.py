"""Every public function of engine.column_row on ugly input, and how all of them are stopped."""

from __future__ import annotations

import itertools
import math

import numpy as np

import engine.attention as ea
import engine.column_row as ec
from engine.errors import ArgumentError, DataError, RankscopeError
from tests.support.truth import down, scaled_truth
from tests.support.ugly import stopped_somewhere, ugly_matrix


def _pair(rng, most=9):
    n, pairs, m = (int(x) for x in rng.integers(1, most, 3))
    x = ugly_matrix(rng, (n, pairs), kinds="biufV")
    return x, ugly_matrix(rng, (pairs, m), kinds="biufV")


def _refused(error, x, y):
    """NaN and inf with count and place; nothing else is refused here."""
    bad = x if not x.finite else y
    assert not bad.finite, f"refused without need: {error}"
    wrong = ~np.isfinite(bad.exact)
    assert isinstance(error, DataError), error
    assert (error.count, error.first) == (int(wrong.sum()), tuple(np.argwhere(wrong)[0])), error


def column_row(rng):
    """The error of a selection is that of the matrix it stands for; floors lie below it."""
    x, y = _pair(rng)
    pairs = x.exact.shape[1]
    r = int(rng.integers(0, pairs + 1))
    strategy = str(rng.choice(list(ec.STRATEGIES)))
    kind = rng.choice([None, *ec.WEIGHTS])
    words = (x.words, y.words, r, strategy, kind)
    try:
        pick = ec.select_pairs(x.given, y.given, r, strategy, seed=int(rng.integers(99)))
        pick = pick if kind is None else ec.fit_weights(x.given, y.given, pick, str(kind))
        error = ec.approximation_error(x.given, y.given, pick)
        floor = ec.truncation_floor(x.given, y.given)
    except RankscopeError as problem:
        _refused(problem, x, y)
        return words
    assert x.finite
    assert y.finite
    _, ex, left = scaled_truth(x.exact)
    _, ey, right = scaled_truth(y.exact)
    whole = left @ right
    weights = np.diag(pick.weights) if pick.weights.ndim == 1 else pick.weights
    assert np.isfinite(weights).all()
    found = np.linalg.norm(whole - left[:, pick.indices] @ weights @ right[pick.indices])
    size = np.sum(np.linalg.norm(left, axis=0) * np.linalg.norm(right, axis=1))
    large = float(np.abs(weights).max(initial=1.0))
    tiny = math.ldexp(8.0, min(max(-1074 - ex - ey, -1070), 1000))
    room = 3e-8 * size + 1e-13 * large * size + tiny
    if error.absolute < np.inf:
        np.testing.assert_allclose(down(error.absolute, ex + ey), found, rtol=1e-6, atol=room)
        values = np.linalg.svd(whole, compute_uv=False)
        rest = [np.hypot.reduce(values[q:]) for q in range(pairs + 1)]
        if np.isfinite(floor).all():
            np.testing.assert_allclose(down(floor, ex + ey), rest, rtol=1e-9, atol=room)
    if strategy == "exact" and kind is None:
        best = min(
            np.linalg.norm(left[:, list(out)] @ right[list(out)])
            for out in itertools.combinations(range(pairs), pairs - r)
        )
        assert found <= best + room, (found, best)
    return words


def terms(rng):
    """Terms read once answer as the two matrices do."""
    x, y = _pair(rng, 7)
    if not (x.finite and y.finite):
        return x.words, y.words
    shared = ec.Terms(x.given, y.given)
    r, strategy = int(rng.integers(1, x.exact.shape[1] + 1)), str(rng.choice(list(ec.STRATEGIES)))
    options = {"seed": 3, "operator": "sigmoid", "tau": 0.1}
    pick = ec.select_terms(shared, r, strategy, options)
    again = ec.select_pairs(x.given, y.given, r, strategy, seed=3)
    np.testing.assert_array_equal(pick.indices, again.indices)
    np.testing.assert_array_equal(pick.weights, again.weights)
    pick = ec.weigh_terms(shared, pick, "diagonal")
    np.testing.assert_allclose(
        ec.terms_error(shared, pick), ec.approximation_error(x.given, y.given, pick)
    )
    np.testing.assert_array_equal(ec.terms_floor(shared), ec.truncation_floor(x.given, y.given))
    curve = ec.terms_curve(shared, [r], strategy, None, options)
    np.testing.assert_allclose(
        [error.absolute for error in curve], ec.error_curve(x.given, y.given, [r], strategy, seed=3)
    )
    for key in ("uniform", "norm_sampling"):
        drawn = ec.sampling_curve(shared, [1, r], key, 2, 5)
        assert drawn.shape == (2, 2)
        assert not np.isnan(drawn).any()
        once = ec.expected_sampling_error(x.given, y.given, 1, key)
        with np.errstate(over="ignore", under="ignore"):
            same = np.ldexp(ec.sampling_variance(shared, key), 2 * shared.exponent)
        np.testing.assert_allclose(same, once, rtol=1e-12)
    return x.words, y.words, r, strategy


def column_row_weights(rng):
    """Better kinds of weights have smaller errors: identity, diagonal, full."""
    x, y = _pair(rng)
    if not (x.finite and y.finite):
        return x.words, y.words
    r = int(rng.integers(0, x.exact.shape[1] + 1))
    pick = ec.select_pairs(x.given, y.given, r)
    errors = [
        ec.approximation_error(x.given, y.given, ec.fit_weights(x.given, y.given, pick, kind))
        for kind in ("identity", "diagonal", "full")
    ]
    size = np.sum(
        np.linalg.norm(scaled_truth(x.exact)[2], axis=0)
        * np.linalg.norm(scaled_truth(y.exact)[2], axis=1)
    )
    e = scaled_truth(x.exact)[1] + scaled_truth(y.exact)[1]
    found = [float(down(error.absolute, e)) for error in errors]
    room = 3e-7 * size + math.ldexp(64.0, min(max(-1074 - e, -1070), 1000))
    if np.isfinite(found).all():
        assert found[1] <= found[0] + room and found[2] <= found[1] + room, found
    return x.words, y.words, r


def sampling(rng):
    """The mean of the squared errors of all draws of one pair is the formula, exactly."""
    x, y = _pair(rng, 6)
    strategy = str(rng.choice(["uniform", "norm_sampling"]))
    try:
        want = ec.expected_sampling_error(x.given, y.given, 1, strategy)
        drawn = ec.sampling_errors(x.given, y.given, 2, strategy, trials=3, seed=1)
    except RankscopeError as problem:
        _refused(problem, x, y)
        return x.words, y.words, strategy
    assert drawn.shape == (3,)
    _, ex, left = scaled_truth(x.exact)
    _, ey, right = scaled_truth(y.exact)
    whole, norms = left @ right, np.linalg.norm(left, axis=0) * np.linalg.norm(right, axis=1)
    p = norms / norms.sum() if strategy == "norm_sampling" and norms.any() else None
    p = np.full(norms.size, 1.0 / norms.size) if p is None else p
    square = sum(
        p[i] * np.linalg.norm(whole - np.outer(left[:, i], right[i]) / p[i]) ** 2
        for i in np.flatnonzero(p)
    )
    # Pairs too small for their probability to be more than 0 add nothing in either sum.
    if 0.0 < want < np.inf and abs(ex + ey) < 400 and p.min() > 1e-100:
        np.testing.assert_allclose(
            down(want, 2 * (ex + ey)), square, rtol=1e-6, atol=1e-12 * norms.sum() ** 2
        )
    return x.words, y.words, strategy


def column_row_ranks(rng):
    """Ranks of any type are taken or refused by name."""
    x, y = rng.standard_normal((4, 5)), rng.standard_normal((5, 3))
    r = [0, 5, 6, -1, 2.5, True, None, "2", np.nan, np.int32(3), 4.0][rng.integers(11)]
    try:
        pick = ec.select_pairs(x, y, r)
    except ArgumentError as error:
        assert error.argument == "r"
        assert r not in (0, 5, 3, 4) or isinstance(r, bool)
        return (repr(r),)
    assert pick.indices.size == r
    curve = ec.error_curve(x, y, [0, r, 5])
    np.testing.assert_allclose(curve[1], ec.approximation_error(x, y, pick).absolute, atol=1e-12)
    assert curve[2] < 1e-12
    return (repr(r),)


def cancelling_products(rng):
    """Stopped at any check: Cancelled."""
    x, y = rng.standard_normal((30, 12)), rng.standard_normal((12, 20))
    jobs = {
        "curve": lambda p: ec.error_curve(x, y, range(13), "greedy", progress=p),
        "sampling": lambda p: ec.sampling_errors(x, y, 3, trials=9, progress=p),
        "positions": lambda p: ea.position_curve(12, progress=p),
    }
    return stopped_somewhere(rng, jobs)


CHECKS = (
    column_row, terms, column_row_weights, sampling, column_row_ranks,
    cancelling_products,
)  # fmt: skip
