"""The independent truth: every operator from its definition, in 50-digit arithmetic or more."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import mpmath as mp
import numpy as np

DIGITS = 50


def truth(key: str, x: np.ndarray, k: float, tau: float, noise: np.ndarray | None = None):
    """Return p (n,) rounded to float64, computed from the float64 scores as they are."""
    spread = min((float(x.max()) - float(x.min())), 1e290) * min(1.0 / tau, 1e307 / 1e10)
    spread = min(spread, 1e307) if np.isfinite(spread) else 1e307
    if key == "iterated_weighted_softmax":
        # 1 - p is as small as e^-spread and is multiplied by e^spread in the next step
        digits = DIGITS + int(min(spread, 5000.0))
    elif key in ("iterated_softmax", "gumbel_subset"):
        digits = DIGITS + 40 + int(np.log10(spread + 1.0)) * (int(k) + 1) + 100
    else:
        digits = DIGITS + 60 + int(np.log10(spread + 1.0))
    with mp.workdps(digits):
        temperature, top = mp.mpf(float(tau)), mp.mpf(float(x.max()))
        scores = [mp.mpf(float(v)) - top for v in x]
        if key == "gumbel_subset":
            result = _gumbel(scores, int(k), temperature, [mp.mpf(float(v)) for v in noise])
        elif key in DISTRIBUTIONS:
            result = _threshold(key, [v / temperature for v in scores], mp.mpf(float(k)))
        else:
            result = DIRECT[key](
                [v / temperature for v in scores], k if key == "scaled_softmax" else int(k)
            )
        return np.array([float(v) for v in result])


def _cdf_exp(t):
    return mp.exp(t) if t < 0 else mp.mpf(1)


def _cdf_sigmoid(t):
    return 1 / (1 + mp.exp(-t)) if t > 0 else mp.exp(t) / (1 + mp.exp(t))


def _cdf_laplace(t):
    return mp.exp(t) / 2 if t < 0 else 1 - mp.exp(-t) / 2


def _cdf_gaussian(t):
    return mp.ncdf(t) if abs(t) < 1e6 else mp.mpf(int(t > 0))


def _cdf_clip(t):
    return min(max(t, mp.mpf(0)), mp.mpf(1))


def _cdf_cauchy(t):
    return mp.atan2(1, -t) / mp.pi


def _cdf_power(t):
    return _cdf_clip(t) ** 3


DISTRIBUTIONS: dict[str, Callable] = {
    "exp": _cdf_exp,
    "sigmoid": _cdf_sigmoid,
    "laplace": _cdf_laplace,
    "gaussian": _cdf_gaussian,
    "clip": _cdf_clip,
    "cauchy": _cdf_cauchy,
    "sparse_pnorm": _cdf_power,
    "sparse_pnorm_3_2": lambda t: _cdf_clip(t) ** 2,
}


def _threshold(key: str, z: list, k) -> list:
    """Bisection, then the Illinois rule: slow, derivative-free and hard to get wrong."""
    distribution = DISTRIBUTIONS[key]
    groups: dict = {}
    for value in z:
        groups[value] = groups.get(value, 0) + 1

    def excess(lam):
        return sum(count * distribution(value - lam) for value, count in groups.items()) - k

    low, high = min(z) - 1, max(z) + 1
    step = mp.mpf(1)
    while excess(low) < 0:
        low, step = low - step, 2 * step
    step = mp.mpf(1)
    while excess(high) > 0:
        high, step = high + step, 2 * step
    lam = _illinois(excess, low, high)
    return [distribution(value - lam) for value in z]


def _illinois(f, a, b):
    fa, fb = f(a), f(b)
    small = mp.mpf(10) ** (-DIGITS + 10)
    for turn in range(4000):
        if fa == 0:
            return a
        if fb == 0:
            return b
        plain = turn % 3 == 2 or fa == fb
        c = (a + b) / 2 if plain else (a * fb - b * fa) / (fb - fa)
        fc = f(c)
        if abs(fc) < small:
            return c
        if (fc > 0) == (fb > 0):
            b, fb = c, fc
            if not plain:
                fa /= 2
        else:
            a, fa = c, fc
            if not plain:
                fb /= 2
    raise AssertionError("the reference did not converge")


def log_truth(key: str, x: np.ndarray, k: float, tau: float) -> np.ndarray:
    """Return log p (n,) rounded to float64, of laws that are symmetric, of exp, and of grad."""
    with mp.workdps(DIGITS):
        temperature, top = mp.mpf(float(tau)), mp.mpf(float(x.max()))
        z = [(mp.mpf(float(v)) - top) / temperature for v in x]
        if key == "grad":
            with mp.workdps(DIGITS + int(max(z) - min(z))):  # p next to 1 comes as a quotient
                return np.array([float(mp.log(p)) for p in _grad(z, int(k))])
        distribution = DISTRIBUTIONS[key]

        def rare(t):  # 1 - F(t), without the subtraction
            return mp.mpf(0) if key == "exp" else distribution(-t)

        def over(lam):
            tails = mp.fsum(distribution(v - lam) if v < lam else -rare(v - lam) for v in z)
            return tails + (sum(v >= lam for v in z) - mp.mpf(float(k))) > 0

        low, high = min(z) - 1, max(z) + 1
        while not over(low):
            low -= 1 - low
        while over(high):
            high += 1 + high
        while high - low > mp.mpf(10) ** -25 * (1 + abs(low)):
            middle = (low + high) / 2
            low, high = (middle, high) if over(middle) else (low, middle)
        logs = [mp.log(distribution(v - low)) if v < low else mp.log1p(-rare(v - low)) for v in z]
        return np.array([float(v) for v in logs])


def _softmax(logits: list, weights: list | None = None) -> list:
    peak = max(logits)
    terms = [mp.exp(v - peak) for v in logits]
    if weights is not None:
        terms = [w * t for w, t in zip(weights, terms, strict=True)]
    total = mp.fsum(terms)
    return [t / total for t in terms]


def _grad(z: list, k: int) -> list:
    """Inclusion probabilities from prefix and suffix polynomials: only positive terms."""
    peak = max(z)
    w = [mp.exp(v - peak) for v in z]
    prefix, suffix = _polynomials(w, k), _polynomials(w[::-1], k)[::-1]
    total = prefix[-1][k]
    return [
        w[i] * mp.fsum(prefix[i][a] * suffix[i + 1][k - 1 - a] for a in range(k)) / total
        for i in range(len(z))
    ]


def _polynomials(w: list, k: int) -> list:
    rows = [[mp.mpf(1)] + [mp.mpf(0)] * k]
    for weight in w:
        last = rows[-1]
        rows.append([last[0]] + [last[j] + weight * last[j - 1] for j in range(1, k + 1)])
    return rows


def _hard(z: list, k: int) -> list:
    order = sorted(range(len(z)), key=lambda i: (-z[i], i))
    return [mp.mpf(int(i in set(order[:k]))) for i in range(len(z))]


def _iterated(z: list, k: int) -> list:
    low = min(z)
    p = [mp.mpf(0)] * len(z)
    for _ in range(k):
        share = _softmax([(1 - a) * (v - low) for a, v in zip(p, z, strict=True)])
        p = [a + b for a, b in zip(p, share, strict=True)]
    return p


def _weighted(z: list, k: int) -> list:
    p = [mp.mpf(0)] * len(z)
    for _ in range(k):
        share = _softmax(z, [1 - a for a in p])
        p = [a + b for a, b in zip(p, share, strict=True)]
    return p


def _scaled(z: list, k: float) -> list:
    return [mp.mpf(float(k)) * v for v in _softmax(z)]


def _softsort(z: list, k: int) -> list:
    return _columns(([-abs(a - v) for v in z] for a in sorted(z, reverse=True)[:k]), len(z))


def _neuralsort(z: list, k: int) -> list:
    n = len(z)
    distance = [mp.fsum(abs(a - b) for b in z) for a in z]
    rows = (
        [(n + 1 - 2 * i) * v - d for v, d in zip(z, distance, strict=True)] for i in range(1, k + 1)
    )
    return _columns(rows, n)


def _columns(rows: Iterator[list], n: int) -> list:
    p = [mp.mpf(0)] * n
    for row in rows:
        p = [a + b for a, b in zip(p, _softmax(row), strict=True)]
    return p


def _dftopk(z: list, k: int) -> list:
    ordered = sorted(z, reverse=True)
    middle = (ordered[k - 1] + ordered[k]) / 2
    return [_cdf_sigmoid(v - middle) for v in z]


def _gumbel(x: list, k: int, tau, noise: list) -> list:
    r = [a + b for a, b in zip(x, noise, strict=True)]
    p = [mp.mpf(0)] * len(x)
    for _ in range(k):
        share = _softmax([v / tau for v in r])
        p = [a + b for a, b in zip(p, share, strict=True)]
        rest = [mp.fsum(share[:i] + share[i + 1 :]) for i in range(len(x))]
        r = [v + (mp.log(q) if q > 0 else -mp.inf) for v, q in zip(r, rest, strict=True)]
    return p


DIRECT: dict[str, Callable] = {
    "hard": _hard,
    "grad": _grad,
    "iterated_softmax": _iterated,
    "iterated_weighted_softmax": _weighted,
    "scaled_softmax": _scaled,
    "softsort": _softsort,
    "neuralsort": _neuralsort,
    "dftopk": _dftopk,
}


def inputs(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Score vectors that have broken soft Top-k code: ties, near ties, offsets, outliers."""
    r = np.random.default_rng(seed)
    normal = r.standard_normal(n)
    near = np.round(normal, 1)
    near += r.integers(-2, 3, n) * np.spacing(np.abs(near) + 1.0)
    outlier = normal.copy()
    outlier[0] = 1e8
    return {
        "normal": normal,
        "tiny spread": 1e-8 * normal,
        "spread 100": 100.0 * normal,
        "spread 1e4": 1e4 * normal,
        "huge spread": 1e8 * normal,
        "ties": np.round(normal, 0),
        "near ties": near,
        "all equal": np.full(n, 0.1),
        "offset 1e8": 1e8 + normal,
        "bimodal": np.where(np.arange(n) % 2 == 0, 50.0, -50.0) + normal,
        "outlier": outlier,
        "sorted": np.linspace(-3.0, 3.0, n),
        "mixed scales": normal * 10.0 ** r.uniform(-8, 8, n),
    }
