"""The search: seeded scores that are hard on soft Top-k code, and the worst the engine did."""

from __future__ import annotations

from decimal import Decimal, localcontext

import mpmath as mp
import numpy as np

from engine.topk import get_operator, warm
from engine.topk.compiled.ready import without_kernels
from tests.support.worst_cases.truth import DIGITS, truth

KEPT = 4  # cases that are worst for p, and as many that are worst for the product
SIZES = (2, 3, 4, 5, 7, 10, 14, 20, 28, 40)
SLOW = {"softsort": 14, "neuralsort": 14, "gaussian": 20, "grad": 20}  # the longest row
STEEP = 200.0  # spread over tau up to which steps that multiply by e^spread are tried
SMALLEST = mp.mpf("1e-9999")
SHOWN = 12  # entries of a row up to which all have their truth


def draw(key, seed):
    """Return the name of a kind of scores, scores, k, tau and a cotangent."""
    r = np.random.default_rng([seed, sum(map(ord, key))])
    operator, steep = get_operator(key), key.startswith("iterated")
    n = int(r.choice([m for m in SIZES if m <= (7 if steep else SLOW.get(key, 40))]))
    tau = float(10.0 ** r.uniform(-4.0, 1.5))
    scale = tau * 10.0 ** r.uniform(-2, 2) if r.random() < 0.6 else 10.0 ** r.uniform(-8, 8)
    normal = r.standard_normal(n)
    near = np.round(normal, 1)
    near += r.integers(-3, 4, n) * np.spacing(np.abs(near) + 1.0)
    kinds = {
        "normal": normal,
        "ties": np.round(normal),
        "near ties": near,
        "heavy tails": r.standard_cauchy(n),
        "two values": np.where(r.random(n) < 0.5, 1.0, -1.0),
        "all equal": np.ones(n),
        "two clusters": np.where(np.arange(n) % 2 == 0, 5.0, -5.0) + 0.1 * normal,
        "offset": 1e6 + normal,
        "mixed scales": normal * 10.0 ** r.uniform(-6, 2, n),
    }
    kind = str(r.choice(list(kinds)))
    x = kinds[kind] * scale
    if steep and np.ptp(x) > STEEP * tau:
        x = x * (STEEP * tau / np.ptp(x)) * r.random()
    k = float(r.choice([1, n - 1, r.integers(1, n)]))
    if not operator.needs_integer_k and r.random() < 0.5:
        k = float(
            r.choice([r.uniform(0, n), 10.0 ** r.uniform(-4, 0), n - 10.0 ** r.uniform(-4, 0)])
        )
    return kind, x.tolist(), k, tau, r.standard_normal(n).round(3).tolist()


def written(value):
    """Return a number of many digits as text; 0 for what no decimal format is asked to hold."""
    if abs(value) < SMALLEST:
        return "0.0"
    return mp.nstr(value, DIGITS, min_fixed=0, max_fixed=0)


def errors(case):
    """Return the engine's errors on a case of the table, and the two entries it is worst on.

    Of p absolute and in units of the last place of p; of the product in units of ``max |g| / tau``
    and relative to its largest entry, None where there is no product.
    """
    x, g, operator = np.array(case["x"]), np.array(case["g"]), get_operator(case["operator"])
    at, k, tau = case["at"], case["k"], case["tau"]
    with localcontext(prec=DIGITS):
        exact = [Decimal(v) for v in case["p"]]
        off = [
            abs(Decimal(float(v)) - e) for v, e in zip(operator(x, k, tau)[at], exact, strict=True)
        ]
        ulps = [float(a) / float(np.spacing(float(e))) for a, e in zip(off, exact, strict=True)
                if abs(e) > Decimal("1e-290")]  # fmt: skip
        found = {"p_error": float(max(off)), "p_ulps": max(ulps, default=0.0)}
        worst = [int(np.argmax(off))]
        if case["vjp"] is not None:
            exact = [Decimal(v) for v in case["vjp"]]
            product = operator.vjp(x, k, tau, g)[at]
            slips = [abs(Decimal(float(v)) - e) for v, e in zip(product, exact, strict=True)]
            slip, size = max(slips), max(abs(e) for e in exact)
            found["vjp_error"] = float(slip * Decimal(tau) / Decimal(float(np.abs(g).max())))
            found["vjp_relative"] = float(slip / size) if size > Decimal("1e-290") else 0.0
            worst.append(int(np.argmax(slips)))
    return found, worst


def case_of(key, seed):
    """Return a case with the truth of every entry, and the worst errors of both routes."""
    kind, x, k, tau, g = draw(key, seed)
    p, product = truth(key, x, k, tau, g)
    case = {"operator": key, "kind": kind, "k": k, "tau": tau, "x": x, "g": g,
            "at": list(range(len(x))), "p": [written(v) for v in p],
            "vjp": product and [written(v) for v in product]}  # fmt: skip
    compiled, places = errors(case)
    with without_kernels():
        plain, more = errors(case)
    found = {name: max(value, plain[name]) for name, value in compiled.items()}
    return case | found, places + more


def shortened(case, places):
    """Return the case with the truth of a few entries: the worst, the largest, those at the cut."""
    n = len(case["x"])
    if n <= SHOWN:
        return case
    order = np.argsort(-np.array(case["x"]), kind="stable").tolist()
    cut = min(max(int(case["k"]), 1), n - 1)
    at = sorted({*places, order[0], order[cut - 1], order[cut], order[-1]})
    entries = {name: case[name] and [case[name][i] for i in at] for name in ("p", "vjp")}
    return case | {"at": at} | entries


def worst_of(key, tries):
    """Return the worst cases of an operator among so many, and what they are the worst of."""
    warm(wait=True)
    found = [case_of(key, seed) for seed in range(tries)]
    kept = {}
    for name in ("p_error", "vjp_error"):
        for case, places in sorted(found, key=lambda one: -one[0].get(name, -1.0))[:KEPT]:
            kept[str(case["x"])] = shortened(case, places)
    return list(kept.values())
