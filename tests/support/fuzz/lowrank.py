"""Approximations of low rank on ugly input, against NumPy in units near 1.

A check takes a random generator. It passes when the engine answers rightly, or refuses with a
`RankscopeError` what has no answer (`refusal_is_due`); anything else is a failure.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
from pathlib import Path

import numpy as np

import engine.spectrum as es
from engine.errors import ArgumentError, DataError, RankscopeError
from tests.support.truth import EPS, attempt, down, scaled_truth, slack, step
from tests.support.ugly import ugly_matrix

ODD_RANKS = [0, 1, -1, 2.5, 1e9, np.int64(1), np.uint8(1), 1.0, True, None, "1", np.nan, np.inf]


def odd_ranks(rng):
    """Ranks of every type: an answer of that rank, or a refusal that names it."""
    a = rng.standard_normal((6, 5))
    rank = ODD_RANKS[rng.integers(len(ODD_RANKS))]
    spectrum = es.singular_values(a)
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    functions = {
        "truncated": lambda: es.truncated_svd(a, rank).rank,
        "interpolative": lambda: es.interpolative(a, rank).columns.size,
        "cur": lambda: es.cur(a, rank).rows.size,
        "reconstruct": lambda: np.linalg.matrix_rank(es.reconstruct(u, s, vh, rank)),
        "stepper": lambda: np.linalg.matrix_rank(es.RankStepper(u, s, vh).step_to(rank)),
        "leading": lambda: es.leading_singular_values(a, rank).values.size,
        "soft": lambda: es.soft_truncate(spectrum, "hard", rank).floor_rank,
    }
    name = str(rng.choice(list(functions)))
    try:
        answer = functions[name]()
    except ArgumentError as error:
        assert error.argument in ("rank", "k"), error
        whole = isinstance(rank, int | np.integer) and not isinstance(rank, bool)
        assert not (whole and (1 if name == "leading" else 0) <= rank <= 5), error
        return name, repr(rank)
    if name == "leading" and rank is None:
        assert answer == 5
    else:
        assert not isinstance(rank, str | bool | None.__class__), (name, rank)
        assert answer == rank, (name, rank, answer)
    return name, repr(rank)


def truncated(rng):
    u = ugly_matrix(rng, None if rng.random() < 0.7 else (150, 120))
    rank = int(rng.integers(0, min(u.exact.shape) + 1)) if u.exact.size else 0
    rank = min(rank, 8) if u.exact.size > 9000 else rank
    method = str(rng.choice(["auto", "svd", "randomized"]))
    f = attempt(u, es.truncated_svd, rank, method)
    if f is None:
        return u.words, rank, method
    truth, e, unit = scaled_truth(u.exact)
    room = 20 * slack(truth, u.exact, e)
    left = unit - (f.u * down(f.s, e)) @ f.vh
    found = np.linalg.norm(left), np.linalg.norm(left, 2)
    np.testing.assert_allclose(down(f.residual_frobenius, e), found[0], rtol=1e-5, atol=room)
    assert found[1] <= down(f.residual_spectral, e) + room
    floor = truth[rank] if rank < truth.size else 0.0
    assert found[1] >= floor - room
    np.testing.assert_allclose(f.u.conj().T @ f.u, np.eye(rank), atol=1e-12)
    np.testing.assert_allclose(f.vh @ f.vh.conj().T, np.eye(rank), atol=1e-12)
    left, right = es.with_signs(-f.u, -f.vh)
    np.testing.assert_allclose(left, f.u, atol=1e-13)
    np.testing.assert_allclose(right, f.vh, atol=1e-13)
    again = attempt(u, es.svd_factors)
    left = unit - (again.u * down(again.s, e)) @ again.vh
    short = again.u.dtype.itemsize < (16 if np.iscomplexobj(again.u) else 8)
    assert np.linalg.norm(left, 2) <= room + (1e-6 if short else 0.0) * truth[0]
    return u.words, rank, method


def best_factors(rng):
    m, n, r = (int(x) for x in rng.integers(1, 9, 3))
    target = ugly_matrix(rng, (m, n), spoiled=False)
    given = ugly_matrix(rng, (m, r), spoiled=False)
    try:
        fit = es.best_right_factor(given.given, target.given)
        twin = es.best_left_factor(target.exact.T, given.exact.T)
    except RankscopeError as error:
        assert "range" in str(error), error
        return given.words, target.words
    _, e, unit = scaled_truth(target.exact)
    left, exponent = scaled_truth(given.exact)[2], scaled_truth(given.exact)[1]
    basis, values, _ = np.linalg.svd(left, full_matrices=False)
    basis = basis[:, values > max(left.shape) * EPS * values[0]]
    want = np.linalg.norm(unit - basis @ (basis.conj().T @ unit))
    whole = np.linalg.norm(unit)
    # A factor with large entries (A nearly singular) cannot be stored without this error.
    stored = 500 * EPS * float(np.abs(down(fit.factor, e - exponent)).max(initial=0.0))
    room = 1e-12 * whole + stored + 64 * step(e)
    np.testing.assert_allclose(down(fit.frobenius_error, e), want, rtol=1e-9, atol=room)
    np.testing.assert_allclose(down(twin.frobenius_error, e), want, rtol=1e-9, atol=room)
    assert fit.factor.shape == (r, n)
    assert fit.rank == basis.shape[1]
    return given.words, target.words


def rows_and_columns(rng):
    """Interpolative and CUR: errors, floors, coefficients and the core as they are said to be."""
    u = ugly_matrix(rng)
    rank = int(rng.integers(0, min(u.exact.shape) + 1))
    method, f = str(rng.choice(["auto", "strong"])), float(rng.choice([1.01, 2.0, 10.0]))
    pick = attempt(u, es.interpolative, rank, method, f)
    cross = attempt(u, es.cur, rank)
    if pick is None or cross is None:
        return u.words, rank
    truth, e, unit = scaled_truth(u.exact)
    room = 1e-7 * truth[0] + 64 * step(e)
    floor = np.sqrt(np.sum(truth[rank:] ** 2))
    left = unit - unit[:, pick.columns] @ pick.coefficients
    for error in (pick.error, cross.error):
        assert abs(down(error.floor_frobenius, e) - floor) <= room
        assert down(error.frobenius, e) >= floor - room
    assert abs(down(pick.error.frobenius, e) - np.linalg.norm(left)) <= room
    bound = math.sqrt(1 + rank * (unit.shape[1] - rank)) * 2.0**rank * floor
    assert np.linalg.norm(left) <= bound + room
    large = np.abs(pick.coefficients).max(initial=0.0)
    assert large <= (max(f, 1.0) + 1e-6 if method == "strong" or pick.swaps else 101.0), large
    assert len(set(pick.columns.tolist())) == len(set(cross.rows.tolist())) == rank
    if np.isfinite(cross.core).all() and abs(e) < 500:
        product = unit[:, cross.columns] @ down(cross.core, -e) @ unit[cross.rows]
        # A core with large entries amplifies the rounding of this very product.
        grown = EPS * 50 * np.abs(down(cross.core, -e)).max(initial=0.0) * max(unit.shape) ** 2
        lost = np.linalg.norm(unit - product)
        assert abs(down(cross.core_error, e) - lost) <= room + grown
        assert lost <= down(cross.error.frobenius, e) * 1.01 + 1e-5 * truth[0] + room
    return u.words, rank


def soft_truncation(rng):
    from engine.topk import OPERATORS

    u = ugly_matrix(rng)
    f = attempt(u, es.svd_factors)
    s = attempt(u, es.singular_values, "svd")
    if f is None or s is None:
        return (u.words,)
    op = OPERATORS[rng.integers(len(OPERATORS))]
    k = int(rng.integers(0, s.values.size + 1))
    tau = float(rng.choice([1e-3, 0.1, 1.0]))
    try:
        soft = es.soft_truncate(s, op.key, k, tau, relative=True, u=f.u, vh=f.vh)
    except DataError as error:
        assert s.values[0] > 1e307, error
        return u.words, op.key, k, tau
    e = scaled_truth(u.exact)[1]
    lost = np.abs(1.0 - soft.filter) * down(s.values, e)
    tiny = 8 * step(e)
    np.testing.assert_allclose(
        down(soft.frobenius_error, e), np.hypot.reduce(lost), rtol=1e-12, atol=tiny
    )
    np.testing.assert_allclose(down(soft.spectral_error, e), lost.max(), rtol=1e-12, atol=tiny)
    assert soft.matrix.shape == u.exact.shape
    assert op.key in ("hard",) or soft.filter.shape == s.values.shape
    return u.words, op.key, k, tau


def saved_factors(rng):
    u = ugly_matrix(rng)
    f = attempt(u, es.svd_factors)
    if f is None:
        return (u.words,)
    form = str(rng.choice(["usv", "ab"]))
    dtype = rng.choice([None, "float32", "float64", "bfloat16", "complex64"])
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = es.save_factors(Path(folder) / "f.npz", f, form=form, dtype=dtype)
        except RankscopeError as error:
            said = str(error)
            assert "hold" in said or "complex" in said, said
            assert not list(Path(folder).iterdir())
            return u.words, form, dtype
        with np.load(path) as stored:
            parts = [stored[name] for name in (("u", "s", "vh") if form == "usv" else ("a", "b"))]
    _, e, unit = scaled_truth(u.exact)
    if abs(e) < 120:
        wide = [np.asarray(p, dtype=np.complex128) for p in parts]
        product = (wide[0] * wide[1]) @ wide[2] if form == "usv" else wide[0] @ wide[1]
        low = 0.03 if dtype == "bfloat16" else 1e-5
        assert np.abs(down(product, e) - unit).max() <= low * np.linalg.norm(unit, 2) * 2
    return u.words, form, dtype


def stepper(rng):
    m, n = (int(x) for x in rng.integers(1, 12, 2))
    u, s, vh = np.linalg.svd(rng.standard_normal((m, n)), full_matrices=False)
    s = s * float(rng.choice([1.0, 1e300, 1e-300]))
    walk = es.RankStepper(u, s, vh)
    for rank in rng.integers(0, s.size + 1, 12).tolist():
        want = es.reconstruct(u, s, vh, rank)
        np.testing.assert_allclose(walk.step_to(rank), want, rtol=0, atol=1e-13 * s[0])
    return m, n


def geometry(rng):
    u = ugly_matrix(rng, (2, 2))
    if np.iscomplexobj(u.exact) and u.finite:
        with contextlib.suppress(ArgumentError):
            es.circle_stages(u.given)
            raise AssertionError("answered for a complex matrix")
        return (u.words,)
    g = attempt(u, es.circle_stages)
    if g is None:
        return (u.words,)
    _, e, unit = scaled_truth(u.exact)
    tiny = 8 * step(e)
    np.testing.assert_allclose(down(g.image, e), unit @ g.circle, rtol=0, atol=1e-13 + tiny)
    assert np.linalg.det(g.vh) > 0.0
    return (u.words,)


CHECKS = (
    odd_ranks, truncated, best_factors, rows_and_columns, soft_truncation, saved_factors,
    stepper, geometry,
)  # fmt: skip
