"""Singular values, what describes them and the rules of ranks, on ugly input.

A check takes a random generator. It passes when the engine answers rightly, or refuses with a
`RankscopeError` what has no answer (`refusal_is_due`); anything else is a failure.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import scipy.sparse as sp

import engine.spectrum as es
from engine.errors import ArgumentError, DataError
from tests.support.truth import (
    attempt,
    down,
    escaped,
    exact_singular_values,
    scaled_truth,
    slack,
    step,
)
from tests.support.ugly import stopped_somewhere, ugly_matrix


def check_spectrum(s, u):
    """Values, bounds and norm of a Spectrum against the truth."""
    truth, e, unit = scaled_truth(u.exact)
    room = slack(truth, u.exact, e)
    k = s.values.size
    low, high = (down(x, e) for x in s.band)
    assert np.all(low <= truth[:k] + room), (low, truth)
    assert np.all(truth[:k] <= high + room), (high, truth)
    assert np.all(np.diff(s.values) <= 0)
    assert np.all(s.values >= 0)
    np.testing.assert_allclose(
        down(s.frobenius, e), np.linalg.norm(unit), rtol=1e-12, atol=room + 1e-300
    )
    assert s.shape == u.exact.shape
    assert s.complete == (k == min(s.shape))
    rest = math.sqrt(max(np.sum(truth**2) - np.sum(down(s.values, e) ** 2), 0.0))
    if not s.complete:
        coarse = 40 * step(e) * math.sqrt(truth.size)
        few = 1e-6 * truth[0] + coarse * (1.0 + truth[0] / max(rest, 1e-9 * truth[0], 1e-300))
        np.testing.assert_allclose(down(s.residual, e), rest, rtol=1e-4, atol=few)
    return truth, e


def singular_values(rng):
    u = ugly_matrix(rng)
    method = str(rng.choice(["auto", "svd", "gram", "stream", "randomized"]))
    s = attempt(u, es.singular_values, method)
    if s is not None:
        check_spectrum(s, u)
    return u.words, method


def leading_part(rng):
    m, n = (int(x) for x in rng.integers(90, 200, 2))
    u = ugly_matrix(rng, (m, n))
    tolerance = None if rng.random() < 0.5 else float(rng.choice([0.3, 1e-3, 1e-9]))
    rank = int(rng.integers(1, 9)) if rng.random() < 0.8 else None
    s = attempt(
        u, es.leading_singular_values, rank, seed=int(rng.integers(99)), tolerance=tolerance
    )
    if s is not None:
        check_spectrum(s, u)
    return u.words, rank, tolerance


def verified(rng):
    """The truth at 60 digits lies in every interval."""
    shape = tuple(int(x) for x in rng.integers(1, 7, 2))
    u = ugly_matrix(rng, shape)
    s = attempt(u, es.singular_values, "verified")
    if s is not None:
        assert escaped(*s.band, exact_singular_values(u.exact)) == 0
        assert s.guarantee == "rigorous"
    return (u.words,)


def smallest_part(rng):
    """Intervals hold, also where LAPACK has no digit of the value: there by its own bound."""
    u = ugly_matrix(rng)
    count = int(rng.integers(1, min(u.exact.shape) + 1)) if u.exact.size else 1
    s = attempt(u, es.smallest_singular_values, count)
    if s is None:
        return u.words, count
    truth, e, _ = scaled_truth(u.exact)
    room = slack(truth, u.exact, e)
    assert np.all(down(s.lower, e) <= truth[-count:] + room), (s.lower, truth)
    assert np.all(truth[-count:] <= down(s.upper, e) + room), (s.upper, truth)
    assert np.all((s.lower <= s.values) & (s.values <= s.upper))
    assert np.all(np.diff(s.values) <= 0)
    return u.words, count


def sparse(rng):
    """Sparse matrices in any format: what the dense array answers, or the same refusal."""
    u = ugly_matrix(rng)
    form = str(rng.choice(["csr", "csc", "coo", "lil", "bsr"]))
    kept = np.where(rng.random(u.exact.shape) < rng.choice([0.1, 0.5, 1.0]), u.exact, 0.0)
    if u.exact.size == 0:
        return u.words, form
    u = dataclasses.replace(u, exact=kept, given=sp.coo_array(kept).asformat(form))
    rank = int(rng.integers(1, min(kept.shape) + 1))
    method = str(rng.choice(["auto", "svd", "gram", "stream"]))
    tolerance = None if rng.random() < 0.5 else float(rng.choice([0.3, 1e-3, 1e-9, 1e-13]))
    for s in (
        attempt(u, es.singular_values, method),
        attempt(u, es.leading_singular_values, rank, tolerance=tolerance),
    ):
        if s is not None:
            check_spectrum(s, u)
    f = attempt(u, es.truncated_svd, rank, tolerance=tolerance)
    if f is not None:
        truth, e, unit = scaled_truth(kept)
        room = 20 * slack(truth, kept, e)
        left = unit - (f.u * down(f.s, e)) @ f.vh
        assert np.linalg.norm(left, 2) <= down(f.residual_spectral, e) + room
        np.testing.assert_allclose(f.u.conj().T @ f.u, np.eye(rank), atol=1e-11)
    return u.words, form, method, rank, tolerance


def descriptors(rng):
    u = ugly_matrix(rng)
    s = attempt(u, es.singular_values, "svd")
    if s is None:
        return (u.words,)
    values, e = down(s.values, scaled_truth(u.exact)[1]), scaled_truth(u.exact)[1]
    d = es.describe(s)
    if values[0] == 0.0:
        assert d.stable_rank == d.participation_ratio == d.effective_rank == d.numerical_rank == 0
        return (u.words,)
    p = values[values > 0] / values.sum()
    p = p[p > 0]
    entropy = max(-np.sum(p * np.log(p)), 0.0)
    squares = values**2
    close = {"rtol": 1e-10, "atol": 1e-12}
    np.testing.assert_allclose(d.stable_rank, squares.sum() / squares[0], **close)
    np.testing.assert_allclose(
        d.participation_ratio, squares.sum() ** 2 / (squares**2).sum(), **close
    )
    np.testing.assert_allclose(d.spectral_entropy, entropy, **close)
    np.testing.assert_allclose(d.effective_rank, np.exp(entropy), **close)
    room = 1e-12 * values[0] + 4 * step(e)
    if d.nuclear_norm < np.inf:
        np.testing.assert_allclose(down(d.nuclear_norm, e), values.sum(), rtol=1e-12, atol=room)
    np.testing.assert_allclose(
        down(d.frobenius_norm, e), np.linalg.norm(values), rtol=1e-12, atol=room
    )
    assert d.spectral_norm == s.values[0]
    assert 0 <= d.numerical_rank <= min(s.shape)
    assert d.condition_number >= 1.0
    assert d.alpha is not None or d.alpha_reason
    return (u.words,)


def rank_rules(rng):
    """Every rule speaks and is possible; the shares and budgets equal brute force."""
    u = ugly_matrix(rng)
    s = attempt(u, es.singular_values)
    if s is None:
        return (u.words,)
    key = str(rng.choice(list(es.RANK_RULES)))
    try:
        choice = es.RANK_RULES[key](s)
    except ArgumentError as error:
        assert key == "minka" and s.shape[0] < s.shape[1] and error.argument == "samples", error
        choice = es.RANK_RULES[key](s, samples=s.shape[1])
    assert 0 <= choice.rank <= min(s.shape), choice
    assert len(choice.reason) > 20 and "nan" not in choice.reason, choice
    values = down(s.values, scaled_truth(u.exact)[1])
    if values[0] == 0.0:
        assert choice.rank == 0, choice
        return u.words, key
    t = float(rng.choice([0.1, 0.5, 0.9, 0.99]))
    squares = values**2
    shares = {"energy": (squares, t), "sv_cumulative": (values, t), "sv_fro": (squares, t * t)}
    for name, (terms, target) in shares.items():
        r = es.RANK_RULES[name](s, t).rank
        head = np.concatenate(([0.0], np.cumsum(terms))) / terms.sum()
        assert head[r] >= target - 1e-12, (name, r, head)
        assert r == 0 or head[r - 1] < target + 1e-12, (name, r, head)
    if s.values[0] < 1e-300:
        return u.words, key  # a budget of a few subnormal steps has no digits to compare
    r = es.RANK_RULES["frobenius"](s, t).rank
    tail = np.sqrt(np.concatenate((np.cumsum(squares[::-1])[::-1], [0.0])) / squares.sum())
    assert tail[r] <= t + 1e-12 and (r == 0 or tail[r - 1] > t - 1e-12), (r, tail)
    r = es.RANK_RULES["spectral"](s, t).rank
    rest = np.append(values, 0.0) / values[0]
    assert rest[r] <= t + 1e-12
    assert r == 0 or rest[r - 1] > t - 1e-12
    assert es.RANK_RULES["relative"](s, t).rank == int((s.values > t * s.values[0]).sum())
    rounding = 0.5 * max(s.shape) * 2.0**-52 * values[0]
    for name in ("gavish_donoho", "mp_edge", "elbow"):
        rank = int((values > 1e-6 * values[0]).sum())
        clear = values[rank - 1] > 1e-3 * values[0] and (values[rank:] < rounding).all()
        if clear and 2 * rank <= values.size:
            assert es.RANK_RULES[name](s).rank <= max(rank, 1), (name, rank)
    return u.words, key


def curves(rng):
    u = ugly_matrix(rng)
    s = attempt(u, es.singular_values, "svd")
    if s is None:
        return (u.words,)
    e = scaled_truth(u.exact)[1]
    values = down(s.values, e)
    total = float(np.sum(values**2))
    tiny = 4 * step(e)
    for r in range(values.size + 1):
        rest = values[r:]
        assert abs(es.energy(s)[r] - (1.0 - np.sum(rest**2) / total if total else 1.0)) < 1e-12
        np.testing.assert_allclose(
            down(es.frobenius_error(s)[r], e),
            np.hypot.reduce(np.append(rest, 0.0)),
            rtol=1e-12,
            atol=tiny,
        )
        assert es.spectral_error(s)[r] == (s.values[r] if r < values.size else 0.0)
        if es.nuclear_error(s)[0] < np.inf:
            np.testing.assert_allclose(
                down(es.nuclear_error(s)[r], e), rest.sum(), rtol=1e-12, atol=tiny * (1 + rest.size)
            )
    return (u.words,)


def noise_law(rng):
    m, n = (int(x) for x in rng.integers(1, 3000, 2))
    noise = float(10.0 ** rng.uniform(-300, 300))
    low, high = es.mp_edges((m, n), noise)
    assert 0.0 <= low <= high
    x = np.linspace(low, high, 20001)
    y = es.mp_density(x, (m, n), noise)
    assert np.all(y >= 0.0)
    assert np.all(np.isfinite(y) | (noise < 1e-290))
    if np.all(np.isfinite(y)) and min(m, n) > 1:
        area = float(np.sum(0.5 * (y[1:] + y[:-1]) * np.diff(x)))
        assert abs(area - 1.0) < 0.01, area
    beta = min(m, n) / max(m, n)
    values = es.mp_values((m, n))
    assert values.size == min(m, n) and np.all(np.diff(values) <= 0.0)
    np.testing.assert_allclose(np.mean(values**2), max(m, n), rtol=0.5 if min(m, n) < 9 else 0.02)
    assert (1 - beta**0.5) ** 2 <= es.mp_median(beta) <= (1 + beta**0.5) ** 2
    return m, n, noise


def power_law(rng):
    size = int(rng.integers(0, 60))
    x = rng.pareto(2.0, size) * float(rng.choice([1.0, 1e300, 1e-300]))
    if size and rng.random() < 0.3:
        x[rng.integers(size)] = float(rng.choice([0.0, -1.0, np.nan, np.inf]))
    x = np.repeat(x, 2) if rng.random() < 0.3 else x
    try:
        fit = es.fit_power_law(x.tolist() if rng.random() < 0.3 else x)
    except DataError as error:
        assert not np.isfinite(x).all()
        assert error.first == (int(np.argmax(~np.isfinite(x))),)
        return (size,)
    assert np.isfinite(x).all()
    if fit.alpha is None:
        assert fit.reason
        return (size,)
    tail = x[x >= fit.x_min]
    alpha = 1.0 + tail.size / np.sum(np.log(tail / fit.x_min))
    np.testing.assert_allclose(fit.alpha, alpha, rtol=1e-9)
    assert fit.tail_size == tail.size
    assert 0.0 <= fit.ks_distance <= 1.0
    # The same tail as that of a spectrum whose squares are these values.
    sigma = np.sort(np.sqrt(x[x > 0]))[::-1]
    shape = (sigma.size, sigma.size)
    s = es.Spectrum(sigma, shape, "float64", "svd", 0.0, True, float(np.hypot.reduce(sigma)))
    np.testing.assert_allclose(es.fit_spectrum_tail(s).alpha, fit.alpha, rtol=1e-6)
    return (size,)


def cancelling(rng):
    """Stopped at any check: Cancelled; let run: fractions within [0, 1]."""
    a = rng.standard_normal((700, 150))
    jobs = {
        **{
            m: lambda p, m=m: es.singular_values(a, m, progress=p)
            for m in ("svd", "gram", "stream", "randomized")
        },
        "leading": lambda p: es.leading_singular_values(a, 4, progress=p),
        "truncated": lambda p: es.truncated_svd(a, 4, progress=p),
        "factors": lambda p: es.svd_factors(a, progress=p),
    }
    return stopped_somewhere(rng, jobs)


def tails(rng):
    """Laws of a tail refuse what the power law refuses, and say a finite verdict of the rest."""
    size = int(rng.integers(0, 40))
    x = rng.pareto(2.0, size) * float(rng.choice([1.0, 1e300, 1e-300]))
    if size and rng.random() < 0.3:
        x[rng.integers(size)] = float(rng.choice([0.0, -1.0, np.nan, np.inf]))
    try:
        found = es.compare_tails(x)
    except DataError:
        assert not np.isfinite(x).all()
        return (size,)
    assert set(found) == set(es.TAIL_RIVALS)
    for one in found.values():
        assert one.reason or (np.isfinite(one.log_ratio) and 0.0 <= one.p_value <= 1.0)
    m, n = (int(k) for k in rng.integers(1, 12, 2))
    s = es.singular_values(rng.normal(size=(m, n)).astype(rng.choice(["float32", "float64"])))
    assert set(es.compare_spectrum_tails(s)) == set(es.TAIL_RIVALS)
    assert 0.0 <= es.rounding_level(s) < 1e-2 * max(s.values[0], 1e-300)
    return size, m, n


def estimates(rng):
    m, n = (int(x) for x in rng.integers(1, 5000, 2))
    dtype = str(rng.choice(["float32", "float64", "int8", "complex64", "bool"]))
    assert es.choose_method((m, n), dtype) in es.METHODS
    assert es.estimate_seconds((m, n), dtype) > 0.0
    few = es.estimate_bytes((m, n), dtype, rank=min(m, n, 3))
    assert few > 0
    assert es.estimate_bytes((m, n), dtype) <= es.estimate_bytes((m, n), dtype, vectors=True)
    return m, n, dtype


CHECKS = (
    singular_values, leading_part, smallest_part, sparse, descriptors, rank_rules, curves,
    noise_law, power_law, tails, cancelling, estimates, verified,
)  # fmt: skip
