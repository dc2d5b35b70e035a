"""Leading singular values: bounds that hold, bands that close, and accuracy beside a peer."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.extmath import randomized_svd

from engine.errors import ArgumentError, DataError
from engine.spectrum import leading_singular_values, singular_values
from engine.spectrum.linalg.matrix import as_matrix
from engine.spectrum.linalg.products import Products
from engine.spectrum.linalg.thin_qr import thin_qr, thin_svd
from engine.spectrum.values.certificate import frobenius_upper, outside_norm, split_upper

N, RANK = 420, 20
INDEX = np.arange(1, N + 1.0)
SPECTRA = {
    "fast decay": 0.8**INDEX,
    "power law": 1 / INDEX,
    "flat and spikes": np.where(INDEX <= 8, 10 - INDEX, 1.0),
    "multiple": np.where(INDEX <= 40, 2.0, 0.5),
    "rank five": np.where(INDEX <= 5, 1.0, 0.0),
    "noise": None,
}


def example(name, dtype=np.float64, m=500):
    rng = np.random.default_rng(0)
    if SPECTRA[name] is None:
        return rng.standard_normal((m, N)).astype(dtype)
    u = np.linalg.qr(rng.standard_normal((m, N)))[0]
    v = np.linalg.qr(rng.standard_normal((N, N)))[0]
    return ((u * SPECTRA[name]) @ v.T).astype(dtype)


@pytest.mark.sample(1 / 4)
@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.complex64])
def test_values_and_upper_enclose_the_singular_values(name, dtype):
    a = example(name, dtype if dtype is not np.complex64 else np.float32)
    a = a * np.exp(1j * np.linspace(0, 3, N)).astype(np.complex64) if dtype is np.complex64 else a
    s = leading_singular_values(a, RANK)
    wide = a.astype(complex if dtype is np.complex64 else float)
    full = np.linalg.svd(wide, compute_uv=False)
    truth, rounding = full[:RANK], 1e-14 * full[0]
    low, high = s.band
    assert np.all(low <= truth + rounding)
    assert np.all(truth <= high + rounding)
    assert np.all(np.abs(truth - s.values) <= s.errors + rounding)
    assert s.error_bound == s.errors.max()
    rest = np.sqrt(max(np.sum(full**2) - np.sum(s.values**2), 0.0))
    np.testing.assert_allclose(s.residual, rest, rtol=1e-5, atol=1e-7 * full[0])
    np.testing.assert_allclose(s.frobenius, np.linalg.norm(wide), rtol=1e-13)


HARD = {
    "clusters": np.repeat([3.0, 2.0, 1.0, 0.1], 60),
    "cluster across the cut": np.concatenate(
        (np.full(5, 2.0), np.full(100, 1.0), np.full(135, 0.9))
    ),
    "all tied": np.ones(240),
    "rank deficient": np.concatenate((np.linspace(2, 1, 40), np.zeros(200))),
    "rank below the request": np.concatenate(([5.0, 3.0], np.zeros(238))),
    "graded": 10.0 ** -np.linspace(0, 18, 240),
    "one spike": np.concatenate(([1e12], np.ones(239))),
    "spike in noise level": np.concatenate((np.linspace(1.02, 1.0, 30), np.full(210, 0.99))),
}


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e290])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("name", HARD)
def test_every_singular_value_lies_in_its_band_on_hard_spectra(name, dtype, scale):
    if dtype is np.float32:
        scale = scale ** (1 / 12)
    rng = np.random.default_rng(7)
    u = np.linalg.qr(rng.standard_normal((300, 240)))[0]
    v = np.linalg.qr(rng.standard_normal((240, 240)))[0]
    plain = (u * HARD[name]) @ v.T
    if dtype is np.complex128:
        plain = plain * np.exp(1j * np.linspace(0, 3, 240))
    a = (plain * scale).astype(dtype)
    # The truth of the very entries, at a scale where LAPACK's squares are safe.
    wide = a.astype(complex if dtype is np.complex128 else float) / scale
    full = np.linalg.svd(wide, compute_uv=False)
    for rank, seed in ((1, 0), (5, 1), (12, 2)):
        s = leading_singular_values(a, rank, seed=seed)
        truth, rounding = full[:rank], 60 * 240 * 2.0**-53 * full[0]
        assert np.all(s.values / scale <= truth + rounding)
        assert np.all(truth <= s.upper / scale + rounding)
        whole = s.residual / scale
        np.testing.assert_allclose(
            np.hypot(np.linalg.norm(s.values / scale), whole), np.linalg.norm(full), rtol=1e-7
        )


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("seed", range(25))
def test_bounds_hold_for_every_seed_where_little_is_known(seed):
    a = np.random.default_rng(100 + seed).standard_normal((300, 250))
    s = leading_singular_values(a, 6, seed=seed)
    truth = np.linalg.svd(a, compute_uv=False)[:6]
    assert np.all(s.values <= truth + 1e-13)
    assert np.all(truth <= s.upper)
    assert np.all(s.upper < 1.35 * truth)


@pytest.mark.parametrize(
    ("name", "width"),
    [("fast decay", 1e-9), ("power law", 1e-3), ("rank five", 1e-12), ("flat and spikes", 0.05)],
)
def test_bands_close_where_the_spectrum_decays(name, width):
    s = leading_singular_values(example(name), RANK)
    assert float(np.max(s.upper - s.values)) <= width * s.values[0]


@pytest.mark.parametrize("name", ["fast decay", "power law", "flat and spikes", "noise"])
def test_error_is_no_worse_than_sklearn(name):
    a = example(name, np.float32)
    truth = np.linalg.svd(a.astype(float), compute_uv=False)[:RANK]
    mine = np.abs(leading_singular_values(a, RANK).values - truth).max()
    peer = np.abs(randomized_svd(a, RANK, random_state=0)[1] - truth).max()
    assert mine <= peer


def test_wide_matrices_give_the_same_as_tall_ones():
    a = example("power law")
    left, right = leading_singular_values(a, RANK), leading_singular_values(a.T, RANK)
    np.testing.assert_array_equal(left.values, right.values)
    assert right.shape == (420, 500)


def test_same_seed_same_answer_and_other_seeds_agree_within_bands():
    a = example("noise")
    first, again, other = (leading_singular_values(a, 5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.values, again.values)
    assert np.all(first.values <= other.upper)
    assert np.all(other.values <= first.upper)


@pytest.mark.parametrize("power", [-100, -60, 60, 120])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scale_does_not_matter(power, dtype):
    a = example("power law", dtype)
    power = power if dtype is np.float32 else 7 * power
    scaled = np.ldexp(a.astype(float), power).astype(dtype)
    truth = np.ldexp(leading_singular_values(a, 5).values, power)
    np.testing.assert_allclose(leading_singular_values(scaled, 5).values, truth, rtol=1e-4)


def test_tolerance_is_reached_or_said_to_be_missed():
    good = leading_singular_values(example("power law"), RANK, tolerance=1e-8)
    assert float(np.max(good.upper - good.values)) <= 1e-8 * good.values[0]
    assert "not reached" not in good.note
    a = np.random.default_rng(3).standard_normal((900, 800))
    truth = np.linalg.svd(a, compute_uv=False)[:20]
    fine = leading_singular_values(a, 20, tolerance=1e-12)
    assert float(np.max(fine.upper - fine.values)) <= 1e-12 * fine.values[0]
    np.testing.assert_allclose(fine.values, truth, rtol=1e-12)
    missed = leading_singular_values(a, 20, tolerance=1e-15)
    assert "not reached" in missed.note
    low, high = missed.band
    assert np.all((low <= truth + 1e-13) & (truth <= high + 1e-13))


@pytest.mark.parametrize("tolerance", [0.3, 0.05])
def test_rank_is_found_from_the_tolerance(tolerance):
    truth = np.linalg.svd(example("power law"), compute_uv=False)
    s = leading_singular_values(example("power law"), tolerance=tolerance)
    tails = np.sqrt(np.cumsum(truth[::-1] ** 2))[::-1]
    smallest = int(np.count_nonzero(tails > tolerance * np.linalg.norm(truth)))
    assert s.residual <= tolerance * s.frobenius * (1 + 1e-9)
    assert abs(s.values.size - smallest) <= 1


@pytest.mark.parametrize("rank", [300, 420])
def test_large_ranks_are_cut_from_the_full_spectrum(rank):
    a = example("noise")
    s = leading_singular_values(a, rank)
    truth = np.linalg.svd(a, compute_uv=False)
    np.testing.assert_allclose(s.values, truth[:rank], rtol=1e-12)
    assert s.complete == (rank == 420)
    assert s.residual == pytest.approx(np.linalg.norm(truth[rank:]), rel=1e-12)


@pytest.mark.parametrize("rank", [0, -1, 421, 2.5, True, "3"])
def test_rank_out_of_range_is_refused(rank):
    with pytest.raises(ArgumentError, match="rank"):
        leading_singular_values(example("noise"), rank)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e-322, 1e200])
def test_rank_from_a_tolerance_does_not_depend_on_the_unit(scale):
    s = leading_singular_values(np.eye(178, 118) * scale, tolerance=0.3)
    assert s.values.size == 108  # 10 of 118 equal values hold less than 0.09 of the energy
    np.testing.assert_allclose(s.residual, 10**0.5 * scale, rtol=1e-12, atol=5e-324)


def test_tolerance_out_of_range_is_refused():
    with pytest.raises(ArgumentError, match="tolerance"):
        leading_singular_values(np.eye(300), 3, tolerance=0.0)
    with pytest.raises(DataError, match="NaN"):
        leading_singular_values(np.full((500, 400), np.nan), 3)


def test_maps_too_large_to_hold_are_read_in_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.spectrum.linalg.matrix.HELD_BYTES", 1000)
    a = example("power law", np.float32)
    np.save(tmp_path / "a.npy", a)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    s = singular_values(mapped, "randomized", rank=8)
    truth = np.linalg.svd(a.astype(float), compute_uv=False)[:8]
    np.testing.assert_allclose(s.values, truth, rtol=1e-6)


def test_frobenius_upper_is_attained():
    # (3, 2, 1) with 4 left over: sigma_3 = sqrt(5) could only be with sigma_2 raised as well.
    upper = frobenius_upper(np.array([3.0, 2.0, 1.0]), 2.0)
    np.testing.assert_allclose(upper, np.sqrt([13.0, 8.0, 4.5]))


@pytest.mark.parametrize("seed", range(30))
def test_split_upper_holds_for_any_split(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 9))
    t = rng.standard_normal((15, 12)) * 0.7 ** np.arange(12)
    v = np.linalg.svd(t)[2].T + 10.0 ** -rng.integers(1, 9) * rng.standard_normal((12, 12))
    v = np.linalg.qr(v)[0][:, :k]
    _, s, wh = np.linalg.svd(t @ v, full_matrices=False)
    v = v @ wh.T
    project = np.eye(12) - v @ v.T
    coupled = project @ t.T @ t @ v
    upper = split_upper(s, coupled, np.linalg.norm(t @ project, 2))
    assert np.all(np.linalg.svd(t, compute_uv=False)[:k] <= upper * (1 + 1e-13))


def test_outside_norm_is_above_and_near_the_norm():
    ratios = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        a = rng.standard_normal((200, 150)) if seed % 2 else np.diag(1 / np.arange(1, 151.0))
        v = np.linalg.qr(rng.standard_normal((a.shape[1], 4)))[0]
        truth = np.linalg.norm(a - (a @ v) @ v.T, 2)
        ratios.append(outside_norm(Products(as_matrix(a)), v, rng) / truth)
    assert min(ratios) >= 1.0
    assert max(ratios) < 1.3


@pytest.mark.parametrize("condition", [1.0, 1e6, 1e14, np.inf])
def test_thin_qr_is_orthonormal_and_reproduces(condition):
    rng = np.random.default_rng(11)
    scale = np.logspace(0, -14, 20) if condition == 1e14 else np.linspace(1, 1 / condition, 20)
    x = rng.standard_normal((400, 20)) * scale
    x[:, 5] = x[:, 4] if np.isinf(condition) else x[:, 5]
    q, r = thin_qr(x)
    np.testing.assert_allclose(q.T @ q, np.eye(20), atol=1e-13)
    np.testing.assert_allclose(q @ r, x, atol=1e-13)
    np.testing.assert_allclose(thin_svd(x)[1], np.linalg.svd(x, compute_uv=False), atol=1e-12)
