"""log p, held against logarithms of many digits where p itself is below all numbers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.topk import OPERATORS, get_operator

OF_SCORES = ("exp", "sigmoid", "laplace", "gaussian", "cauchy", "grad")
FAR = {
    "two groups": [0.0, -1.0, -900.0, -901.0, -2000.0],
    "one gap": [3.0, 2.0, 1.5, -700.0, -700.5],
    "even": [0.0, -400.0, -800.0, -1200.0, -1600.0],
    "ties": [0.0, 0.0, -750.0, -750.0, -750.0],
    "near": [1.0, 0.5, 0.0, -0.5, -1.0],
}


@pytest.mark.sample(1 / 4)
@pytest.mark.parametrize("key", OF_SCORES)
@pytest.mark.parametrize("name", FAR)
def test_it_has_its_digits_where_p_has_none(key, name, reference):
    op, x = get_operator(key), np.array(FAR[name])
    x = x / 40.0 if key == "gaussian" else x
    for k in (1, 2, 3, 4) if op.needs_integer_k else (1, 2, 2.5, 4):
        truth = reference.log_truth(key, x, k, 1.0)
        # Next to 1, log p is p - 1 and no better than p.
        assert_allclose(op.log_p(x, k), truth, rtol=2e-13, atol=2e-15, err_msg=f"k={k}")


@pytest.mark.parametrize(("n", "k"), [(5, 4), (17, 1), (17, 16), (30, 3)])
@pytest.mark.parametrize("tau", [0.01, 0.03, 0.1])
@pytest.mark.parametrize("key", ["exp", "sigmoid", "laplace", "cauchy", "grad"])
def test_it_has_its_digits_whatever_the_size_of_p(key, tau, n, k, reference):
    """A p of 1e-20 is a number, and yet may have lost its digits in a sum of larger ones."""
    rows = np.random.default_rng(0).standard_normal((5, n))
    found = get_operator(key).log_p(rows, k, tau)
    alone = get_operator(key).log_p(rows[0], k, tau)
    truth = reference.log_truth(key, rows[0], k, tau)
    assert_allclose(found[0], truth, rtol=1e-12, atol=1e-12)
    assert_allclose(alone, truth, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
def test_it_is_the_logarithm_of_p_where_p_is_a_number(op):
    x = np.random.default_rng(0).standard_normal((4, 11))
    x[1, 3:7] = -np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_allclose(op.log_p(x, 3), np.log(op(x, 3)), rtol=1e-12, atol=1e-14)
    assert_array_equal(op.log_p(x, 3)[1, 3:7], -np.inf)
    assert_array_equal(op.log_p(x, [0, 0, 0, 0]), np.full(x.shape, -np.inf))
    assert_array_equal(op.log_p(x[0], 11), np.zeros(11))


def test_rows_of_a_batch_are_far_apart_each_on_its_own():
    x = np.array(list(FAR.values()))
    for key in OF_SCORES:
        op = get_operator(key)
        together = op.log_p(x, 2)
        for row in range(len(x)):
            assert_allclose(together[row], op.log_p(x[row], 2), rtol=1e-14, atol=1e-15)
