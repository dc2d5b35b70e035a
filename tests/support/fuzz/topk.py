"""Checks of the soft Top-k operators on ugly scores; each takes a random generator."""

from __future__ import annotations

import numpy as np
from scipy import special

from engine.topk import get_operator

LONG = np.longdouble
THRESHOLD = ("exp", "sigmoid", "laplace", "gaussian", "clip", "cauchy")
KINDS = ("normal", "ties", "near ties", "outlier", "constant", "cauchy", "steps")
TAUS = (1.0, 1.0, 0.3, 0.03, 1e-3, 30.0, 1e4, 1e-12)


def ugly_scores(rng, most=300):
    """Scores of every length and spread: ties, near ties, outliers, one value, steps."""
    n = int(rng.integers(1, 13)) if rng.random() < 0.4 else int(rng.integers(2, most))
    kind = str(rng.choice(KINDS))
    x = rng.standard_normal(n) * 10.0 ** rng.choice([0, 0, 0, -8, -3, 2, 8])
    if kind == "ties":
        x = x[rng.integers(0, max(n // 3, 1), n)]
    elif kind == "near ties":
        x = 1.0 + rng.integers(0, 3, n) * 2.0**-52
    elif kind == "outlier":
        x[rng.integers(n)] = float(rng.choice([1e8, -1e8, 1e3]))
    elif kind == "constant":
        x[:] = x[0]
    elif kind == "cauchy":
        x = rng.standard_cauchy(n)
    elif kind == "steps":
        x = rng.integers(-3, 4, n).astype(float)
    return x, kind


def _law(key, t):
    """F in long double where numpy has it; what SciPy gives for the normal law is as good here."""
    with np.errstate(over="ignore", under="ignore"):
        if key == "exp":
            return np.exp(np.minimum(t, 0))
        if key == "sigmoid":
            return 1 / (1 + np.exp(-t))
        if key == "laplace":
            small = np.exp(-np.abs(t)) / 2
            return np.where(t < 0, small, 1 - small)
        if key == "gaussian":
            return special.ndtr(np.clip(t, -1e3, 1e3).astype(float)).astype(LONG)
        if key == "clip":
            return np.clip(t, 0, 1)
        return LONG(0.5) + np.arctan(t) / LONG(np.pi)


def _by_bisection(key, x, k, tau):
    """p by halving an interval that holds the threshold until it has no number inside."""
    z = (x.astype(LONG) - LONG(np.sort(x)[max(x.size - int(np.ceil(k)), 0)])) / LONG(tau)
    z = np.clip(z, LONG(-1e30), LONG(1e30))
    reach = LONG(1)
    while _law(key, z + reach).sum() < k or _law(key, z - reach).sum() > k:
        reach *= 4
    low, high = -reach, reach
    for _ in range(400):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _law(key, z - middle).sum() > k else (low, middle)
    return _law(key, z - (low + high) / 2)


def threshold_family(rng):
    """The answer of a plain bisection, and what every soft mask obeys."""
    x, kind = ugly_scores(rng)
    key, tau, n = str(rng.choice(THRESHOLD)), float(rng.choice(TAUS)), x.size
    k = float(rng.uniform(0, n)) if rng.random() < 0.5 else float(rng.integers(0, n + 1))
    words = key, kind, n, k, tau
    p = get_operator(key)(x, k, tau)
    assert abs(p.sum() - k) <= 1e-12 * max(n, 1), words
    assert p.min() >= 0.0 and p.max() <= 1.0, words
    order = np.argsort(x, kind="stable")
    assert np.all(np.diff(p[order]) >= 0.0), words
    assert np.all(np.diff(p[order])[np.diff(x[order]) == 0.0] == 0.0), words
    if 0.0 < k < n:
        # Heavy tails need thresholds beyond what a bisection of sums can tell apart.
        room = 1e-12 if key != "cauchy" else 1e-10
        truth = _by_bisection(key, x, k, tau).astype(float)
        np.testing.assert_allclose(p, truth, 0, room, True, str(words))
    return words


def _subset_probabilities(x, k, tau):
    """P(i in S) for subsets of k drawn with weight exp(sum z): counting, one item left out."""
    n, q = x.size, _by_bisection("sigmoid", x, float(k), tau)
    # Row i counts heads among all coins but i; probabilities only, hence nothing cancels.
    counts = np.zeros((n, k + 1), LONG)
    counts[:, 0] = 1
    for j in range(n):
        moved = counts * (1 - q[j])
        moved[:, 1:] += counts[:, :-1] * q[j]
        moved[j] = counts[j]
        counts = moved
    heads, tails = q * counts[:, k - 1], (1 - q) * counts[:, k]
    return heads / (heads + tails)


def subsets(rng):
    """GradTopK against counting, at lengths where its Fourier sum has fewer angles than coins."""
    x, kind = ugly_scores(rng, most=260)
    tau = float(rng.choice(TAUS[:6]))
    if x.size < 2:
        return kind, x.size
    k = int(rng.integers(1, x.size))
    p = get_operator("grad")(x, k, tau)
    truth = _subset_probabilities(x, k, tau).astype(float)
    np.testing.assert_allclose(p, truth, 0, 1e-11, True, str((kind, x.size, k, tau)))
    return kind, x.size, k, tau


def derivatives(rng):
    """J is symmetric, takes constants to 0, and is the slope of p along a direction."""
    x, kind = ugly_scores(rng, most=60)
    key = str(rng.choice(("sigmoid", "gaussian", "cauchy", "grad")))
    if x.size < 2 or np.abs(x).max() > 10.0:  # beyond, x + h v has not the digits
        return kind, x.size
    k, tau = int(rng.integers(1, x.size)), float(rng.choice((0.5, 1.0, 3.0)))
    op, u, v = get_operator(key), rng.standard_normal(x.size), rng.standard_normal(x.size)
    words = key, kind, x.size, k, tau
    forward, back = op.jvp(x, k, tau, v), op.vjp(x, k, tau, u)
    assert abs(u @ forward - back @ v) <= 1e-12 * x.size, words
    np.testing.assert_allclose(op.jvp(x, k, tau, np.ones(x.size)), 0.0, 0, 1e-12, True, str(words))
    h = 1e-6
    slope = (op(x + h * v, k, tau) - op(x - h * v, k, tau)) / (2 * h)
    np.testing.assert_allclose(forward, slope, 0, 1e-7, True, str(words))
    return words


CHECKS = (threshold_family, subsets, derivatives)
