"""The pseudo-inverse in factors against numpy, scipy and 60 digits of mpmath."""

from __future__ import annotations

from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
from numpy.testing import assert_allclose

from engine.errors import ArgumentError, DataError, FileError
from engine.spectrum import (
    Factored,
    invert_factors,
    least_squares,
    penrose_errors,
    pseudo_inverse,
    save_product,
    svd_factors,
    truncated_svd,
)
from engine.spectrum.lowrank.inverse import PseudoInverse

RNG = np.random.default_rng(3)
FROZEN = RNG.normal(size=(7, 7))
FROZEN.setflags(write=False)
HILBERT = scipy.linalg.hilbert(8)
MATRICES = {
    "square": FROZEN,
    "tall": RNG.normal(size=(12, 5)),
    "wide": RNG.normal(size=(5, 12)),
    "row": RNG.normal(size=(1, 7)),
    "column": RNG.normal(size=(7, 1)),
    "one": np.array([[-4.0]]),
    "deficient": RNG.normal(size=(12, 3)) @ RNG.normal(size=(3, 9)),
    "tie": np.eye(5, 4),
    "zero": np.zeros((3, 4)),
    "float32": RNG.normal(size=(8, 5)).astype(np.float32),
    "strided": RNG.normal(size=(20, 10))[::2, ::-2],
    "integer": RNG.integers(-5, 5, size=(6, 4)),
    "complex": RNG.normal(size=(6, 4)) + 1j * RNG.normal(size=(6, 4)),
    "hilbert": HILBERT,
    "huge": 1e300 * RNG.normal(size=(4, 3)),
    "tiny": 1e-290 * RNG.normal(size=(3, 4)),
}


def dense(inverse):
    return inverse.entries(slice(None), slice(None))


def wide(a):
    return np.asarray(a, complex if np.iscomplexobj(a) else float)


@pytest.mark.parametrize("name", MATRICES)
def test_all_ranks_are_scipys(name):
    a = MATRICES[name]
    factors = svd_factors(a)
    digits = 1e-5 if factors.u.dtype.itemsize in (4, 8) and factors.u.dtype.char in "fF" else 1e-9
    inverse = invert_factors(factors)
    unit = np.max(np.abs(wide(a))) or 1.0
    expected = scipy.linalg.pinv(wide(a) / unit, rtol=max(a.shape) * 2.3e-16, atol=0.0)
    if name == "hilbert":
        digits = 1e-16 * np.linalg.cond(a) * np.max(np.abs(expected))
    assert inverse.shape == a.shape[::-1]
    assert_allclose(dense(inverse) * unit, expected, rtol=digits, atol=digits)


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_penrose_errors_are_those_of_the_matrix_written_out(name, rank):
    a = MATRICES[name]
    factors = svd_factors(a)
    inverse = invert_factors(factors, min(rank, factors.rank))
    measured = penrose_errors(a, inverse)
    written = penrose_errors(a, dense(inverse))
    level = 1e-6 if factors.u.dtype.char in "fF" else 1e-13
    assert_allclose(measured, written, rtol=1e-6, atol=level)
    kept = inverse.rank
    tail, total = np.linalg.norm(factors.s[kept:] / (factors.s[0] or 1.0)), factors.s[0]
    whole = np.linalg.norm(factors.s / (total or 1.0))
    assert measured[0] == pytest.approx(tail / whole if whole else 0.0, abs=level)


@pytest.mark.parametrize("kept", [3, 6, 8])
def test_penrose_errors_of_an_ill_conditioned_matrix_against_60_digits(kept):
    factors = svd_factors(HILBERT)
    inverse = invert_factors(factors, kept)
    measured = penrose_errors(HILBERT, inverse)
    with mpmath.workdps(60):
        a = mpmath.matrix(HILBERT.tolist())
        u, s, vh = (mpmath.matrix(x.tolist()) for x in (inverse.u, np.diag(inverse.s), inverse.vh))
        x = u * s * vh
        ax, xa = a * x, x * a
        pairs = [(ax * a, a), (xa * x, x), (ax.T, ax), (xa.T, xa)]
        exact = [float(mpmath.norm(p - q, 2) / mpmath.norm(q, 2)) for p, q in pairs]
    # Measuring rounds, too: by a few units of the product of the norms.
    rounding = 20 * np.finfo(float).eps * float(factors.s[0] * inverse.s[0])
    assert_allclose(measured, exact, rtol=1e-6, atol=rounding)


