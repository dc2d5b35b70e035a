"""Descriptors against their definitions, at any scale and for incomplete spectra."""

from __future__ import annotations

import pickle
from dataclasses import fields

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.spectrum import DESCRIPTORS, describe
from engine.suites.rank_rules import leading_part, spectrum_of

KEYS = [info.key for info in DESCRIPTORS]


def test_table_names_only_fields_and_every_row_has_a_formula_and_a_source():
    names = {f.name for f in fields(describe(spectrum_of([1.0])))}
    assert set(KEYS) <= names
    assert len(set(KEYS)) == len(KEYS)
    assert all(info.title and info.formula and info.source for info in DESCRIPTORS)


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300, 2.0**-1000])
def test_descriptors_follow_their_definitions_at_every_scale(scale):
    v = np.sort(np.random.default_rng(0).exponential(size=30))[::-1]
    d = describe(spectrum_of(v * scale, (30, 50)))
    p = v / v.sum()
    entropy = -np.sum(p * np.log(p))
    assert_allclose(d.stable_rank, np.sum(v**2) / v[0] ** 2, rtol=1e-12)
    assert_allclose(d.effective_rank, np.exp(entropy), rtol=1e-12)
    assert_allclose(d.participation_ratio, np.sum(v**2) ** 2 / np.sum(v**4), rtol=1e-12)
    assert_allclose(d.spectral_entropy, entropy, rtol=1e-12)
    assert_allclose(d.condition_number, v[0] / v[-1], rtol=1e-12)
    assert_allclose(d.spectral_norm, v[0] * scale, rtol=1e-12)
    assert_allclose(d.frobenius_norm, np.linalg.norm(v) * scale, rtol=1e-12)
    assert_allclose(d.nuclear_norm, v.sum() * scale, rtol=1e-12)
    assert d.numerical_rank == 30
    assert d.complete
    assert d.bounds == {}


def test_alpha_does_not_depend_on_the_scale():
    v = (1.0 - np.arange(500) / 500) ** -0.4
    alphas = [describe(spectrum_of(v[::-1] * c)).alpha for c in (1.0, 1e-300, 1e290)]
    assert_allclose(alphas, alphas[0], rtol=1e-9)


@pytest.mark.parametrize(("m", "n"), [(1, 9), (9, 1), (6, 6), (40, 13)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_norms_and_rank_match_numpy_on_matrices(m, n, dtype):
    a = np.random.default_rng(m).normal(size=(m, n)).astype(dtype)
    a = np.asfortranarray(a)[:, ::-1]
    a[:, -1] = a[:, 0]
    s = spectrum_of(np.linalg.svd(a.astype(float), compute_uv=False), (m, n), np.dtype(dtype).name)
    d = describe(s)
    assert_allclose(d.nuclear_norm, np.linalg.norm(a, "nuc"), rtol=1e-5)
    assert_allclose(d.frobenius_norm, np.linalg.norm(a), rtol=1e-5)
    assert d.numerical_rank == np.linalg.matrix_rank(a)


def test_zero_matrix_has_defined_descriptors():
    d = describe(spectrum_of(np.zeros(12), (12, 20)))
    ranks = (d.stable_rank, d.effective_rank, d.participation_ratio, d.numerical_rank)
    assert ranks == (0.0, 0.0, 0.0, 0)
    assert (d.spectral_entropy, d.nuclear_norm, d.condition_number) == (0.0, 0.0, np.inf)
    assert d.alpha is None
    assert "0 positive values" in d.alpha_reason


def test_single_value_counts_one_direction():
    d = describe(spectrum_of([7.0], (1, 5)))
    assert (d.stable_rank, d.effective_rank, d.participation_ratio) == (1.0, 1.0, 1.0)
    assert (d.numerical_rank, d.condition_number) == (1, 1.0)


def test_constant_spectrum_uses_every_direction():
    d = describe(spectrum_of(np.full(64, 0.1)))
    assert_allclose([d.stable_rank, d.effective_rank, d.participation_ratio], 64.0, rtol=1e-12)
    assert d.alpha is None
    assert d.alpha_reason == "all values are equal"


def test_rank_deficient_matrix_is_singular():
    d = describe(spectrum_of([2.0, 1.0, 0.0]))
    assert d.condition_number == np.inf
    assert d.numerical_rank == 2


def test_half_precision_data_does_not_lose_every_rank():
    d = describe(spectrum_of(np.full(4096, 1.0), dtype="bfloat16"))
    assert d.numerical_rank == 4096


@pytest.mark.parametrize("known", [1, 3, 20])
@pytest.mark.parametrize("decay", [0.5, 0.9, 1.0])
def test_bounds_of_leading_values_hold_the_truth(known, decay):
    values = 3.0 * decay ** np.arange(40)
    truth = describe(spectrum_of(values))
    partial = describe(leading_part(values, known))
    assert not partial.complete
    assert partial.effective_rank is None
    assert set(partial.bounds) <= set(KEYS)
    assert_allclose(partial.frobenius_norm, truth.frobenius_norm, rtol=1e-12)
    for key, (low, high) in partial.bounds.items():
        value = getattr(truth, key)
        assert low * (1 - 1e-9) <= value <= high * (1 + 1e-9), key


def test_descriptors_survive_a_process_boundary():
    d = describe(spectrum_of([2.0, 1.0]))
    assert pickle.loads(pickle.dumps(d)) == d
