"""Curves at chosen positions and heads of attention on ugly input, against brute force."""

from __future__ import annotations

import math

import numpy as np

import engine.attention as ea
from engine.errors import RankscopeError
from tests.support.truth import down, scaled_truth
from tests.support.ugly import ugly_matrix


def curves_at_positions(rng):
    """What is drawn at chosen positions: weights that sum to 1, and the concentration they say."""
    length, per_octave = int(rng.integers(1, 60)), int(rng.integers(1, 20))
    at = ea.octave_positions(length, per_octave)
    assert (at[0], at[-1]) == (1, length)
    assert np.all(np.diff(at) > 0)
    kind, encoding = str(rng.choice(ea.KINDS)), str(rng.choice(["none", "rope", "alibi"]))
    spread, seed = float(rng.choice([0.0, 1e-3, 1.0, 40.0])), int(rng.integers(99))
    given = {"kind": kind, "encoding": encoding, "features": 4, "score_spread": spread}
    given |= {"k": int(rng.integers(1, 9)), "tau": float(rng.choice([0.01, 1.0])), "seed": seed}
    words = (length, per_octave, kind, encoding, spread, seed)
    try:
        curve = ea.sampled_curve(at, trials=1, **given)
    except RankscopeError as problem:
        assert "kind" in str(problem), problem
        return words
    weights = ea.sampled_weights(length, **given)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    assert not np.triu(weights, 1).any()
    whole = ea.sampled_curve(np.arange(1, length + 1), trials=1, **given)
    np.testing.assert_allclose(whole.weighted, np.sqrt(ea.concentration(weights)), rtol=1e-9)
    assert np.all((curve.entropy >= -1e-12) & (curve.entropy <= np.log(at) + 1e-12))
    return words


def heads(rng):
    """A head's spread by distance and its symmetric share, from the product written out."""
    u = ugly_matrix(rng, kinds="biufV")
    v = ugly_matrix(rng, u.exact.shape, kinds="biufV") if u.exact.size else u
    words, even = (u.words, v.words), u.exact.shape[0] % 2 == 0
    bad = not (u.finite and v.finite) or not u.exact.size
    try:
        share = ea.symmetric_share(u.given, v.given)
    except RankscopeError as problem:
        assert bad, problem
        return words
    assert not bad
    (e, wq), (f, wk) = scaled_truth(u.exact)[1:], scaled_truth(v.exact)[1:]
    product = wq.T @ wk
    whole, room = np.linalg.norm(product), np.linalg.norm(wq) * np.linalg.norm(wk)
    if whole > 1e-6 * room:
        symmetric = np.linalg.norm(product + product.T) / 2.0
        np.testing.assert_allclose(share, (symmetric / whole) ** 2, rtol=0, atol=1e-3)
    distance = float(rng.choice([0.0, 1.0, 1e6]))
    try:
        spread = ea.spread_at_distance(u.given, v.given, distance)
    except RankscopeError as problem:
        assert not even or "range" in str(problem), problem
        return words
    assert even
    turned = ea.rotate(wq.T, np.full(wq.shape[1], distance))
    want = np.linalg.norm(turned @ wk) / math.sqrt(len(wq))
    tiny = math.ldexp(64.0, min(max(-1074 - e - f, -1070), 1000))
    np.testing.assert_allclose(down(spread, e + f), want, rtol=1e-8, atol=1e-12 * room + tiny)
    return words


CHECKS = (curves_at_positions, heads)