def test_an_inverse_that_is_none_is_found_out():
    a = np.array([[2.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    wrong = PseudoInverse(np.eye(2), np.array([1.0, 1.0]), np.eye(2, 3))
    x = dense(wrong)
    assert_allclose(penrose_errors(a, wrong), penrose_errors(a, x), rtol=1e-12)
    assert min(penrose_errors(a, wrong)) > 0.1


def test_products_and_sparse_matrices_are_read_by_rows():
    left, right = RNG.normal(size=(30, 4)), RNG.normal(size=(4, 20))
    sparse = scipy.sparse.random_array((40, 25), density=0.2, rng=RNG, format="csr")
    for a, rank in ((Factored(left, right), 4), (sparse, 7)):
        full = a.toarray() if hasattr(a, "toarray") else left @ right
        inverse = invert_factors(truncated_svd(a, rank))
        expected = penrose_errors(full, dense(inverse))
        assert_allclose(penrose_errors(a, inverse), expected, rtol=1e-6, atol=1e-12)
        b = RNG.normal(size=full.shape[0])
        found = least_squares(a, inverse, b)
        assert_allclose(found.x, dense(inverse) @ b, rtol=1e-10)
        assert found.residual == pytest.approx(np.linalg.norm(b - full @ found.x))


def test_the_cut_leaves_out_small_values_and_zeros():
    factors = svd_factors(np.diag([1.0, 0.1, 0.001, 0.0]))
    assert invert_factors(factors).rank == 3
    assert invert_factors(factors, cutoff=0.01).rank == 2
    assert invert_factors(factors, cutoff=0.1).rank == 1  # at the cutoff counts as zero
    assert invert_factors(factors, 4).rank == 3
    assert invert_factors(factors, 1, 0.01).s.tolist() == [1.0]
    assert invert_factors(svd_factors(np.zeros((3, 3)))).rank == 0
    assert_allclose(pseudo_inverse(np.diag([4.0, 2.0]), rank=1), np.diag([0.25, 0.0]))


@pytest.mark.parametrize("name", ["square", "tall", "wide", "complex", "hilbert"])
def test_the_bound_holds_and_is_near(name):
    a = MATRICES[name]
    factors = svd_factors(a)
    inverse = invert_factors(factors, error=factors.residual_spectral)
    with mpmath.workdps(60):
        m = mpmath.matrix(wide(a).tolist())
        h = m.H
        tall = m.rows >= m.cols
        exact = (h * m) ** -1 * h if tall else h * (m * h) ** -1
        u, s, vh = (mpmath.matrix(x.tolist()) for x in (inverse.u, np.diag(inverse.s), inverse.vh))
        difference = np.array((exact - u * s * vh).tolist(), dtype=complex)
    error = np.linalg.norm(difference, 2)
    assert error <= inverse.error_bound
    assert inverse.error_bound < 1e-10 * inverse.s[0] ** 2
    assert invert_factors(factors, 1, error=factors.residual_spectral).error_bound is None


def test_least_squares_are_scipys_solution_of_smallest_norm():
    for name in ("tall", "wide", "deficient", "complex", "row", "column"):
        a = MATRICES[name]
        b = RNG.normal(size=a.shape[0])
        found = least_squares(a, invert_factors(svd_factors(a)), b)
        expected = scipy.linalg.lstsq(a, b, cond=1e-12)[0]
        assert_allclose(found.x, expected, rtol=1e-9, atol=1e-12)
        assert found.norm == pytest.approx(np.linalg.norm(expected))
        assert found.residual == pytest.approx(np.linalg.norm(b - a @ expected), abs=1e-12)


NO_VALUES = ([np.nan, 1.0], [1.0, np.nan], [np.inf, 1.0], [1.0, 2.0], [1.0, -1.0])


def _of_values(s):
    return SimpleNamespace(u=np.eye(2), s=np.array(s), vh=np.eye(2))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rank", [0, 2])
def test_nan_and_infinity_are_refused_with_their_place(bad, rank):
    a = np.eye(3, 2)
    inverse = invert_factors(svd_factors(a), rank)
    spoiled = np.array([[1.0, 0.0], [0.0, bad], [0.0, 0.0]])
    b = np.array([1.0, 2.0, bad])
    for form in (np.asarray, scipy.sparse.coo_array):
        for measure in (
            lambda m: penrose_errors(m, inverse),
            lambda m: least_squares(m, inverse, b),
        ):
            with pytest.raises(DataError, match="1") as caught:
                measure(form(spoiled))
            assert caught.value.count == 1
    with pytest.raises(DataError, match="In b, 1 of 3 entries"):
        least_squares(a, inverse, b)
    with pytest.raises(DataError, match="factors of the product"):
        penrose_errors(Factored(spoiled, np.eye(2)), inverse)


def test_errors_of_an_inverse_of_rounding_are_large_and_finite():
    """Squares of them are beyond float64."""
    a = np.diag([1.0, 1e-290]) @ RNG.normal(size=(2, 2)) + np.array([[0.0, 0.0], [0.0, 1e-280]])
    errors = penrose_errors(a, invert_factors(svd_factors(a), rank=2))
    assert np.isfinite(errors).all()
    wrong = PseudoInverse(np.eye(2), np.array([1e200, 1.0]), np.eye(2))
    assert_allclose(penrose_errors(np.eye(2), wrong)[1], 1e200, rtol=1e-12)


def test_bad_arguments_are_refused_by_name():
    factors = svd_factors(np.eye(3, 2))
    inverse = invert_factors(factors)
    for call, word in (
        (lambda: invert_factors(factors, 3), "rank"),
        (lambda: invert_factors(factors, cutoff=1.5), "cutoff"),
        (lambda: inverse.apply(np.ones(2)), "3 rows"),
        (lambda: least_squares(np.eye(3, 2), inverse, np.ones(2)), "3 numbers"),
        (lambda: penrose_errors(np.eye(2, 3), inverse), "3 x 2"),
        (lambda: least_squares(np.eye(2, 3), inverse, np.ones(2)), "3 x 2"),
        (lambda: invert_factors(SimpleNamespace(u=np.eye(2), s=np.ones(3), vh=np.eye(2))), "u"),
        *((lambda s=s: invert_factors(_of_values(s)), "descending") for s in NO_VALUES),
    ):
        with pytest.raises(ArgumentError, match=word):
            call()
    with pytest.raises(DataError, match="float64"):
        invert_factors(svd_factors(np.array([[1e-310]])))
    with pytest.raises(DataError, match="float64"):
        least_squares(np.eye(1) * 1e-300, invert_factors(svd_factors([[1e-300]])), [1e100])


def test_the_inverse_itself_is_written_by_rows_and_never_over_another_file(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.spectrum.lowrank.factors._BLOCK_BYTES", 200)
    a = MATRICES["tall"]
    inverse = invert_factors(svd_factors(a))
    path = save_product(tmp_path / "inverse.npy", inverse, dtype="float32")
    stored = np.load(path)
    assert stored.dtype == np.float32
    assert_allclose(stored, np.linalg.pinv(a), rtol=1e-5, atol=1e-6)
    with pytest.raises(FileError, match="exists"):
        save_product(path, inverse)
    assert np.load(save_product(path, inverse, overwrite=True)).dtype == np.float64
    with pytest.raises(FileError, match="float16"):
        save_product(tmp_path / "x.npy", invert_factors(svd_factors(a * 1e-9)), dtype="float16")
