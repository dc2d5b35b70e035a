"""Derivatives held against central differences of fourth order, and against each other."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose


def check_derivatives(op, n, k, tau, spread=1.0):
    """Assert that jvp, vjp, jacobian and d_tau are those of p on n normal scores."""
    x, g, v = np.random.default_rng(n).standard_normal((3, n))
    x *= spread
    h = 1e-5 * tau
    slope = (8 * (op(x + h * v, k, tau) - op(x - h * v, k, tau))
             - (op(x + 2 * h * v, k, tau) - op(x - 2 * h * v, k, tau))) / (12 * h)  # fmt: skip
    forward, back = op.jvp(x, k, tau, v), op.vjp(x, k, tau, g)
    assert_allclose(forward, slope, rtol=1e-6, atol=1e-7)
    assert_allclose(np.dot(g, forward), np.dot(back, v), rtol=1e-10, atol=1e-14)
    jacobian = op.jacobian(x, k, tau)
    assert_allclose(jacobian @ v, forward, rtol=1e-9, atol=1e-12)
    assert_allclose(g @ jacobian, back, rtol=1e-9, atol=1e-12)
    by_tau = (op(x, k, tau + h) - op(x, k, tau - h)) / (2 * h)
    assert_allclose(op.d_tau(x, k, tau), by_tau, rtol=1e-5, atol=1e-6)
