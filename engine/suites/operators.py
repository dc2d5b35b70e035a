"""What every operator promises, whatever it computes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from engine.suites.check import Check, refused
from engine.topk.operator import Operator
from engine.topk.registry import get_operator
from engine.topk.semantics import FloatArray

__all__ = ["OPERATOR_CHECKS", "check_derivatives"]


def _digits(op: Operator) -> float:
    """Return what rows solved in another company may differ by."""
    # Kernels may add up in another order than what a mask leaves; so may whoever wrote a plug-in.
    return 1e-12 if op.plugin or op.by_differences else 1e-15 if op.kernels else 0.0


def _slopes(op: Operator) -> float:
    """Return the same of derivatives: differences magnify it."""
    return 1e-7 if op.by_differences else 1e-9 if op.plugin else _digits(op)


def record_says_what_it_is(op: Operator) -> None:
    """It has a title and is found by its key; the program's own say where they come from."""
    assert op.title
    assert op.plugin or (op.formula and op.source)
    assert get_operator(op.key) is op


def zero_keeps_nothing_and_all_keeps_everything(op: Operator) -> None:
    """k = 0 gives zeros, k = n ones, both with derivatives 0."""
    x = np.array([3.0, -1.0, 0.5])
    assert_array_equal(op(x, 0), np.zeros(3))
    assert_array_equal(op(x, 3), np.ones(3))
    assert_array_equal(op.vjp(x, 3, 1.0, x), np.zeros(3))
    assert_array_equal(op.jacobian(x, 0), np.zeros((3, 3)))


def weights_are_numbers_and_add_up(op: Operator) -> None:
    """Finite on ties, wide and narrow scores; the sum is k where the record says so."""
    rows = np.random.default_rng(0).standard_normal((5, 9))
    rows[1], rows[2], rows[3] = np.round(rows[1]), 2.0, 1e-9 * rows[3]
    rows[4] *= 100.0
    for k in (1, 4, 8, *(() if op.needs_integer_k else (2.5,))):
        for tau in (1.0, 0.1):
            p = op(rows, k, tau)
            if not op.accurate:
                continue  # its definition loses all digits somewhere
            assert np.isfinite(p).all(), f"not finite at k = {k}, tau = {tau}"
            if op.sums_to_k:
                said = f"sum at k = {k}, tau = {tau}; say sums_to_k=False if it need not be k"
                assert_allclose(p.sum(axis=-1), k, rtol=1e-9, err_msg=said)


def masked_scores_get_nothing_and_are_left_out(op: Operator) -> None:
    """A score of -inf is as if it were not there."""
    x = np.array([-np.inf, 2.0, 0.3, -np.inf, 1.0, -1.0])
    kept = np.isfinite(x)
    assert_array_equal(op(x, 2, 0.5)[~kept], [0.0, 0.0])
    assert_allclose(op(x, 2, 0.5)[kept], op(x[kept], 2, 0.5), rtol=0, atol=_digits(op))
    assert_array_equal(op(x, 4), kept.astype(float))
    jacobian = op.jacobian(x, 2, 0.5)
    alone = op.jacobian(x[kept], 2, 0.5)
    assert_allclose(jacobian[np.ix_(kept, kept)], alone, rtol=0, atol=_slopes(op))
    assert not jacobian[~kept].any()
    assert not jacobian[:, ~kept].any()
    with refused(r"k = 5 .*\[0, 4\]: 2 of 6 scores"):
        op(x, 5)


def batches_are_rows_one_by_one(op: Operator) -> None:
    """Rows do not see each other."""
    x = np.random.default_rng(1).standard_normal((2, 3, 6))
    p = op(x, 2, 0.4)
    assert p.shape == x.shape
    # Rows solved together may share work (GradTopK's angles are those of the widest of them).
    assert_allclose(p[1, 2], op(x[1, 2], 2, 0.4), rtol=0, atol=_digits(op))
    assert op(np.empty((0, 4)), 2).shape == (0, 4)
    product = op.vjp(x, 2, 0.4, x)[0, 1]
    assert_allclose(product, op.vjp(x[0, 1], 2, 0.4, x[0, 1]), rtol=0, atol=_slopes(op))


