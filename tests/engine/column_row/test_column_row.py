"""Column-row approximation against brute force on formed products."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.column_row import (
    STRATEGIES,
    WEIGHTS,
    Terms,
    approximation_error,
    error_curve,
    expected_sampling_error,
    fit_weights,
    sampling_curve,
    sampling_errors,
    select_pairs,
    terms_curve,
    truncation_floor,
)
from engine.column_row.products import checked_pair, product_norm, term_gram
from engine.errors import ArgumentError, DataError


def top_fraction(scores, k, tau):
    """A soft mask of sum k that needs no other package: softmax shares, capped and refilled."""
    mask, free = np.zeros(scores.size), np.ones(scores.size, dtype=bool)
    while free.any() and k - mask[~free].sum() > 1e-15:
        share = np.exp((scores - scores.max()) / tau) * free
        mask[free] = (share * (k - mask[~free].sum()) / share.sum())[free]
        full = free & (mask > 1.0)
        if not full.any():
            break
        mask[full], free[full] = 1.0, False
    return mask


def problems():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 9)), rng.normal(size=(9, 5))
    x[:, 3], y[3] = x[:, 2], -y[2]
    frozen = x.copy()
    frozen.setflags(write=False)
    return {
        "cancelling": (x, y),
        "wide": (rng.normal(size=(2, 9)), rng.normal(size=(9, 3))),
        "tall": (rng.normal(size=(40, 9)), rng.normal(size=(9, 50))),
        "single row": (rng.normal(size=(1, 9)), rng.normal(size=(9, 1))),
        "zero": (np.zeros((4, 9)), y),
        "constant": (np.ones((4, 9)), np.ones((9, 4))),
        "float32": (x.astype(np.float32), y.astype(np.float32)),
        "read-only": (frozen, np.asfortranarray(y)[:, ::-1]),
        "integer": (rng.integers(-3, 4, size=(4, 9)), rng.integers(-3, 4, size=(9, 4))),
    }


PROBLEMS = problems()


def approximation(x, y, pick):
    c, r = np.asarray(x, float)[:, pick.indices], np.asarray(y, float)[pick.indices]
    return c @ (np.diag(pick.weights) if pick.weights.ndim == 1 else pick.weights) @ r


def pick_of(x, y, r, strategy):
    return select_pairs(x, y, r, strategy, operator=top_fraction, seed=5)


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", [None, *WEIGHTS])
def test_error_equals_the_norm_of_the_formed_residual(name, strategy, kind):
    x, y = PROBLEMS[name]
    product = np.asarray(x, float) @ np.asarray(y, float)
    for r in (0, 1, 4, 9):
        pick = pick_of(x, y, r, strategy)
        assert strategy == "soft" or pick.indices.size == r
        pick = pick if kind is None else fit_weights(x, y, pick, kind)
        error = approximation_error(x, y, pick)
        residual = np.linalg.norm(product - approximation(x, y, pick))
        size = np.linalg.norm(np.asarray(x, float)) * np.linalg.norm(np.asarray(y, float))
        assert_allclose(error.absolute, residual, rtol=1e-9, atol=3e-8 * max(size, 1e-300))
        if product.any():
            assert_allclose(error.relative, error.absolute / np.linalg.norm(product), rtol=1e-9)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_better_weights_never_hurt_and_none_beats_the_floor(strategy):
    x, y = PROBLEMS["cancelling"]
    floor = truncation_floor(x, y)
    for r in range(10):
        pick = pick_of(x, y, r, strategy)
        errors = [approximation_error(x, y, fit_weights(x, y, pick, k)).absolute for k in WEIGHTS]
        assert errors[1] <= errors[0] + 1e-9
        assert errors[2] <= errors[1] + 1e-9
        if strategy != "soft":
            assert errors[2] >= floor[r] - 1e-9


def test_floor_is_the_tail_of_the_singular_values():
    x, y = PROBLEMS["tall"]
    values = np.linalg.svd(x @ y, compute_uv=False)
    expected = [np.linalg.norm(values[r:]) for r in range(10)]
    assert_allclose(truncation_floor(x, y), expected, rtol=1e-9, atol=1e-10)


def test_fitted_weights_solve_their_least_squares_problem():
    x, y = PROBLEMS["tall"]
    pick = select_pairs(x, y, 4)
    terms = np.stack([np.outer(x[:, i], y[i]).ravel() for i in pick.indices], axis=1)
    best = np.linalg.lstsq(terms, (x @ y).ravel(), rcond=None)[0]
    assert_allclose(fit_weights(x, y, pick, "diagonal").weights, best, rtol=1e-9)
    c, r = x[:, pick.indices], y[pick.indices]
    full = np.linalg.pinv(c) @ x @ y @ np.linalg.pinv(r)
    assert_allclose(fit_weights(x, y, pick, "full").weights, full, rtol=1e-9)


def test_diagonal_weights_reach_pairs_of_very_different_size():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(30, 6)) * 10.0 ** -np.arange(0, 18, 3)
    y = rng.normal(size=(6, 30))
    pick = select_pairs(x, y, 6)
    assert_allclose(fit_weights(x, y, pick, "diagonal").weights, np.ones(6), rtol=1e-6)


# Selection -----------------------------------------------------------------------------------


@pytest.mark.parametrize("r", range(10))
def test_norm_keeps_the_largest(r):
    x, y = PROBLEMS["tall"]
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    assert select_pairs(x, y, r).indices.tolist() == np.argsort(-norms)[:r].tolist()


@pytest.mark.parametrize("name", ["cancelling", "wide", "integer"])
@pytest.mark.parametrize("r", [0, 2, 5, 8, 9])
def test_exact_search_is_the_minimum_over_all_subsets(name, r):
    x, y = PROBLEMS[name]
    product = x @ y
    best = min(
        np.linalg.norm(product - x[:, list(s)] @ y[list(s)]) for s in combinations(range(9), r)
    )
    error = approximation_error(x, y, select_pairs(x, y, r, "exact")).absolute
    assert_allclose(error, best, atol=1e-9)
    for strategy in ("norm", "drop1", "drop2", "drop3", "greedy"):
        other = approximation_error(x, y, select_pairs(x, y, r, strategy)).absolute
        assert other >= best - 1e-9


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("r", range(10))
def test_tuples_are_dropped_as_the_definition_says(size, r):
    x, y = PROBLEMS["cancelling"]
    left = list(range(9))
    while len(left) > r:
        step = min(size, len(left) - r)
        tuples = list(combinations(left, step))
        norms = [np.linalg.norm(x[:, list(t)] @ y[list(t)]) for t in tuples]
        left = [i for i in left if i not in tuples[int(np.argmin(np.round(norms, 10)))]]
    assert select_pairs(x, y, r, f"drop{size}").indices.tolist() == left


def test_opposite_terms_are_dropped_together_by_pairs_but_not_by_singles():
    x = np.array([[5.0, 5.0, 1.0]])
    y = np.array([[1.0], [-1.0], [1.0]])
    assert select_pairs(x, y, 1, "drop2").indices.tolist() == [2]
    assert select_pairs(x, y, 1, "norm").indices.tolist() == [0]


@pytest.mark.parametrize(
    ("strategy", "pairs", "r", "count"),
    [("drop3", 400, 10, r"10,586,800"), ("exact", 60, 30, r"C\(60, 30\)")],
)
def test_searches_that_are_too_large_are_refused_with_the_count(strategy, pairs, r, count):
    with pytest.raises(ArgumentError, match=count):
        select_pairs(np.ones((1, pairs)), np.ones((pairs, 1)), r, strategy)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("scale", [1e150, 1e-150])
def test_scale_changes_neither_choice_nor_relative_error(strategy, scale):
    x, y = PROBLEMS["tall"]
    plain, large = pick_of(x, y, 4, strategy), pick_of(x * scale, y * scale, 4, strategy)
    assert plain.indices.tolist() == large.indices.tolist()
    one, two = approximation_error(x, y, plain), approximation_error(x * scale, y * scale, large)
    assert_allclose(two.relative, one.relative, rtol=1e-9)
    assert_allclose(two.absolute / scale / scale, one.absolute, rtol=1e-9)


# Sampling ------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["uniform", "norm_sampling"])
@pytest.mark.parametrize("r", [1, 3])
def test_expected_error_is_the_mean_over_every_draw(strategy, r):
    x, y = (
        np.random.default_rng(2).normal(size=(3, 4)),
        np.random.default_rng(3).normal(size=(4, 2)),
    )
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    p = norms / norms.sum() if strategy == "norm_sampling" else np.full(4, 0.25)
    mean = 0.0
    for draw in np.ndindex(*([4] * r)):
        d = list(draw)
        guess = (x[:, d] / (r * p[d])) @ y[d]
        mean += np.prod(p[d]) * np.linalg.norm(x @ y - guess) ** 2
    assert_allclose(expected_sampling_error(x, y, r, strategy), mean, rtol=1e-10)


def test_norm_sampling_matches_the_published_formula_and_is_the_best():
    x, y = PROBLEMS["tall"]
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    formula = (norms.sum() ** 2 - np.linalg.norm(x @ y) ** 2) / 5
    assert_allclose(expected_sampling_error(x, y, 5), formula, rtol=1e-10)
    assert formula <= expected_sampling_error(x, y, 5, "uniform")


@pytest.mark.parametrize("strategy", ["uniform", "norm_sampling"])
def test_monte_carlo_agrees_with_the_formula_and_repeats_with_its_seed(strategy):
    x, y = PROBLEMS["cancelling"]
    errors = sampling_errors(x, y, 6, strategy, trials=600, seed=1)
    squares = errors**2
    deviation = squares.std() / 600**0.5
    assert abs(squares.mean() - expected_sampling_error(x, y, 6, strategy)) < 4 * deviation
    assert np.array_equal(errors[:20], sampling_errors(x, y, 6, strategy, trials=20, seed=1))


def test_sampling_of_a_zero_product_has_no_error():
    x, y = PROBLEMS["zero"]
    assert expected_sampling_error(x, y, 3) == 0.0
    assert approximation_error(x, y, select_pairs(x, y, 3, "norm_sampling")) == (0.0, 0.0)


# The rest ------------------------------------------------------------------------------------


def test_error_curve_ends_at_zero_and_starts_at_the_norm():
    x, y = PROBLEMS["cancelling"]
    curve = error_curve(x, y, range(10), "greedy")
    assert_allclose(curve[0], np.linalg.norm(x @ y), rtol=1e-12)
    assert curve[-1] == 0.0
    full = error_curve(x, y, range(10), "norm", "full")
    assert np.all(np.diff(full) <= 1e-9)


def test_both_ways_to_the_norm_agree_over_block_borders():
    rng = np.random.default_rng(4)
    few, many = rng.normal(size=(1100, 3)), rng.normal(size=(3, 600))
    assert_allclose(product_norm(few, many), np.linalg.norm(few @ many), rtol=1e-12)
    assert_allclose(product_norm(many, few[:600]), np.linalg.norm(many @ few[:600]), rtol=1e-12)
    assert_allclose(term_gram(few, many).sum(), np.linalg.norm(few @ many) ** 2, rtol=1e-12)


@pytest.mark.parametrize("strategy", ["sigmoid", "exp"])
def test_soft_weights_come_from_the_operators(strategy):
    x, y = PROBLEMS["tall"]
    pick = select_pairs(x, y, 4, "soft", operator=strategy)
    assert_allclose(pick.weights.sum(), 4.0, rtol=1e-9)


def test_bad_arguments_are_refused_by_name():
    x, y = PROBLEMS["tall"]
    with pytest.raises(ArgumentError, match="strategy"):
        select_pairs(x, y, 3, "best")
    with pytest.raises(ArgumentError, match="r = 10"):
        select_pairs(x, y, 10)
    with pytest.raises(ArgumentError, match="9 rows"):
        select_pairs(x, y[:5], 3)
    with pytest.raises(DataError, match="NaN"):
        select_pairs(x, np.full((9, 2), np.nan), 3)
    with pytest.raises(ArgumentError, match="real"):
        checked_pair(1j * x, y)
    with pytest.raises(ArgumentError, match="kind"):
        fit_weights(x, y, select_pairs(x, y, 3), "cubic")
    with pytest.raises(ArgumentError, match="indices"):
        approximation_error(x[:, :2], y[:2], select_pairs(x, y, 9))
    with pytest.raises(ArgumentError, match="strategy"):
        expected_sampling_error(x, y, 3, "norm")
    with pytest.raises(ArgumentError, match="at least 1"):
        expected_sampling_error(x, y, 0)


# Curves ----------------------------------------------------------------------------------------

OPTIONS = {"seed": 5, "operator": top_fraction, "tau": 0.1}


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("name", ["cancelling", "wide", "tall", "zero", "integer"])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", [None, *WEIGHTS])
def test_curve_is_the_norm_of_every_formed_residual(name, strategy, kind):
    x, y = PROBLEMS[name]
    product = np.asarray(x, float) @ np.asarray(y, float)
    terms = Terms(x, y)
    assert terms.gram.shape == (9, 9)
    curve = terms_curve(terms, range(10), strategy, kind, OPTIONS)
    for r, error in enumerate(curve):
        pick = pick_of(x, y, r, strategy)
        pick = pick if kind is None else fit_weights(x, y, pick, kind)
        residual = np.linalg.norm(product - approximation(x, y, pick))
        size = np.linalg.norm(np.asarray(x, float)) * np.linalg.norm(np.asarray(y, float))
        assert_allclose(error.absolute, residual, rtol=1e-9, atol=3e-8 * max(size, 1e-300))


def test_dependent_columns_do_not_spoil_the_full_weights():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(12, 9)), rng.normal(size=(9, 11))
    x[:, 1], y[4] = 1e-9 * x[:, 0], 3.0 * y[3]
    curve = terms_curve(Terms(x, y), range(10), "norm", "full", OPTIONS)
    for r, error in enumerate(curve):
        pick = select_pairs(x, y, r)
        c, rows = x[:, pick.indices], y[pick.indices]
        p, q = (c @ np.linalg.pinv(c, rcond=1e-13), np.linalg.pinv(rows, rcond=1e-13) @ rows)
        assert_allclose(error.absolute, np.linalg.norm(x @ y - p @ (x @ y) @ q), atol=1e-9)


@pytest.mark.parametrize("name", ["cancelling", "wide", "integer"])
def test_all_best_subsets_at_once_are_the_best_over_all_subsets(name):
    x, y = PROBLEMS[name]
    terms = Terms(x, y)
    for r in range(10):
        kept = terms.best_subset(r)
        assert kept.size == r
        best = min(
            np.linalg.norm(x @ y - x[:, list(s)] @ y[list(s)]) for s in combinations(range(9), r)
        )
        assert_allclose(np.linalg.norm(x @ y - x[:, kept] @ y[kept]), best, atol=1e-9)


@pytest.mark.parametrize(("pairs", "r"), [(24, 2), (24, 22), (24, 0), (24, 24)])
def test_few_or_nearly_all_of_many_pairs_are_searched_too(pairs, r):
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(3, pairs)), rng.normal(size=(pairs, 2))
    kept = select_pairs(x, y, r, "exact").indices
    small = list(combinations(range(pairs), min(r, pairs - r)))
    subsets = small if r <= pairs - r else [sorted(set(range(pairs)) - set(s)) for s in small]
    best = min(np.linalg.norm(x @ y - x[:, list(s)] @ y[list(s)]) for s in subsets)
    assert_allclose(np.linalg.norm(x @ y - x[:, kept] @ y[kept]), best, atol=1e-9)


@pytest.mark.parametrize(
    ("key", "pairs", "r", "work", "refused"),
    [
        ("norm", 9, 4, 9, False),
        ("drop2", 9, 4, 36, False),
        ("drop3", 400, 10, 10_586_800, True),
        ("drop3", 400, 400, 0, False),
        ("greedy", 4, 2, 10, False),
        ("greedy", 200_000, 8, 20_000_100_000, True),
        ("exact", 20, 10, 2**20, False),
        ("exact", 60, 30, 118_264_581_564_861_424, True),
    ],
)
def test_work_is_counted_and_too_much_is_refused(key, pairs, r, work, refused):
    assert STRATEGIES[key].work(pairs, r) == work
    assert STRATEGIES[key].refuses(pairs, r) is refused


def test_sampling_curve_is_that_of_formed_draws():
    x, y = PROBLEMS["tall"]
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    p = norms / norms.sum()
    found = sampling_curve(Terms(x, y), [1, 4, 20], "norm_sampling", 3, 8)
    seeds = np.random.SeedSequence(8).generate_state(3, np.uint64)
    for trial, seed in enumerate(seeds):
        drawn = np.random.default_rng(int(seed)).choice(9, 20, p=p)
        for place, r in enumerate([1, 4, 20]):
            guess = (x[:, drawn[:r]] / (r * p[drawn[:r]])) @ y[drawn[:r]]
            assert_allclose(found[trial, place], np.linalg.norm(x @ y - guess), rtol=1e-10)


def test_too_many_pairs_for_all_inner_products_are_refused_in_words():
    terms = Terms(np.ones((1, 4097)), np.ones((4097, 1)))
    with pytest.raises(ArgumentError, match="4,096 pairs"):
        terms_curve(terms, [3], "greedy", None, OPTIONS)
    assert terms_curve(terms, [4096], "norm", None, OPTIONS)[0].absolute == 1.0
