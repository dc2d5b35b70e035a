"""Block Krylov, Lanczos, Gram matrix: each encloses the truth, at 60 digits too, or gives up."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy.linalg import hilbert

from engine.jobs import Cancelled
from engine.spectrum.linalg.krylov import KrylovSpace
from engine.spectrum.linalg.matrix import as_matrix
from engine.spectrum.linalg.products import Products
from engine.spectrum.values import searches
from engine.spectrum.values.searches import GramSearch, block_part, lanczos_part
from tests.support.truth import escaped, exact_singular_values
from tests.support.ugly import CancelAt

TOLERANCE = 1e-7


def by_block(a, rank, seed=0):
    return block_part(Products(as_matrix(a)), rank, seed, TOLERANCE)


def by_lanczos(a, rank, seed=0):
    least = min(a.shape)
    return lanczos_part(Products(as_matrix(a)), rank, TOLERANCE, seed, least, least)


def by_gram(a, rank, seed=0):
    matrix = as_matrix(a)
    return GramSearch(matrix, None).part(Products(matrix), rank)


WAYS = {"randomized": by_block, "lanczos": by_lanczos, "gram": by_gram}
INDEX = np.arange(1, 241.0)
SPECTRA = {
    "fast decay": 0.8**INDEX,
    "power law": 1 / INDEX,
    "clusters": np.repeat([3.0, 2.0, 1.0, 0.1], 60),
    "cluster across the cut": np.concatenate((np.full(5, 2.0), np.full(235, 1.0))),
    "rank five": np.where(INDEX <= 5, 1.0, 0.0),
    "graded": 10.0 ** -np.linspace(0, 18, 240),
    "spike": np.concatenate(([1e12], np.ones(239))),
    "flat": np.linspace(1.02, 1.0, 240),
}


def example(name, dtype):
    rng = np.random.default_rng(7)
    u = np.linalg.qr(rng.standard_normal((300, 240)))[0]
    v = np.linalg.qr(rng.standard_normal((240, 240)))[0]
    a = (u * SPECTRA[name]) @ v.T
    a = a * np.exp(1j * np.linspace(0, 3, 240)) if np.dtype(dtype).kind == "c" else a
    return a.astype(dtype)


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize("way", WAYS)
def test_triplets_values_and_remainder_are_enclosed(way, name, dtype):
    a = example(name, dtype)
    wide = a.astype(np.result_type(a, np.float64))
    truth = np.linalg.svd(wide, compute_uv=False)
    rounding = 60 * 240 * 2.0**-53 * truth[0]
    for rank, seed in ((1, 0), (5, 1), (12, 2)):
        part = WAYS[way](wide if dtype is not np.float32 else a, rank, seed)
        if part is None:
            assert way == "lanczos"
            continue
        assert part.method == way
        low, high = (np.ldexp(x, part.exponent) for x in part.bounds(rank))
        assert np.all(low <= truth[:rank] + rounding)
        assert np.all(truth[:rank] <= high + rounding)
        u, s, v = part.u[:, :rank], np.ldexp(part.s[:rank], part.exponent), part.v[:, :rank]
        np.testing.assert_allclose(u.conj().T @ u, np.eye(rank), atol=1e-12)
        left = np.linalg.norm(wide - (u * s) @ v.conj().T, 2)
        assert left <= np.ldexp(part.remainder_norm(rank), part.exponent) + rounding
        whole = np.hypot(np.ldexp(part.residual, part.exponent), np.linalg.norm(part.s[rank:]))
        np.testing.assert_allclose(
            whole, np.linalg.norm(wide - (u * s) @ v.conj().T), rtol=1e-5, atol=1e-7 * truth[0]
        )


RNG = np.random.default_rng(0)
SMALL = {
    "hilbert": hilbert(12),
    "normal": RNG.standard_normal((14, 9)),
    "wide": RNG.standard_normal((9, 14)),
    "complex": RNG.standard_normal((8, 8)) + 1j * RNG.standard_normal((8, 8)),
    "float32": RNG.standard_normal((12, 8)).astype(np.float32),
    "graded rows": RNG.standard_normal((12, 8)) * 10.0 ** -np.arange(0, 24, 2)[:, None],
    "rank one": np.outer(np.arange(1.0, 12.0), np.arange(1.0, 8.0)),
    "identity": np.eye(9),
    "repeated": np.kron(np.eye(3), np.array([[2.0, 1.0], [0.0, 2.0]])),
    "constant": np.full((9, 7), 0.1),
    "lauchli": np.vstack((np.ones(8), 1e-9 * np.eye(8))),
    "zero": np.zeros((8, 7)),
    "integers": RNG.integers(-1000, 1000, (9, 9)),
    "tiny": RNG.standard_normal((9, 8)) * 1e-300,
    "huge": RNG.standard_normal((9, 8)) * 1e300,
}


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("name", SMALL)
def test_the_truth_at_60_digits_lies_in_every_interval(name):
    a = SMALL[name]
    truth = exact_singular_values(a)
    for way, search in WAYS.items():
        for rank in (1, 2, 4):
            part = search(a, rank, seed=rank)
            if part is None:
                assert way == "lanczos"
                continue
            unit = mpmath.mpf(2) ** part.exponent
            assert escaped(*part.bounds(rank), [x / unit for x in truth[:rank]]) == 0, way


def test_lanczos_that_started_beside_the_first_vector_does_not_answer(monkeypatch):
    """The proof, not the look at Ritz values, must notice that sigma_1 was missed."""
    a = np.diag(np.concatenate(([3.0], 0.5 ** np.arange(60.0))))
    first = []

    def beside(rng, rows, columns, products):
        x = rng.standard_normal((rows, columns))
        x[0] = 0.0 if not first else x[0]
        first.append(rows)
        return x

    monkeypatch.setattr("engine.spectrum.linalg.krylov.gaussian", beside)
    seen = []
    real = searches.factored_norm
    monkeypatch.setattr(
        searches, "factored_norm", lambda *given: seen.append(real(*given)) or seen[-1]
    )
    assert by_lanczos(a, 2) is None
    assert seen == [np.inf]


def test_lanczos_gives_up_early_on_a_flat_spectrum(monkeypatch):
    steps = []
    real = KrylovSpace.extend
    monkeypatch.setattr(KrylovSpace, "extend", lambda self: (steps.append(1), real(self)))
    a = example("flat", np.float64)
    assert lanczos_part(Products(as_matrix(a)), 10, 1e-6, 0, patience=40, most=80) is None
    assert len(steps) <= 40
    steps.clear()
    part = lanczos_part(Products(as_matrix(example("fast decay", np.float64))), 10, 1e-6, 0, 40, 80)
    assert part is not None
    assert len(steps) <= 30


@pytest.mark.parametrize("decay", [0.5, 0.1])
def test_forecast_follows_the_trend(decay):
    marks = [(step, 20.0 - decay * step) for step in (10, 15, 20, 25)]
    assert searches._forecast(marks[:1]) == 0.0
    assert searches._forecast(marks) == pytest.approx(20.0 / decay)
    assert searches._forecast([(5, 3.0), (10, 3.0)]) == np.inf


@pytest.mark.parametrize("way", WAYS)
def test_searches_stop_where_asked(way):
    a = example("fast decay", np.float64)
    matrix = as_matrix(a)
    runs = {
        "randomized": lambda p: block_part(Products(matrix, p), 5, 0),
        "lanczos": lambda p: lanczos_part(Products(matrix, p), 5, 1e-6, 0, 60, 60),
        "gram": lambda p: GramSearch(matrix, p).part(Products(matrix, p), 5),
    }
    whole = CancelAt()
    runs[way](whole)
    assert whole.checks > 3
    for at in (0, whole.checks // 2, whole.checks - 1):
        with pytest.raises(Cancelled):
            runs[way](CancelAt(at))


@pytest.mark.parametrize("seeds", [3, pytest.param(12, marks=pytest.mark.long)])
@pytest.mark.parametrize("scale", [1e-45, 1.0, 1e45])
@pytest.mark.parametrize("way", WAYS)
def test_bounds_hold_for_values_whose_squares_are_rounding_of_the_first(way, scale, seeds):
    """Also where fourth powers of the entries over- or underflow."""
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        two = rng.standard_normal((9, 2)) @ rng.standard_normal((2, 20))
        a = scale * (two + 10.0 ** -rng.uniform(6, 9) * rng.standard_normal((9, 20)))
        truth = exact_singular_values(a, 40)
        part = WAYS[way](a, 4, seed)
        if part is None:
            assert way == "lanczos"
            continue
        unit = mpmath.mpf(2) ** part.exponent
        assert escaped(*part.bounds(4), [x / unit for x in truth[:4]]) == 0
        left = truth[4] / unit
        assert part.remainder_norm(4) >= left * (1 - mpmath.mpf(10) ** -12)