def every_row_has_its_own_mask(op: Operator) -> None:
    """Rows of different lengths, padded with -inf; what is refused is named by its row."""
    r = np.random.default_rng(9)
    x, g = r.standard_normal((2, 5, 12))
    x[np.arange(12) > np.arange(3, 8)[:, None] + 1] = -np.inf  # 5, 6, 7, 8, 9 scores are left
    x[2, 0], g[~np.isfinite(x)] = -np.inf, np.nan
    p, product = op(x, 5, 0.7), op.vjp(x, 5, 0.7, g)
    for row, kept in enumerate(np.isfinite(x)):
        assert_array_equal(p[row, ~kept], 0.0)
        assert_array_equal(product[row, ~kept], 0.0)
        digits = max(1e-15, _digits(op))
        assert_allclose(p[row, kept], op(x[row, kept], 5, 0.7), rtol=0, atol=digits)
        alone = op.vjp(x[row, kept], 5, 0.7, g[row, kept])
        digits = max(1e-14 * max(1, np.abs(alone).max()), _slopes(op))
        assert_allclose(product[row, kept], alone, rtol=0, atol=digits)
    with refused(r"\[0, 5\]: 7 of the 12 scores of row x\[0\] "):
        op(x, 6, 0.7)
    x[3, 1] = np.nan
    with refused(r"nan at index \(3, 1\)"):
        op(x, 5, 0.7)


def inputs_are_never_modified_and_need_not_be_plain(op: Operator) -> None:
    """Read-only, strided, lists, NumPy's own numbers."""
    x = np.random.default_rng(2).standard_normal(14)
    x.setflags(write=False)
    before = x.copy()
    p = op(x, 4, 0.6)
    op.vjp(x, 4, 0.6, x)
    op.jvp(x, 4, 0.6, x)
    op.d_tau(x, 4, 0.6)
    assert_array_equal(x, before)
    assert p is not x
    assert p.flags.writeable
    assert_array_equal(op(x[::2], 4, 0.6), op(np.ascontiguousarray(x[::2]), 4, 0.6))
    assert_array_equal(op(list(map(float, x)), 4, 0.6), p)
    number, temperature = np.int64(4), float(np.float32(0.5))
    assert_array_equal(op(x, number, temperature), op(x, 4, 0.5))


def dtype_in_is_dtype_out(op: Operator) -> None:
    """float32 stays float32, integers become float64."""
    x = np.array([0.5, 0.25, -1.0, 2.0], dtype=np.float32)
    assert op(x, 2).dtype == np.float32
    assert op.vjp(x, 2, 1.0, x).dtype == np.float32
    assert op.jacobian(x, 2).dtype == np.float32
    assert_allclose(op(x, 2), op(x.astype(np.float64), 2), rtol=0, atol=1e-6)
    assert op([3, 1, 2], 2).dtype == np.float64


def bad_arguments_are_named(op: Operator) -> None:
    """NaN, inf, k and tau out of range, no scores, no numbers: refused in words."""
    cases: tuple[tuple[Any, Any, float, str], ...] = (
        ([1.0, np.nan, 2.0], 1, 1.0, r"nan at index \(1,\)"),
        ([[1.0, 2.0], [3.0, np.inf]], 1, 1.0, r"inf at index \(1, 1\)"),
        ([1.0, 2.0], 3, 1.0, r"k = 3 .*\[0, 2\]"),
        ([1.0, 2.0], -1, 1.0, r"k = -1 .*\[0, 2\]"),
        ([1.0, 2.0], np.nan, 1.0, r"k = nan .*\[0, 2\]"),
        ([1.0, 2.0], "1", 1.0, "k = '1'"),
        ([1.0, 2.0], True, 1.0, "k = True"),
        ([1.0, 2.0], 1, 0.0, r"tau = 0.0 .*positive"),
        ([1.0, 2.0], 1, -1.0, r"tau = -1.0 .*positive"),
        ([1.0, 2.0], 1, np.nan, r"tau = nan .*positive"),
        ([1.0, 2.0], 1, np.inf, r"tau = inf .*positive"),
        ([], 0, 1.0, r"x = \(0,\)"),
        (3.0, 1, 1.0, r"x = \(\)"),
        ([1.0 + 2.0j, 0.0], 1, 1.0, "complex128"),
        (np.array([1.0, None], dtype=object), 1, 1.0, "object"),
        ([[1.0, 2.0], [3.0]], 1, 1.0, "rectangular"),
    )
    for x, k, tau, named in cases:
        with refused(named):
            op(x, k, tau)
    with refused(r"g = \(2,\).*shape"):
        op.vjp([1.0, 2.0, 3.0], 1, 1.0, [1.0, 2.0])
    with refused("1-D"):
        op.jacobian(np.zeros((2, 2)), 1)
    with refused("seed"):
        op([1.0, 2.0], 1, seed=-1)


