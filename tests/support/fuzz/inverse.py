"""Pseudo-inverses, written out and in factors, on ugly input, against NumPy in units near 1.

A check takes a random generator. It passes when the engine answers rightly, or refuses with a
`RankscopeError` what has no answer (`refusal_is_due`); anything else is a failure.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import scipy.sparse

import engine.spectrum as es
from engine.errors import ArgumentError, DataError, FileError, RankscopeError
from tests.support.truth import EPS, attempt, down, scaled_truth, step
from tests.support.ugly import ugly_matrix

LARGEST = float(np.finfo(float).max)


def pseudo_inverse(rng):
    u = ugly_matrix(rng)
    x = attempt(u, es.pseudo_inverse)
    if x is None:
        return (u.words,)
    truth, e, unit = scaled_truth(u.exact)
    assert x.shape == u.exact.shape[::-1]
    if np.isfinite(x).all() and truth[0] > 0 and abs(e) < 900:
        want = np.linalg.pinv(unit, rcond=max(unit.shape) * EPS)
        kept = truth[truth > max(unit.shape) * EPS * truth[0]]
        condition = truth[0] / kept[-1]
        if condition < 1e10:
            norm = np.linalg.norm(want, 2)
            np.testing.assert_allclose(down(x, -e), want, rtol=0, atol=1e-13 * condition * norm)
            assert max(es.penrose_errors(u.given, x)) < 1e-13 * condition**2
    return (u.words,)


def _layout(rng, array):
    """The same numbers, read-only, and now and then neither C nor Fortran ordered."""
    array = np.repeat(array, 2, -1)[..., ::2] if rng.random() < 0.5 else array.view()
    array.setflags(write=False)
    return array


def _inverse(rng, u):
    """(words, factors, inverse) of singular vectors of an ugly matrix, None where refused."""
    f = attempt(u, es.svd_factors)
    if f is None:
        return u.words, None, None
    rank = None if rng.random() < 0.5 else int(rng.integers(0, f.rank + 1))
    cutoff = rng.choice([None, 0.0, 1e-12, 1e-3, 0.5, 1.0])
    size = max(u.exact.shape) * EPS if rank is None else 0.0
    above = int(np.sum(f.s > (size if cutoff is None else cutoff) * f.s[0]))
    kept = above if rank is None else min(rank, above)
    parts = SimpleNamespace(u=_layout(rng, f.u), s=f.s, vh=_layout(rng, f.vh))
    words = f"{u.words} rank {rank} cutoff {cutoff}"
    try:
        inverse = es.invert_factors(parts, rank, cutoff, error=f.residual_spectral)
    except DataError as error:
        assert "pseudo-inverse" in str(error), error
        assert f.s[kept - 1] < 1.0 / LARGEST, error
        return words, f, None
    assert inverse.rank == kept
    assert inverse.shape == u.exact.shape[::-1]
    return words, f, inverse


def _unit(inverse, e):
    """The inverse written out, of the matrix times 2**-e."""
    return (inverse.u.astype(complex) * down(inverse.s, -e)) @ inverse.vh


def factored_inverse(rng):
    """Values, vectors, the four equations, the bound and NumPy's own pseudo-inverse."""
    u = ugly_matrix(rng)
    words, f, inverse = _inverse(rng, u)
    if inverse is None:
        return (words,)
    truth, e, unit = scaled_truth(u.exact)
    kept, s = inverse.rank, down(f.s, e)
    x = _unit(inverse, e)
    short = 1e-6 if f.u.dtype.char in "fF" else 1e-13
    assert np.all(np.diff(inverse.s) <= 0.0)
    np.testing.assert_allclose(inverse.s[::-1] * f.s[:kept], 1.0, rtol=1e-12)
    if kept == 0:
        assert not x.any()
        assert inverse.frobenius == 0.0
        return (words,)
    top, least = 1.0 / s[kept - 1], truth[kept - 1]
    room = (short + 64 * step(e)) * max(unit.shape) * (s[0] * top) * top
    # Where a value of the same size is left out, or all are rounding, vectors are not unique.
    after = truth[kept] if kept < truth.size else 0.0
    if least - after > 1e-2 * least and s[0] * top < 1e8:
        want = np.linalg.pinv(unit, rcond=float((least + after) / 2 / truth[0]))
        np.testing.assert_allclose(x, want, rtol=0.0, atol=room * least / (least - after) * 20)
        if inverse.error_bound is not None and abs(e) < 500:
            lost = np.linalg.norm(x - want, 2)
            assert lost <= down(inverse.error_bound, -e) + 1e-13 * (s[0] * top) * top
    block = (slice(None, None, 2), slice(0, 3))
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.array_equal(
            inverse.entries(*block), (inverse.u[::2] * inverse.s) @ inverse.vh[:, :3]
        )
    return (words,)


