"""Rules that tell signal from noise, and rounding from both."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest
from scipy.optimize import brentq

from engine.spectrum import RANK_RULES, singular_values
from engine.spectrum.rank_rules.rules.noise import hard_threshold
from engine.suites.rank_rules import spectrum_of


def planted(shape, rank, noise, strength, seed=0):
    rng = np.random.default_rng(seed)
    m, n = shape
    u = np.linalg.qr(rng.normal(size=(m, rank)))[0]
    v = np.linalg.qr(rng.normal(size=(n, rank)))[0]
    scale = strength * noise * (m**0.5 + n**0.5)
    a = scale * u @ v.T + noise * rng.normal(size=shape)
    return spectrum_of(np.linalg.svd(a, compute_uv=False), shape)


@pytest.mark.parametrize("shape", [(200, 200), (100, 300), (300, 100)])
@pytest.mark.parametrize("noise", [1.0, 1e-4])
def test_noise_rules_find_a_planted_rank(shape, noise):
    s = planted(shape, 7, noise, 2.0)
    edge_noise = 1.05 * noise  # finite matrices overshoot the asymptotic edge a little
    assert RANK_RULES["gavish_donoho"](s).rank == 7
    assert RANK_RULES["gavish_donoho_known"](s, noise).rank == 7
    assert RANK_RULES["mp_edge"](s, edge_noise).rank == 7
    assert RANK_RULES["parallel_analysis"](s).rank in {6, 7}


def test_parallel_analysis_finds_nothing_in_noise_and_repeats_with_its_seed():
    values = np.linalg.svd(np.random.default_rng(1).normal(size=(80, 120)), compute_uv=False)
    s = spectrum_of(values, (80, 120))
    rule = RANK_RULES["parallel_analysis"]
    assert rule(s).rank == 0
    assert rule(s, seed=3) == rule(s, seed=3)
    assert rule(s, seed=3).cut != rule(s, seed=4).cut


@pytest.mark.parametrize("bend", [0.8, 1.2, 1.6])
def test_parallel_analysis_with_many_values_above_noise_agrees_with_drawing_them_all(bend):
    shape = (300, 400)
    rng = np.random.default_rng(2)
    noise = np.linalg.svd(rng.normal(size=shape), compute_uv=False)
    s = spectrum_of(noise**bend if bend > 1.0 else noise * np.linspace(1.2, 0.7, 300), shape)
    level = s.frobenius / 120000**0.5
    drawn = [np.linalg.svd(rng.normal(size=shape), compute_uv=False) for _ in range(20)]
    failed = np.flatnonzero(s.values <= level * np.quantile(drawn, 0.95, axis=0))
    assert failed[0] > 40
    assert abs(RANK_RULES["parallel_analysis"](s).rank - failed[0]) <= 2


def test_gavish_donoho_threshold_balances_keeping_and_dropping():
    """At the threshold, keeping and dropping a spike lose the same (their section IV)."""
    for beta in (0.05, 0.3, 0.5, 1.0):

        def gain_of_keeping(x, beta=beta):
            y = math.sqrt((x + 1 / x) * (x + beta / x))
            left = math.sqrt((x**4 - beta) / (x**4 + beta * x**2))
            right = math.sqrt((x**4 - beta) / (x**4 + x**2))
            return 2 * x * y * left * right - y * y

        x = brentq(gain_of_keeping, beta**0.25 + 1e-12, 10.0)
        level = math.sqrt((x + 1 / x) * (x + beta / x))
        assert abs(hard_threshold(beta) - level) < 1e-9
    assert abs(hard_threshold(1.0) - 4 / math.sqrt(3)) < 1e-12


def test_gavish_donoho_needs_no_noise_level():
    assert RANK_RULES["gavish_donoho"].parameters == ()


LOW = {
    "rank one": np.outer(np.arange(1.0, 81), np.linspace(1, 2, 60)),
    "rank five": np.random.default_rng(5).normal(size=(80, 5))
    @ np.random.default_rng(6).normal(size=(5, 60)),
    "constant": np.full((80, 60), 0.1),
    "duplicated rows": np.tile(np.random.default_rng(7).normal(size=(4, 60)), (20, 1)),
    "two by two": np.ones((2, 2)),
    "zero": np.zeros((8, 6)),
}


@pytest.mark.parametrize("name", LOW)
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("method", ["svd", "gram"])
@pytest.mark.parametrize("key", ["gavish_donoho", "mp_edge", "elbow"])
def test_rounding_of_a_matrix_of_low_rank_is_not_taken_for_noise(key, method, dtype, name):
    kind = ml_dtypes.bfloat16 if dtype == "bfloat16" else np.dtype(dtype)
    s = singular_values(LOW[name].astype(kind), method)
    rank = np.linalg.matrix_rank(LOW[name])
    choice = RANK_RULES[key](s)
    assert choice.rank == rank
    assert "rounding" in choice.reason or rank == 0


@pytest.mark.parametrize("noise", [1e-12, 1e-30])
@pytest.mark.parametrize("key", ["gavish_donoho_known", "mp_edge"])
def test_noise_below_rounding_is_raised_to_rounding_level(key, noise):
    choice = RANK_RULES[key](singular_values(LOW["rank five"]), noise)
    assert choice.rank == 5
    assert ("rounding level" in choice.reason) == (noise < 1e-20)


def test_small_noise_of_float32_data_is_still_noise():
    rng = np.random.default_rng(9)
    a = (LOW["rank five"] + 1e-5 * rng.normal(size=(80, 60))).astype(np.float32)
    choice = RANK_RULES["gavish_donoho"](singular_values(a))
    assert choice.rank == 5
    assert "rounding" not in choice.reason


@pytest.mark.parametrize("shape", [(1, 50), (50, 1), (1, 1)])
@pytest.mark.parametrize("key", ["gavish_donoho", "mp_edge"])
def test_one_value_cannot_stand_out_of_its_own_median(key, shape):
    choice = RANK_RULES[key](singular_values(np.ones(shape)))
    assert choice.rank == 0
    assert "its own median" in choice.reason


@pytest.mark.parametrize("key", ["energy", "frobenius", "absolute", "stored_size"])
def test_a_rank_that_counts_rounding_says_so(key):
    target = {"energy": 1.0, "frobenius": 0.0, "absolute": 0.0, "stored_size": 9.0}[key]
    choice = RANK_RULES[key](singular_values(LOW["rank one"]), target)
    assert choice.rank > 1
    assert f"{choice.rank - 1} of the kept values are not above" in choice.reason
