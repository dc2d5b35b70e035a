"""Rules of principal component analysis: by hand, in exact arithmetic, against scikit-learn."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA

from engine.errors import ArgumentError
from engine.spectrum import RANK_RULES, singular_values
from engine.spectrum.rank_rules.rules.broken_stick import stick_pieces
from engine.spectrum.rank_rules.rules.minka import log_evidence
from engine.suites.rank_rules import leading_part, spectrum_of


def data(samples, features, rank, noise, seed=0):
    """Centred samples of a plane of that rank, with noise."""
    rng = np.random.default_rng(seed)
    strength = np.linspace(6.0, 2.0, rank)
    a = (rng.normal(size=(samples, rank)) * strength) @ rng.normal(size=(rank, features))
    a = a + noise * rng.normal(size=a.shape)
    return a - a.mean(axis=0)


# -- Kaiser and the broken stick -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "rank"),
    [([3, 1, 1], 1), ([3, 2, 1], 1), ([4, 4, 1, 0], 2), ([2, 2, 2], 0), ([5, 0], 1), ([7], 0)],
)
def test_kaiser_by_hand(values, rank):
    choice = RANK_RULES["kaiser"](spectrum_of(values))
    assert choice.rank == rank
    assert "centred columns" in choice.reason
    mean = sum(Fraction(v) ** 2 for v in values) / len(values)
    assert rank == sum(Fraction(v) ** 2 > mean for v in values)


@pytest.mark.parametrize("key", ["kaiser", "broken_stick"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_equal_values_as_computed_do_not_stand_out(key, dtype):
    q = np.linalg.qr(np.random.default_rng(0).normal(size=(600, 400)))[0].astype(dtype)
    for method in ("svd", "gram"):
        s = singular_values(q, method)
        assert np.ptp(s.values) > np.finfo(dtype).eps / 4.0
        assert RANK_RULES[key](s).rank == 0
    for count in (2, 7, 1000):
        assert RANK_RULES[key](spectrum_of(np.full(count, dtype(0.1)))).rank == 0


@pytest.mark.parametrize("pieces", [1, 2, 3, 10, 57])
def test_pieces_of_a_broken_stick_in_exact_arithmetic(pieces):
    exact = [
        sum(Fraction(1, j) for j in range(i, pieces + 1)) / pieces for i in range(1, pieces + 1)
    ]
    assert sum(exact) == 1
    assert_allclose(stick_pieces(pieces), [float(x) for x in exact], rtol=1e-15)


def test_pieces_are_those_of_sticks_that_were_broken():
    rng = np.random.default_rng(0)
    cuts = np.sort(rng.random((100_000, 4)), axis=1)
    lengths = np.diff(np.pad(cuts, ((0, 0), (1, 1)), constant_values=(0, 1)), axis=1)
    broken = np.sort(lengths, axis=1)[:, ::-1].mean(axis=0)
    assert_allclose(stick_pieces(5), broken, rtol=0, atol=2e-3)


@pytest.mark.parametrize(
    ("squares", "rank"),
    [
        ([77, 16, 7], 1),  # pieces 0.611, 0.278, 0.111
        ([62, 29, 9], 2),
        ([62, 27, 11], 1),
        ([60, 30, 10], 0),  # the first fails: the second is not looked at
        ([33, 33, 33], 0),
    ],
)
def test_broken_stick_counts_up_to_the_first_that_fails(squares, rank):
    choice = RANK_RULES["broken_stick"](spectrum_of(np.sqrt(squares)))
    assert choice.rank == rank
    assert choice.certain
    assert "a sample a row" in choice.reason


def test_broken_stick_of_leading_values_knows_when_they_decide():
    values = 0.5 ** np.arange(30)
    truth = RANK_RULES["broken_stick"](spectrum_of(values))
    decided = RANK_RULES["broken_stick"](leading_part(values, 12))
    assert (decided.rank, decided.certain) == (truth.rank, True)
    open_end = RANK_RULES["broken_stick"](leading_part(values, 1))
    assert (open_end.rank, open_end.certain) == (1, False)


# -- Minka ---------------------------------------------------------------------------------------


def exact_evidence(sigma, samples, rank):
    """Equations 30 to 32 of the paper, pair by pair, at 50 digits."""
    mp = mpmath.mp.clone()
    mp.dps = 50
    p, n = len(sigma), mp.mpf(samples)
    eigenvalues = [mp.mpf(float(x)) ** 2 / (n - 1) for x in sigma]
    noise = mp.fsum(eigenvalues[rank:]) / (p - rank)
    flat = eigenvalues[:rank] + [noise] * (p - rank)
    total = -rank * mp.log(2)
    for i in range(1, rank + 1):
        half = mp.mpf(p - i + 1) / 2
        total += mp.loggamma(half) - half * mp.log(mp.pi)
    total -= n / 2 * mp.fsum(mp.log(x) for x in flat)
    free = mp.mpf(p * rank) - mp.mpf(rank * (rank + 1)) / 2
    total += (free + rank) / 2 * mp.log(2 * mp.pi) - rank * mp.log(n) / 2
    for i in range(rank):
        for j in range(i + 1, p):
            if eigenvalues[i] != eigenvalues[j]:
                gap = (eigenvalues[i] - eigenvalues[j]) * (1 / flat[j] - 1 / flat[i])
                total -= mp.log(n * gap) / 2
    return total


@pytest.mark.parametrize(
    ("sigma", "samples"),
    [
        (np.array([9.0, 8.0, 1.1, 1.0, 0.9]), 50),
        (np.array([3.0, 3.0, 3.0, 1.0, 1.0, 0.5]), 20),
        (np.array([2.0, 2.0, 2.0, 2.0]), 9),
        (1e-120 * np.array([9.0, 8.0, 1.1, 1.0, 0.9]), 50),
        (np.sort(np.random.default_rng(0).lognormal(0, 2, 25))[::-1], 400),
        (np.geomspace(1.0, 1e-5, 12), 12),
        (np.array([2.0, 1.0]), 2),
    ],
    ids=["spiked", "ties", "equal", "tiny", "lognormal", "graded", "two"],
)
def test_evidence_is_that_of_the_paper_at_50_digits(sigma, samples):
    found = log_evidence(sigma, samples, 1e-15 * sigma[0])
    exact = [exact_evidence(sigma, samples, rank) for rank in range(1, sigma.size)]
    assert found.shape == (sigma.size - 1,)
    differences = [float(one - exact[0]) for one in exact]
    assert_allclose(found - found[0], differences, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("samples", "features", "rank", "noise"),
    [(200, 12, 3, 0.5), (500, 30, 7, 1.0), (60, 40, 5, 2.0), (40, 40, 4, 0.1), (300, 8, 0, 1.0)],
)
def test_minka_gives_the_rank_of_scikit_learn(samples, features, rank, noise, seed):
    a = data(samples, features, rank, noise, seed)
    peer = PCA(n_components="mle", svd_solver="full").fit(a).n_components_
    assert RANK_RULES["minka"](singular_values(a)).rank == peer
    assert RANK_RULES["minka"](singular_values(a.T), samples).rank == peer


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_minka_finds_a_planted_rank_at_any_scale(scale):
    s = singular_values(scale * data(400, 50, 6, 0.3))
    choice = RANK_RULES["minka"](s)
    assert choice.rank == 6
    assert "400 samples" in choice.reason
    assert "a sample a row" in choice.reason


@pytest.mark.parametrize("rank", [1, 4, 9])
def test_without_noise_what_is_above_rounding_is_kept(rank):
    a = data(50, 20, rank, 0.0)
    assert RANK_RULES["minka"](singular_values(a)).rank == rank
    assert RANK_RULES["minka"](singular_values(a.astype(np.float32))).rank == rank


def test_no_direction_of_equal_values_stands_out():
    q = np.linalg.qr(np.random.default_rng(0).normal(size=(60, 40)))[0]
    for dtype in (np.float64, np.float32):
        assert RANK_RULES["minka"](singular_values(q.astype(dtype))).rank == 0
    assert "equal" in RANK_RULES["minka"](spectrum_of(np.full(9, 0.1))).reason


def test_wide_matrices_need_the_number_of_samples():
    s = spectrum_of([3.0, 2.0, 1.0], (3, 10))
    with pytest.raises(ArgumentError, match="sample a column"):
        RANK_RULES["minka"](s)
    assert RANK_RULES["minka"](s, samples=10).rank in {1, 2}
    with pytest.raises(ArgumentError, match="at least min"):
        RANK_RULES["minka"](s, samples=2)