def penrose(rng):
    """Of dense, listed, sparse and factored matrices, against the equations written out."""
    u = ugly_matrix(rng)
    words, f, inverse = _inverse(rng, u)
    if inverse is None:
        return (words,)
    _, e, unit = scaled_truth(u.exact)
    form = str(rng.choice(["given", "list", "sparse", "product", "spoiled", "other shape"]))
    a = u.given
    if form == "list":
        a = u.exact.tolist()
    elif form == "sparse":
        a = scipy.sparse.coo_array(u.exact)
    elif form == "product":
        a = es.Factored(u.exact, np.eye(u.exact.shape[1]))
    elif form == "spoiled":
        a = u.exact.copy()
        a[rng.integers(a.shape[0]), rng.integers(a.shape[1])] = rng.choice([np.nan, np.inf])
        a = a if rng.random() < 0.5 else es.Factored(a, np.eye(a.shape[1]))
    elif form == "other shape":
        a = np.vstack([u.exact, u.exact[:1]])
    try:
        errors = es.penrose_errors(a, inverse)
    except RankscopeError as error:
        wrong = {"spoiled": DataError, "other shape": ArgumentError}
        assert isinstance(error, wrong[form]), error
        return words, form
    assert form not in ("spoiled", "other shape"), "answered what has no answer"
    x = _unit(inverse, e)
    room = 100 * EPS * max(unit.shape) * float(f.s[0] * inverse.s[:1].sum())
    if room > 0.1:  # rounding is all there is to be seen
        return words, form
    ax, xa = unit @ x, x @ unit
    pairs = (ax @ unit, unit), (xa @ x, x), (ax.conj().T, ax), (xa.conj().T, xa)
    for found, (one, other) in zip(errors, pairs, strict=True):
        whole = np.linalg.norm(other)
        want = np.linalg.norm(one - other) / whole if whole else 0.0
        assert abs(found - want) <= 1e-6 * want + room, (errors, found, want)
    if abs(e) < 500 and inverse.rank and inverse.s[0] < 1e150:
        dense = inverse.entries(slice(None), slice(None))
        np.testing.assert_allclose(es.penrose_errors(u.given, dense), errors, rtol=1e-6, atol=room)
    return words, form


def _right_hand(rng, m):
    """What is given as b, and the numbers that are in it."""
    kind = str(rng.choice(["normal", "zero", "complex", "whole", "nan", "inf", "short"]))
    b = rng.standard_normal(m) * float(rng.choice([1.0, 1.0, 1e-300, 1e-150, 1e150, 1e300]))
    b = {"zero": 0.0 * b, "complex": b * (1.0 + 2.0j), "whole": rng.integers(-9, 9, m)}.get(kind, b)
    if kind in ("nan", "inf"):
        b[rng.integers(m)] = float(kind)
    if kind == "short":
        b = b[1:] if rng.random() < 0.5 else np.append(b, 1.0)
    if kind == "normal" and np.abs(b).max() < 1e30 and rng.random() < 0.5:
        b = b.astype(np.float32)
    given = b.tolist() if rng.random() < 0.2 else _layout(rng, b)
    return kind, given, np.asarray(b, dtype=complex if np.iscomplexobj(b) else float)


