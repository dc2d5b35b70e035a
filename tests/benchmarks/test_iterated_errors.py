"""Iterated softmax at n = 200 against hundreds of digits; minutes are spent in the reference.

Run: ``python -m pytest tests/benchmarks/test_iterated_errors.py -o addopts="" -q -s``.
"""

import mpmath as mp
import numpy as np
import pytest

from engine.topk import get_operator


def truth(scores, k, tau, digits):
    """The definition, y = (1 - p) (z - min z), p += softmax(y), in that many digits."""
    with mp.workdps(digits):
        values = [mp.mpf(float(v)) for v in scores]
        z = [(v - min(values)) / mp.mpf(tau) for v in values]
        p = [mp.mpf(0)] * len(z)
        for _ in range(k):
            y = [(1 - a) * b for a, b in zip(p, z, strict=True)]
            top = max(y)
            e = [mp.exp(v - top) if v - top > -2.4 * digits else mp.mpf(0) for v in y]
            total = sum(e)
            p = [a + b / total for a, b in zip(p, e, strict=True)]
        return np.array([float(v) for v in p])


@pytest.mark.parametrize(
    ("k", "tau", "digits"),
    [(199, 1.0, 150), (199, 0.05, 150), (150, 0.05, 150), (100, 1e-3, 150), (199, 1e-3, 600)],
)
def test_iterated_softmax_of_two_hundred_scores(k, tau, digits):
    scores = np.random.default_rng(0).standard_normal(200)
    expected = truth(scores, k, tau, 2 * digits)
    assert np.abs(truth(scores, k, tau, digits) - expected).max() <= 1e-15
    error = np.abs(get_operator("iterated_softmax")(scores, k, tau) - expected).max()
    print(f"\niterated_softmax n = 200, k = {k}, tau = {tau}: error {error:.2g}")
    assert error <= 1e-12
