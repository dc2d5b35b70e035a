"""Values and products ``J^T g`` from the definitions, in as many digits as they need.

Nothing here is shared with the engine.  Sums that decide a threshold are sums of tails, so that
scores 1e12 temperatures apart cost no digits; the Jacobian of GradTopK is a sum of one sign.
"""

from __future__ import annotations

from itertools import pairwise

import mpmath as mp

from tests.engine.topk.reference import DIRECT, DISTRIBUTIONS, _polynomials

DIGITS = 50
SLOPES = {
    "exp": lambda t: mp.exp(t) if t <= 0 else mp.mpf(0),
    "sigmoid": lambda t: mp.exp(-abs(t)) / (1 + mp.exp(-abs(t))) ** 2,
    "laplace": lambda t: mp.exp(-abs(t)) / 2,
    "gaussian": lambda t: mp.npdf(t),
    "clip": lambda t: mp.mpf(int(0 <= t <= 1)),
    "cauchy": lambda t: 1 / (mp.pi * (1 + t * t)),
    "sparse_pnorm": lambda t: 3 * t * t if 0 <= t <= 1 else mp.mpf(0),
    "sparse_pnorm_3_2": lambda t: 2 * t if 0 <= t <= 1 else mp.mpf(0),
}
KINKS = {"exp": (0,), "clip": (0, 1), "sparse_pnorm": (1,), "sparse_pnorm_3_2": (1,)}
FINITE = ("clip", "sparse_pnorm", "sparse_pnorm_3_2")
BESIDE = mp.mpf(10) ** -9  # so near a kink, or a tie of scores, J is one-sided or all but that


def truth(key, x, k, tau, g):
    """Return p and ``J^T g`` as lists of mpf; no product where J does not exist.

    Parameters
    ----------
    key : str
        Of the operator.
    x, g : sequence of float (n,)
        Scores and cotangent, taken as the exact numbers they are.
    k, tau : float
        How many to keep; the temperature.
    """
    spread = (max(x) - min(x)) / tau
    more = int(spread / 2) if key.startswith("iterated") else len(str(int(spread)))
    with mp.workdps(DIGITS + 40 + more):
        top, temperature = mp.mpf(max(x)), mp.mpf(tau)
        z, along = [(mp.mpf(v) - top) / temperature for v in x], [mp.mpf(v) for v in g]
        if key in DISTRIBUTIONS:
            p, product = _threshold(key, z, mp.mpf(k), along)
        elif key == "grad":
            p, product = DIRECT[key](z, int(k)), _grad_product(z, int(k), along)
        elif key == "hard":
            p, product = DIRECT[key](z, int(k)), [mp.mpf(0)] * len(z)
        else:
            number = k if key == "scaled_softmax" else int(k)
            p = DIRECT[key](z, number)
            product = _difference(lambda at: DIRECT[key](at, number), z, along)
            gaps = [b - a for a, b in pairwise(sorted(z))]
            bent = {"softsort": gaps, "neuralsort": gaps, "dftopk": gaps,
                    "iterated_softmax": gaps[:1]}  # of min z  # fmt: skip
            if any(gap < BESIDE for gap in bent.get(key, ())):
                product = None
        return p, product and [v / temperature for v in product]


def _threshold(key, z, k, g):
    law, slope = DISTRIBUTIONS[key], SLOPES[key]
    with mp.workdps(mp.mp.dps - DIGITS):
        rough = _place(key, z, k, None)
    lam = _place(key, z, k, rough)
    t = [v - lam for v in z]
    f = [slope(v) for v in t]
    total = mp.fsum(f)
    if any(abs(v - kink) < BESIDE and (v >= 0 or kink) for v in t for kink in KINKS.get(key, ())):
        return [law(v) for v in t], None
    # f_i (g_i - mean) as a sum of differences: exact where one f_i is nearly the whole sum.
    pairs = list(zip(f, g, strict=True))
    product = [a * mp.fsum(c * (b - d) for c, d in pairs) / (total or 1) for a, b in pairs]
    return [law(v) for v in t], product


def _place(key, z, k, start):
    """Return lam, by Newton's steps in the logarithms of two positive sums, in a bracket."""
    law, slope, finite = DISTRIBUTIONS[key], SLOPES[key], key in FINITE

    def sums(lam):
        """Return two sums, equal at the threshold, and their slopes, falling and rising."""
        t = [v - lam for v in z]
        if finite:  # neither side has digits to lose
            return mp.fsum(law(v) for v in t), k, mp.fsum(slope(v) for v in t), mp.mpf(0)
        below, above = [v for v in t if v < 0], [v for v in t if v >= 0]
        rare = mp.mpf(0) if key == "exp" else mp.fsum(law(-v) for v in above)
        falls, rises = (mp.fsum(slope(v) for v in side) for side in (below, above))
        extra = len(above) - k
        if key == "exp":
            rises = mp.mpf(0)
        return mp.fsum(law(v) for v in below) + max(extra, 0), rare + max(-extra, 0), falls, rises

    low, high = min(z) - 1, max(z) + 1
    while (ends := sums(low))[0] < ends[1]:
        low -= 1 - low
    while (ends := sums(high))[0] > ends[1]:
        high += 1 + high
    lam = (low + high) / 2 if start is None else start
    small = mp.mpf(10) ** (20 - mp.mp.dps)
    for _ in range(2000):
        a, b, falls, rises = sums(lam)
        if a == b or high - low < small:
            return lam
        low, high = (lam, high) if a > b else (low, lam)
        step = None
        if finite:
            step = (a - b) / falls if falls > 0 else None
        elif a > 0 and b > 0 and falls + rises > 0:
            step = (mp.log(a) - mp.log(b)) / (falls / a + rises / b)
        if step is not None and abs(step) < small * (1 + abs(lam)):
            return lam + step
        lam = lam + step if step is not None and low < lam + step < high else (low + high) / 2
    raise AssertionError(f"no threshold found for {key}")


def _grad_product(z, k, g):
    """Return ``J^T g`` of GradTopK from its covariances, each of one sign.

    With a_m the elementary symmetric polynomials of all but i and j,
    ``p_i p_j - p_ij = w_i w_j (a_{k-1}^2 - a_k a_{k-2}) / e_k^2``, positive by Newton's inequality.
    """
    n = len(z)
    w = [mp.exp(v) for v in z]
    whole = _polynomials(w, k)[-1][k]
    product = [mp.mpf(0)] * n
    for i in range(n):
        for j in range(i + 1, n):
            a = _polynomials(w[:i] + w[i + 1 : j] + w[j + 1 :], k)[-1]
            last = a[k - 2] if k > 1 else mp.mpf(0)
            weight = w[i] * w[j] * (a[k - 1] ** 2 - a[k] * last) / whole**2
            product[i] += weight * (g[i] - g[j])
            product[j] += weight * (g[j] - g[i])
    return product


def _difference(value, z, g):
    """Return ``J^T g`` by central differences, in three times the digits."""
    with mp.workdps(3 * mp.mp.dps):
        h = mp.mpf(10) ** (-mp.mp.dps // 3)
        product = []
        for i in range(len(z)):
            ahead, behind = (value([*z[:i], z[i] + s * h, *z[i + 1 :]]) for s in (1, -1))
            rises = ((a - b) * c for a, b, c in zip(ahead, behind, g, strict=True))
            product.append(mp.fsum(rises) / (2 * h))
        return product