def solutions(rng):
    """x and what is left of b, against NumPy's lstsq where that has the same answer."""
    u = ugly_matrix(rng)
    words, f, inverse = _inverse(rng, u)
    if inverse is None:
        return (words,)
    truth, e, unit = scaled_truth(u.exact)
    kind, given, b = _right_hand(rng, unit.shape[0])
    shift = int(np.frexp(np.abs(b).max(initial=0.0))[1]) if np.isfinite(b).all() else 0
    a = scipy.sparse.csr_array(u.exact) if rng.random() < 0.2 else u.given
    words = f"{words} b {kind} 2^{shift}"
    try:
        found = es.least_squares(a, inverse, given)
    except RankscopeError as error:
        if kind == "short":
            assert isinstance(error, ArgumentError), error
            assert error.argument == "b", error
        elif kind in ("nan", "inf"):
            assert isinstance(error, DataError), error
            assert error.count == 1, error
        else:
            size = np.log2(float(inverse.s[0])) + shift
            assert size > 1015 or size + np.log2(float(f.s[0])) > 1015, f"refused: {error}"
        return (words,)
    assert kind not in ("short", "nan", "inf"), "answered what has no answer"
    x, right = down(found.x, shift - e), down(b, shift)
    size = np.hypot.reduce(np.abs(found.x))
    np.testing.assert_allclose(found.norm, size, rtol=1e-12, atol=1e-321)
    if inverse.rank == 0:
        assert not x.any()
        np.testing.assert_allclose(down(found.residual, shift), np.linalg.norm(right), rtol=1e-12)
        return (words,)
    condition = float(f.s[0] * inverse.s[0])
    top = condition / down(f.s[0], e)
    lost = 1e-14 * max(unit.shape) + 64 * step(shift) + 64 * step(shift - e) / top
    np.testing.assert_allclose(x, _unit(inverse, e) @ right, rtol=0.0, atol=lost * 10 * top)
    left = np.linalg.norm(right - unit @ x)
    np.testing.assert_allclose(
        down(found.residual, shift), left, rtol=1e-9, atol=lost * 10 * condition
    )
    least = truth[inverse.rank - 1]
    after = truth[inverse.rank] if inverse.rank < truth.size else 0.0
    if after < EPS * least * 100 and condition < 1e6:
        want = np.linalg.lstsq(unit, right, rcond=1e-9)[0]
        short = 1e-5 if f.u.dtype.char in "fF" else 1e-13
        np.testing.assert_allclose(
            x, want, rtol=0.0, atol=(short * condition + lost * 10) * top * 10
        )
    return (words,)


def saved_product(rng):
    """The product read back is the product, rounded once; what a type cannot hold is refused."""
    u = ugly_matrix(rng)
    words, _, inverse = _inverse(rng, u)
    if inverse is None:
        return (words,)
    dtype = rng.choice([None, "float16", "float32", "float64", "bfloat16", "complex64"])
    with np.errstate(over="ignore", invalid="ignore"):
        want = inverse.entries(slice(None), slice(None))
    words = f"{words} as {dtype}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.npy"
        try:
            assert es.save_product(path, inverse, dtype=dtype) == path
        except RankscopeError as error:
            assert not list(Path(folder).iterdir())
            _no_type_holds(want, dtype, error)
            return (words,)
        stored = np.load(path)
        before = path.read_bytes()
        try:
            es.save_product(path, inverse, dtype=dtype)
            raise AssertionError("an existing file was replaced")
        except FileError:
            assert path.read_bytes() == before
    assert stored.shape == want.shape
    kind = {None: want.dtype.name, "bfloat16": "float32"}.get(dtype, dtype)
    assert stored.dtype.name == kind, (stored.dtype, kind)
    exact = want if stored.dtype.kind == "c" else want.real
    limits = np.finfo(stored.dtype)
    np.testing.assert_allclose(
        stored.astype(np.complex128), exact, rtol=(2**-7 if dtype == "bfloat16" else limits.eps),
        atol=float(limits.smallest_subnormal) + 1e-13 * float(np.abs(exact).max(initial=0.0)),
    )  # fmt: skip
    return (words,)


def _no_type_holds(want, dtype, error):
    if "is complex" in str(error):
        assert np.iscomplexobj(want), error
        assert dtype not in (None, "complex64"), error
        return
    assert isinstance(error, FileError), error
    kind = np.dtype("float32" if dtype == "bfloat16" else dtype or want.dtype)
    size = np.abs(want)
    limits = np.finfo(kind)
    beyond = not np.isfinite(want).all() or size.max() > 0.99 * float(limits.max)
    assert beyond or (size.max(axis=1) < 2 * float(limits.smallest_subnormal)).all(), error


CHECKS = (pseudo_inverse, factored_inverse, penrose, solutions, saved_product)