def fractional_k_is_taken_or_refused(op: Operator) -> None:
    """As the record says; where it is taken p changes with it as `d_k` says."""
    x = [2.0, 1.0, 0.0]
    if op.needs_integer_k:
        with refused("integer"):
            op(x, 1.5)
        with refused("integer"):
            op.d_k(x, 1)
        return
    if op.sums_to_k:
        digits = 1e-9 if op.plugin else 1e-12
        assert_allclose(op(x, 1.3, 0.7).sum(), 1.3, rtol=0, atol=digits)
    slope = (op(x, 1.3 + 1e-6, 0.7) - op(x, 1.3 - 1e-6, 0.7)) / 2e-6
    assert_allclose(op.d_k(x, 1.3, 0.7), slope, rtol=1e-7, atol=1e-8)


def derivatives_agree_with_differences_and_each_other(op: Operator) -> None:
    """Along and against, with respect to scores and tau."""
    if op.estimates_slope:
        return
    for n, k, tau in ((6, 2, 0.7), (20, 7, 1.3), (5, 4, 0.2)):
        # Where p itself loses digits at low tau and large k, differences of it say nothing.
        check_derivatives(op, n, k, tau, spread=1.0 if op.accurate or tau > 0.5 else 0.25)


def derivatives_vanish_where_everything_is_saturated(op: Operator) -> None:
    """Scores 1e5 tau apart; a record may say saturates=False."""
    if not op.saturates:
        return
    x, v = np.array([4.0, 3.0, 1.0, 0.0]), np.array([1.0, -2.0, 0.5, 1.0])
    assert_array_equal(op.jvp(x, 2, 1e-5, v), np.zeros(4))
    assert_array_equal(op.vjp(x, 2, 1e-5, v), np.zeros(4))
    assert_array_equal(op.d_tau(x, 2, 1e-5), np.zeros(4))


def check_derivatives(op: Operator, n: int, k: float, tau: float, spread: float = 1.0) -> None:
    """Assert that jvp, vjp, jacobian and d_tau are those of p on n normal scores.

    They are held against central differences of fourth order, and against each other.
    """
    x, g, v = np.random.default_rng(n).standard_normal((3, n))
    x *= spread
    h = 1e-5 * tau

    def along(step: float) -> FloatArray:
        return np.asarray(op(x + step * v, k, tau) - op(x - step * v, k, tau), dtype=np.float64)

    slope = (8 * along(h) - along(2 * h)) / (12 * h)
    forward, back = op.jvp(x, k, tau, v), op.vjp(x, k, tau, g)
    assert_allclose(forward, slope, rtol=1e-6, atol=1e-7)
    rough = op.by_differences
    tight, digits = (1e-7, 1e-8) if rough else (1e-10, 1e-14)
    assert_allclose(np.dot(g, forward), np.dot(back, v), rtol=tight, atol=digits)
    tight, digits = (1e-7, 1e-8) if rough else (1e-9, 1e-12)
    jacobian = op.jacobian(x, k, tau)
    assert_allclose(jacobian @ v, forward, rtol=tight, atol=digits)
    assert_allclose(g @ jacobian, back, rtol=tight, atol=digits)
    by_tau = (op(x, k, tau + h) - op(x, k, tau - h)) / (2 * h)
    assert_allclose(op.d_tau(x, k, tau), by_tau, rtol=1e-5, atol=1e-6)


OPERATOR_CHECKS: tuple[Check, ...] = (
    record_says_what_it_is,
    zero_keeps_nothing_and_all_keeps_everything,
    weights_are_numbers_and_add_up,
    masked_scores_get_nothing_and_are_left_out,
    batches_are_rows_one_by_one,
    every_row_has_its_own_mask,
    inputs_are_never_modified_and_need_not_be_plain,
    dtype_in_is_dtype_out,
    bad_arguments_are_named,
    fractional_k_is_taken_or_refused,
    derivatives_agree_with_differences_and_each_other,
    derivatives_vanish_where_everything_is_saturated,
)
