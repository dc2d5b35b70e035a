"""Every public function of engine.attention on ugly input."""

from __future__ import annotations

import math

import numpy as np

import engine.attention as ea
from engine.errors import ArgumentError, DataError, RankscopeError
from tests.support.truth import EPS, down, scaled_truth
from tests.support.ugly import ugly_matrix

HUGE = 10**400, 10**5000
ODD = [0, -1, 0.5, 1e-300, 1e300, np.nan, np.inf, -np.inf, None, "1", True, [2.0], *HUGE, 1j]


def attention(rng):
    n = int(rng.integers(1, 9))
    scores = ugly_matrix(rng, (n, n), kinds="biufV")
    kind, causal = str(rng.choice(ea.KINDS)), bool(rng.random() < 0.5)
    tau = float(rng.choice([1.0, 1e-3, 1e300, 1e-300]))
    operator = str(rng.choice(["sigmoid", "exp", "clip", "hard"]))
    words = (scores.words, kind, causal, tau, operator)
    try:
        a = ea.attention_weights(scores.given, kind, causal=causal, tau=tau, k=3, operator=operator)
    except RankscopeError as problem:
        assert not scores.finite or "tau" in str(problem) or "overflow" in str(problem), problem
        return words
    assert scores.finite
    np.testing.assert_allclose(a.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    assert np.all(a >= 0.0)
    seen = np.tri(n, dtype=bool) if causal else np.ones((n, n), bool)
    assert not a[~seen].any()
    if kind == "softmax":
        # Largest score of a row first: the weights fall as the scores do.
        for i in range(n):
            order = np.argsort(scores.exact[i][seen[i]], kind="stable")
            assert np.all(np.diff(a[i][seen[i]][order]) >= -1e-15)
    values = rng.standard_normal((n, 3))
    np.testing.assert_allclose(ea.causal_attention(values, a), a @ values, atol=1e-12)
    running = np.array([values[: i + 1].mean(axis=0) for i in range(n)])
    np.testing.assert_allclose(ea.causal_attention(values), running, atol=1e-12)
    return words


def attention_values(rng):
    """Running means of values near the largest float do not overflow on the way."""
    v = ugly_matrix(rng, kinds="biufV")
    try:
        y = ea.causal_attention(v.given)
    except RankscopeError as problem:
        assert not v.finite or not v.exact.size, problem
        return (v.words,)
    _, e, unit = scaled_truth(v.exact)
    want = np.cumsum(unit, axis=0) / np.arange(1, len(unit) + 1)[:, None]
    room = 1e-13 + math.ldexp(8.0, min(max(-1074 - e, -1070), 1000))
    np.testing.assert_allclose(down(y, e), want, rtol=0, atol=room)
    return (v.words,)


def positions(rng):
    n, s = int(rng.integers(1, 12)), float(10.0 ** rng.uniform(-5, 5))
    curve = ea.position_curve(
        n, kind=str(rng.choice(ea.KINDS)), features=3, trials=2, s=s, k=2,
        causal=bool(rng.random() < 0.5), seed=int(rng.integers(99)),
    )  # fmt: skip
    expected = ea.expected_rms(np.arange(1, n + 1), s)
    np.testing.assert_allclose(expected, s / np.sqrt(np.arange(1, n + 1)), rtol=1e-14)
    np.testing.assert_array_equal(curve.expected, expected)
    assert np.all(np.isfinite(curve.rms))
    assert np.all(curve.rms >= 0.0)
    np.testing.assert_allclose(
        ea.resolution(np.arange(1, n + 1), s),
        s / np.sqrt(np.arange(1, n + 1)) - s / np.sqrt(np.arange(2, n + 2)),
        rtol=0,
        atol=4 * EPS * s,
    )
    v = rng.standard_normal((n, 3))
    assert ea.permutation_error(v, causal=False) < 1e-12
    return n, s


def rotations(rng):
    """A rotation keeps lengths and products depend on the difference of positions only."""
    u = ugly_matrix(rng, kinds="biufV")
    rows, dim = u.exact.shape
    place = rng.integers(-1000, 1000, rows) * float(rng.choice([1.0, 0.5, 1e9]))
    base = float(rng.choice([1.0, 10.0, 1e4, 1e308]))
    try:
        turned = ea.rotate(u.given, place, base=base)
    except RankscopeError as problem:
        large = np.abs(u.exact).max(initial=0.0) > 1e307
        assert large or not u.finite or dim % 2 or dim == 0, problem
        assert isinstance(problem, ArgumentError | DataError), problem
        return u.words, base
    assert u.finite
    assert dim % 2 == 0
    assert turned.shape == u.exact.shape
    _, e, unit = scaled_truth(u.exact)
    turned = down(turned, e)
    room = 1e-14 + math.ldexp(8.0, min(max(-1074 - e, -1070), 1000))
    size = [np.linalg.norm(x, axis=1) for x in (turned, unit)]
    np.testing.assert_allclose(size[0], size[1], rtol=1e-13, atol=room * dim)
    if rows > 1 and room < 1e-12:
        where = np.full(rows, place[0])
        shifted = ea.rotate(unit, where, base=base), ea.rotate(unit, where + 64.0, base=base)
        products = [x @ ea.rotate(unit, where + y, base=base).T for x, y in zip(
            shifted, (32.0, 96.0), strict=True)]  # fmt: skip
        # At 1e12 the sums of positions are exact, too.
        np.testing.assert_allclose(products[0], products[1], rtol=0, atol=1e-12 * dim)
    return u.words, base


def scores_encoded(rng):
    """Every encoding against its definition written out, in units near 1."""
    rows, dim = (int(x) for x in rng.integers(1, 9, 2))
    q = ugly_matrix(rng, (rows, dim), kinds="biufV")
    k = ugly_matrix(rng, (rows, dim), kinds="biufV")
    encoding, slope = str(rng.choice(ea.ENCODINGS)), float(rng.choice([0.0, 0.25, 1e9]))
    words = q.words, k.words, encoding, slope
    try:
        found = ea.encoded_scores(q.given, k.given, encoding, slope=slope)
    except RankscopeError as problem:
        odd = dim % 2 and encoding in ("rope", "sinusoidal")
        assert odd or not (q.finite and k.finite) or "range" in str(problem), problem
        return words
    assert q.finite and k.finite and np.isfinite(found).all()
    x, y, place = q.exact, k.exact, np.arange(float(rows))
    if encoding == "sinusoidal":
        angle = place[:, None] * 1e4 ** (-np.arange(0, dim, 2) / dim)
        waves = np.stack([np.sin(angle), np.cos(angle)], -1).reshape(rows, dim)
        x, y = x + waves, y + waves
    (_, ex, x), (_, ey, y) = scaled_truth(x), scaled_truth(y)
    if encoding == "rope":
        x, y = ea.rotate(x, place), ea.rotate(y, place)
    far = np.abs(place[:, None] - place)
    want, room = x @ y.T / dim**0.5, 1e-13 * dim
    bias = slope * far if encoding == "alibi" else 0.0 * far
    if abs(ex + ey) < 900:
        want = np.ldexp(want, ex + ey) - bias
        room = np.ldexp(room, ex + ey) + 1e-15 * bias.max() + 5e-324
        np.testing.assert_allclose(found, want, rtol=1e-12, atol=room)
    return words


def concentrations(rng):
    """Sums of squares and the spread of scores in units near 1, against NumPy."""
    u = ugly_matrix(rng, kinds="biufV")
    v = ugly_matrix(rng, u.exact.shape, kinds="biufV") if u.exact.size else u
    words = u.words, v.words
    _, e, unit = scaled_truth(u.exact) if u.finite and u.exact.size else (0, 0, u.exact)
    try:
        found = ea.concentration(u.given)
        want = np.sum(unit**2, axis=1)
        tiny = math.ldexp(64.0, min(max(-1074 - 2 * e, -1070), 1000))
        np.testing.assert_allclose(down(found, 2 * e), want, rtol=1e-12, atol=tiny)
    except RankscopeError as problem:
        assert not u.finite or not u.exact.size or "range" in str(problem), problem
    try:
        spread = ea.score_spread(u.given, v.given)
    except RankscopeError as problem:
        bad = not (u.finite and v.finite) or not u.exact.size
        assert bad or "range" in str(problem), problem
        return words
    assert u.finite and v.finite
    f, other = scaled_truth(v.exact)[1:]
    want = np.linalg.norm(unit.T @ other) / unit.shape[0] ** 0.5
    tiny = math.ldexp(64.0, min(max(-1074 - e - f, -1070), 1000))
    room = 1e-13 * np.linalg.norm(unit) * np.linalg.norm(other) + tiny
    np.testing.assert_allclose(down(spread, e + f), want, rtol=1e-9, atol=room)
    return words


def closed_forms(rng):
    """Numbers of every type and size: a number in its bounds, or a refusal by name."""
    value = ODD[rng.integers(len(ODD))] if rng.random() < 0.6 else 10.0 ** rng.uniform(-320, 308)
    jobs = {
        "alibi n": lambda: ea.alibi_concentration(value, 0.5),
        "alibi slope": lambda: ea.alibi_concentration([1, 9, 1e300], value),
        "decay": lambda: ea.rope_decay(value, 6),
        "base": lambda: ea.rope_decay([0.0, 3.0], 6, base=value),
        "dim": lambda: ea.rope_decay(3.0, value if value not in HUGE else 4),
        "heads": lambda: ea.alibi_slopes(value if value != 1e300 else 3),
        "length": lambda: ea.distinguishable_positions(value, 64),
        "features": lambda: ea.distinguishable_positions(9, value),
        "z": lambda: ea.distinguishable_positions(9, 64, value),
        "rms": lambda: ea.expected_rms(value),
        "step": lambda: ea.resolution(value),
    }
    name = str(rng.choice(list(jobs)))
    try:
        found = np.asarray(jobs[name]())
    except RankscopeError as problem:
        assert isinstance(problem, ArgumentError) or "range" in str(problem), problem
        return name, repr(value)
    assert not isinstance(value, str | bool | None.__class__ | complex), value
    assert np.isfinite(found).all(), found
    if name not in ("length", "features", "z"):
        assert (np.abs(found) <= 1.0).all(), found
    return name, repr(value)


def last_tokens(rng):
    """One causal layer without encoding sees no order, whatever the values."""
    u = ugly_matrix(rng, kinds="biufV")
    kind, encoding = str(rng.choice(ea.KINDS)), str(rng.choice(ea.ENCODINGS))
    layers, seed = int(rng.integers(1, 4)), int(rng.integers(99))
    words = u.words, kind, encoding, layers
    try:
        change = ea.last_token_error(
            u.given, layers=layers, encoding=encoding, kind=kind, operator="clip", k=2, seed=seed
        )
    except RankscopeError as problem:
        odd = u.exact.size and u.exact.shape[1] % 2 and encoding in ("rope", "sinusoidal")
        said = "range" in str(problem) or "overflow" in str(problem) or "tau" in str(problem)
        assert odd or not u.finite or not u.exact.size or said, problem
        return words
    assert u.finite
    assert np.isfinite(change)
    if (encoding == "none" and layers == 1) or len(u.exact) < 3:
        largest = np.abs(u.exact).max()
        # Scores are off by rounding, in units of themselves: so are the weights.
        with np.errstate(over="ignore"):
            room = 1e-13 * largest * (1.0 + u.exact.shape[1] ** 0.5 * largest**2) * layers
        assert change <= room + 1e-320, (change, room)
    return words


CHECKS = (
    attention, attention_values, positions, rotations, scores_encoded, concentrations,
    closed_forms, last_tokens,
)  # fmt: skip
