"""`linearize`: p and every derivative from one solve; k of its own for each row."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError, DataError
from engine.topk import OPERATORS, get_operator
from engine.topk.semantics import Rows

EVERY = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
REAL = [op for op in OPERATORS if not op.needs_integer_k]
X = np.random.default_rng(0).standard_normal((3, 4, 9))
G = np.random.default_rng(1).standard_normal(X.shape)


@EVERY
def test_it_gives_what_single_calls_give(op):
    found = op.linearize(X, 3, 0.7)
    assert_array_equal(found.p, op(X, 3, 0.7))
    assert_array_equal(found.vjp(G), op.vjp(X, 3, 0.7, G))
    assert_array_equal(found.jvp(G), op.jvp(X, 3, 0.7, G))
    assert_array_equal(found.d_tau(), op.d_tau(X, 3, 0.7))
    assert_array_equal(found.log_p(), op.log_p(X, 3, 0.7))
    if not op.needs_integer_k:
        assert_array_equal(found.d_k(), op.d_k(X, 3, 0.7))


@EVERY
def test_it_solves_once(op):
    solved = []
    counting = dataclasses.replace(op, solve=lambda rows: solved.append(rows) or op.solve(rows))
    found = counting.linearize(X, 3, 0.7)
    for _ in range(2):
        found.vjp(G), found.jvp(G), found.d_tau(), found.log_p()
    assert len(solved) == 1


@EVERY
def test_what_it_gives_may_be_changed(op):
    found, product = op.linearize(X, 3, 0.7), op.vjp(X, 3, 0.7, G)
    found.p[:] = np.nan
    found.vjp(G)[:] = np.nan
    assert_array_equal(found.vjp(G), product)


@EVERY
def test_it_has_the_dtype_and_shape_of_the_scores(op):
    x = X.astype(np.float32)
    found = op.linearize(x, 3)
    for result in (found.p, found.vjp(G), found.jvp(G), found.d_tau(), found.log_p()):
        assert result.dtype == np.float32
        assert result.shape == X.shape


@EVERY
def test_nothing_and_everything_have_no_derivatives(op):
    for k, p in ((0, 0.0), (9, 1.0)):
        found = op.linearize(X, k)
        assert_array_equal(found.p, np.full(X.shape, p))
        for result in (found.vjp(G), found.jvp(G), found.d_tau()):
            assert_array_equal(result, np.zeros(X.shape))
        assert_array_equal(found.log_p(), np.full(X.shape, 0.0 if p else -np.inf))


@EVERY
def test_directions_are_checked_by_name(op):
    found = op.linearize(X, 3)
    with pytest.raises(ArgumentError, match=r"g = \(9,\).*shape"):
        found.vjp(G[0, 0])
    with pytest.raises(ArgumentError, match=r"v = \(4, 9\).*shape"):
        found.jvp(G[0])
    if op.needs_integer_k:
        with pytest.raises(ArgumentError, match="integer"):
            found.d_k()


@pytest.mark.sample(1 / 6)
@EVERY
@pytest.mark.parametrize("shape", [(3, 4), (4,), (3, 1), (1, 1)])
def test_every_row_may_have_its_own_k(op, shape):
    k = np.random.default_rng(2).integers(0, 10, shape)
    k.flat[0] = 9
    found, each = op.linearize(X, k, 0.6), np.broadcast_to(k, (3, 4))
    assert_array_equal(found.p, op(X, k, 0.6))
    assert_array_equal(found.p, op(X, k.tolist(), 0.6))
    for place in np.ndindex(3, 4):
        x, g, own = X[place], G[place], int(each[place])
        assert_allclose(found.p[place], op(x, own, 0.6), rtol=0, atol=2e-15)
        assert_allclose(found.vjp(G)[place], op.vjp(x, own, 0.6, g), rtol=0, atol=1e-13)
        assert_allclose(found.jvp(G)[place], op.jvp(x, own, 0.6, g), rtol=0, atol=1e-13)
        assert_allclose(found.d_tau()[place], op.d_tau(x, own, 0.6), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("op", REAL, ids=lambda op: op.key)
def test_a_k_of_each_row_may_be_a_fraction(op):
    k = np.random.default_rng(2).uniform(0.5, 8.5, (3, 4))
    p, slope = op(X, k, 0.6), op.d_k(X, k, 0.6)
    for place in np.ndindex(3, 4):
        assert_allclose(p[place], op(X[place], k[place], 0.6), rtol=0, atol=2e-15)
        assert_allclose(slope[place], op.d_k(X[place], k[place], 0.6), rtol=0, atol=1e-13)


@EVERY
@pytest.mark.parametrize(
    ("k", "named"),
    [
        (np.full((3, 4), 10), r"k\[0, 0\] = 10.*\[0, 9\]"),
        ([1, 2, -1, 0], r"k\[0, 2\] = -1.*\[0, 9\]"),
        ([1.0, 2.0, np.nan, 0.0], r"k\[0, 2\] = nan"),
        ([1, 2, 3], r"k = \(3,\).*broadcasts"),
        (np.ones((2, 3, 4)), r"k = \(2, 3, 4\).*broadcasts"),
        ([[1], [2, 3]], "k = "),
        (["1", "2", "3", "4"], "k = "),
        ([True, False, True, True], "k = "),
    ],
)
def test_a_wrong_k_of_a_row_is_named(op, k, named):
    with pytest.raises(ArgumentError, match=named):
        op(X, k)


@EVERY
def test_a_row_with_too_few_scores_left_for_its_k_is_named(op):
    x = X.copy()
    x[2, 1, :6] = -np.inf
    op(x, [[3], [3], [3]])
    with pytest.raises(
        ArgumentError, match=r"k = 4 .*\[0, 3\]: 6 of the 9 scores of row x\[2, 1\]"
    ):
        op(x, [[8], [8], [4]])


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("key", ["exp", "cauchy", "sparse_pnorm", "sparse_pnorm_3_2", "grad"])
def test_a_batch_that_threads_share_is_rows_one_by_one(key):
    op, r = get_operator(key), np.random.default_rng(5)
    x, g = r.standard_normal((2, 9000, 64))
    x[r.random(x.shape) < 0.2] = -np.inf
    k = r.integers(0, 30, 9000)
    found = op.linearize(x, k, 0.5)
    p, product = found.p, found.vjp(g)
    for row in (0, 1, 1023, 1024, 4097, 8999):
        assert_allclose(p[row], op(x[row], k[row], 0.5), rtol=0, atol=1e-15)
        alone = op.vjp(x[row], k[row], 0.5, g[row])
        assert_allclose(product[row], alone, rtol=0, atol=1e-13)
    x[7000, 63] = np.nan
    with pytest.raises(DataError, match=r"nan at index \(7000, 63\)"):
        op(x, k, 0.5)


@pytest.mark.parametrize("key", ["sigmoid", "clip", "grad"])
def test_rows_need_not_lie_as_a_batch_does(key):
    op = get_operator(key)
    x = np.random.default_rng(6).standard_normal((30, 12, 7))
    x.setflags(write=False)
    for view in (x[::2], x.transpose(1, 0, 2), x.transpose(2, 1, 0), x[..., ::-1], x[:, 5]):
        plain = op.linearize(np.array(view, order="C"), 3, 0.5)
        found = op.linearize(view, 3, 0.5)
        assert_array_equal(found.p, plain.p)
        assert_array_equal(found.vjp(view), plain.vjp(np.array(view, order="C")))
        assert found.p.flags.writeable


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
def test_a_product_that_took_the_memory_of_p_is_not_written_over(op):
    rows = Rows(X.reshape(-1, 9).copy(), 3.0, 0.7)
    solution = op.solve(rows)
    first, second = solution.vjp(G.reshape(-1, 9)), solution.jvp(G.reshape(-1, 9))
    kept = first.copy(), second.copy()
    assert_array_equal(solution.value(), op(rows.scores, 3, 0.7))
    assert_array_equal(solution.vjp(G.reshape(-1, 9)), kept[0])
    assert_array_equal(first, kept[0])
    assert_array_equal(second, kept[1])
