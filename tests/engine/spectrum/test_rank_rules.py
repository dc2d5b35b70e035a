"""Every rank rule against brute force and against cases worked out by hand."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from scipy.optimize import brentq

from engine.errors import ArgumentError
from engine.spectrum import RANK_RULES, Spectrum, singular_values
from engine.spectrum.rank_rules.noise import hard_threshold

ALL = sorted(RANK_RULES)
NEEDS_COMPLETE = [key for key in ALL if RANK_RULES[key].needs_complete]


def spectrum_of(values, shape=None, dtype="float64"):
    values = np.asarray(values, dtype=np.float64)
    shape = shape or (values.size, values.size)
    norm = float(np.hypot.reduce(values)) if values.size else 0.0
    return Spectrum(values, shape, dtype, "svd", 0.0, True, norm)


def leading_part(values, known):
    values = np.asarray(values, dtype=np.float64)
    low = values[:known] * (1.0 - 1e-3)
    norm = float(np.sqrt(np.sum(values**2)))
    residual = float(np.sqrt(norm**2 - np.sum(low**2)))
    upper = np.sqrt(low**2 + residual**2)
    bound = float(np.max(upper - low))
    shape = (values.size, values.size)
    return Spectrum(low, shape, "float64", "randomized", bound, False, norm, residual, upper)


# What holds for every rule -------------------------------------------------------------------


@pytest.mark.parametrize("key", ALL)
def test_rule_is_described(key):
    rule = RANK_RULES[key]
    assert rule.key == key
    assert rule.title
    assert rule.formula
    assert rule.source
    for parameter in rule.parameters:
        assert parameter.meaning
        assert parameter.check(parameter.default) == parameter.default


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize(
    "values",
    [
        [1.0],
        [0.0],
        np.zeros(6),
        np.ones(6),
        [5.0, 4.0, 0.0],
        0.5 ** np.arange(20),
        [3e-300, 1e-300],
    ],
    ids=["single", "single-zero", "zero", "constant", "deficient", "decay", "tiny"],
)
def test_rank_is_possible_and_the_reason_speaks(key, values):
    choice = RANK_RULES[key](spectrum_of(values))
    nonzero = np.count_nonzero(values)
    assert isinstance(choice.rank, int)
    assert 0 <= choice.rank <= nonzero
    assert choice.certain
    assert len(choice.reason) > 20
    assert "nan" not in choice.reason.lower()
    assert choice.rule == key
    assert set(choice.parameters) == {p.key for p in RANK_RULES[key].parameters}


@pytest.mark.parametrize("key", ALL)
def test_empty_matrix_has_rank_zero(key):
    assert RANK_RULES[key](spectrum_of([], (0, 7))).rank == 0


@pytest.mark.parametrize("scale", [1e-300, 1e300, 2.0**-900])
@pytest.mark.parametrize("key", [k for k in ALL if k not in {"absolute", "gavish_donoho_known"}])
def test_rank_does_not_depend_on_the_unit(key, scale):
    values = np.sort(np.random.default_rng(4).exponential(size=50))[::-1]
    rule = RANK_RULES[key]
    assert rule(spectrum_of(values * scale)).rank == rule(spectrum_of(values)).rank


@pytest.mark.parametrize("key", ALL)
def test_choice_survives_a_process_boundary(key):
    choice = RANK_RULES[key](spectrum_of([3.0, 1.0]))
    assert pickle.loads(pickle.dumps(choice)) == choice


@pytest.mark.parametrize("key", ALL)
def test_values_below_the_cut_are_dropped_and_those_above_kept(key):
    values = np.sort(np.random.default_rng(8).lognormal(0, 2, size=40))[::-1]
    choice = RANK_RULES[key](spectrum_of(values))
    if choice.cut is not None and key != "parallel_analysis":
        assert np.count_nonzero(values >= choice.cut) == choice.rank


@pytest.mark.parametrize("key", NEEDS_COMPLETE)
def test_rule_that_needs_everything_refuses_leading_values(key):
    with pytest.raises(ArgumentError, match="complete spectrum"):
        RANK_RULES[key](leading_part(0.9 ** np.arange(30), 10))


@pytest.mark.parametrize("known", [2, 10, 29])
@pytest.mark.parametrize("key", [k for k in ALL if k not in NEEDS_COMPLETE])
def test_leading_values_give_a_safe_rank_or_say_that_they_do_not_decide(key, known):
    values = 0.9 ** np.arange(30)
    truth = RANK_RULES[key](spectrum_of(values)).rank
    choice = RANK_RULES[key](leading_part(values, known))
    if not choice.certain:
        assert "known" in choice.reason
        assert choice.rank <= truth or key in {"elbow", "frobenius", "spectral"}
    elif key in {"energy", "frobenius", "spectral", "sv_cumulative", "sv_fro"}:
        assert choice.rank >= truth  # enough for the target, perhaps not the smallest
    else:
        assert choice.rank == truth


@pytest.mark.parametrize(
    ("key", "arguments"),
    [(k, {p.key: bad}) for k in ALL for p in RANK_RULES[k].parameters for bad in (-1, np.nan, "x")],
)
def test_parameters_out_of_range_are_refused_by_name(key, arguments):
    with pytest.raises(ArgumentError, match=next(iter(arguments))):
        RANK_RULES[key](spectrum_of([1.0]), **arguments)


def test_unknown_and_repeated_parameters_are_refused():
    s = spectrum_of([1.0])
    with pytest.raises(ArgumentError, match="share"):
        RANK_RULES["energy"](s, share=0.5)
    with pytest.raises(ArgumentError, match="given once"):
        RANK_RULES["energy"](s, 0.5, target=0.5)
    with pytest.raises(ArgumentError, match="at most 1"):
        RANK_RULES["energy"](s, 0.5, 0.5)


# Shares, where the off-by-one lives ----------------------------------------------------------


def exact_share_rank(terms, target):
    """Smallest r with share >= target, in exact rational arithmetic."""
    total, head = sum(terms), Fraction(0)
    for r in range(len(terms) + 1):
        if head >= target * total:
            return r
        head += terms[r]
    raise AssertionError


@pytest.mark.parametrize(
    ("values", "target", "rank"),
    [
        ([1, 1, 1, 1], 0.75, 3),
        ([1, 1, 1, 1], 0.7500001, 4),
        ([1, 1, 1, 1], 0.0, 0),
        ([1, 1, 1, 1], 1.0, 4),
        ([3, 1], 0.9, 1),
        ([3, 1], np.nextafter(0.9, 0), 1),
        ([2, 1, 1, 1, 1, 1, 1], 0.6, 3),
        ([1, 1e-200], 1.0, 2),
        ([1, 1e-9], 1.0, 2),
        ([1, 1e-9], 1.0 - 1e-13, 1),
        ([1, 0], 1.0, 1),
        ([0, 0], 1.0, 0),
        ([5], 1e-9, 1),
        ([5], 0.0, 0),
        ([5], 1.0, 1),
    ],
)
def test_energy_by_hand(values, target, rank):
    assert RANK_RULES["energy"](spectrum_of(values), target).rank == rank


@pytest.mark.parametrize("unit", [1.0, 0.1, 1 / 3, 1e-7, 7e200])
@pytest.mark.parametrize("count", [10, 100, 3000])
@pytest.mark.parametrize("tenths", range(1, 10))
def test_equal_values_reach_a_share_that_is_exact_on_paper(unit, count, tenths):
    s = spectrum_of(np.full(count, unit))
    target = tenths / 10
    assert RANK_RULES["energy"](s, target).rank == tenths * count // 10
    assert RANK_RULES["sv_cumulative"](s, target).rank == tenths * count // 10
    lost = 1.0 - (10 - tenths) / 10  # rounds away from tenths / 10 now and then
    assert RANK_RULES["frobenius"](s, lost**0.5).rank == (10 - tenths) * count // 10


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_integers_equal_exact_arithmetic(seed):
    rng = np.random.default_rng(seed)
    values = np.sort(rng.integers(1, 12, size=15))[::-1]
    whole = [Fraction(int(v)) for v in values]
    squares = [v * v for v in whole]
    for r in range(16):
        for terms, key in ((squares, "energy"), (whole, "sv_cumulative")):
            share = sum(terms[:r], Fraction(0)) / sum(terms)
            choice = RANK_RULES[key](spectrum_of(values), float(share))
            assert choice.rank == exact_share_rank(terms, share) == r


@pytest.mark.parametrize("target", [0.1, 0.5, 0.9, 0.99, 0.999999])
def test_energy_equals_brute_force_and_says_what_one_rank_less_holds(target):
    values = np.sort(np.random.default_rng(3).exponential(size=300))[::-1]
    shares = np.cumsum(values**2) / np.sum(values**2)
    expected = next(r for r in range(1, 301) if shares[r - 1] >= target)
    choice = RANK_RULES["energy"](spectrum_of(values), target)
    assert choice.rank == expected
    assert choice.achieved >= target
    assert f"rank {expected - 1} holds" in choice.reason or expected == 1
    assert "at least" in choice.reason


@pytest.mark.parametrize(
    ("values", "budget", "relative", "rank"),
    [
        ([5, 4, 3], 5.0, False, 1),
        ([5, 4, 3], 3.0, False, 2),
        ([5, 4, 3], 2.999, False, 3),
        ([5, 4, 3], 0.0, False, 3),
        ([1, 1, 1, 1], 0.5, True, 3),
        ([1, 1, 1, 1], 1.0, True, 0),
        ([1, 4e-200, 3e-200], 5e-200, True, 1),
        ([1, 4e-200, 3e-200], 4.9e-200, True, 2),
        ([0, 0], 0.0, True, 0),
        ([2, 1], 1e9, False, 0),
    ],
)
def test_frobenius_budget_by_hand(values, budget, relative, rank):
    assert RANK_RULES["frobenius"](spectrum_of(values), budget, relative).rank == rank


@pytest.mark.parametrize(
    ("values", "budget", "relative", "rank"),
    [
        ([4, 2, 1], 0.5, True, 1),
        ([4, 2, 1], 0.49, True, 2),
        ([4, 2, 1], 0.0, True, 3),
        ([4, 2, 1], 1.0, True, 0),
        ([4, 2, 1], 2.0, False, 1),
        ([4, 2, 0], 0.0, False, 2),
        ([0], 0.0, True, 0),
    ],
)
def test_spectral_budget_by_hand(values, budget, relative, rank):
    assert RANK_RULES["spectral"](spectrum_of(values), budget, relative).rank == rank


@pytest.mark.parametrize(
    ("shape", "share", "rank"),
    [((8, 8), 0.5, 2), ((8, 8), 0.49, 1), ((10, 10), 0.6, 3), ((3, 30), 1.0, 2), ((8, 8), 9, 8)],
)
def test_stored_size_by_hand(shape, share, rank):
    s = spectrum_of(np.ones(min(shape)), shape)
    choice = RANK_RULES["stored_size"](s, share)
    assert choice.rank == rank
    assert choice.achieved <= share * (1 + 1e-12)


# Thresholds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "values", "parameter", "rank"),
    [
        ("relative", [10, 5, 1], 0.5, 1),
        ("relative", [10, 5, 1], 0.4999, 2),
        ("relative", [10, 5, 0], 0.0, 2),
        ("relative", [10, 5, 1], 1.0, 0),
        ("absolute", [10, 5, 1], 5.0, 1),
        ("absolute", [10, 5, 1], 0.0, 3),
        ("absolute", [10, 5, 1], 11.0, 0),
        ("sv_ratio", [10, 5, 1], 10.0, 2),
        ("sv_ratio", [10, 5, 1], 10.5, 3),
        ("sv_ratio", [10, 5, 1], 1.0, 0),
    ],
)
def test_cuts_are_strict(key, values, parameter, rank):
    assert RANK_RULES[key](spectrum_of(values), parameter).rank == rank


@pytest.mark.parametrize(
    ("values", "rank"),
    [
        ([100, 90, 1, 0.9], 2),
        ([8, 4, 2, 1], 1),
        ([1, 1, 1], 3),
        ([5], 1),
        ([1, 0.5, 1e-17, 1e-30], 2),
        ([1, 0.5, 0, 0], 2),
        ([0, 0], 0),
    ],
)
def test_elbow_by_hand(values, rank):
    assert RANK_RULES["elbow"](spectrum_of(values)).rank == rank


# Noise ---------------------------------------------------------------------------------------


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


# LoRA tools ----------------------------------------------------------------------------------


def sd_scripts_rank(values, method, target):
    """Restated from what the tool does; strictness and limits included."""
    if values[0] <= 1e-6:
        return 1
    if method == "sv_ratio":
        first = int(np.sum(values > values[0] / target))
    elif method == "sv_cumulative":
        first = int(np.searchsorted(np.cumsum(values) / np.sum(values), target)) + 1
    else:
        first = int(np.searchsorted(np.cumsum(values**2) / np.sum(values**2), target**2)) + 1
    return max(1, min(first, len(values) - 1)) + 1


@pytest.mark.parametrize("method", ["sv_ratio", "sv_cumulative", "sv_fro"])
@pytest.mark.parametrize("seed", range(4))
def test_lora_rules_reproduce_the_tool_on_request(method, seed):
    values = np.sort(np.random.default_rng(seed).exponential(size=30))[::-1]
    for target in (1.5, 4.0, 1e9) if method == "sv_ratio" else (0.3, 0.9, 0.9999):
        choice = RANK_RULES[method](spectrum_of(values), target, "sd-scripts")
        assert choice.rank == sd_scripts_rank(values, method, target)
        assert "sd-scripts keeps" in choice.reason


@pytest.mark.parametrize(
    ("method", "values", "target", "rank"),
    [
        ("sv_cumulative", [4, 3, 2, 1], 0.7, 2),
        ("sv_cumulative", [4, 3, 2, 1], 0.71, 3),
        ("sv_cumulative", [4, 3, 2, 1], 1.0, 4),
        ("sv_fro", [4, 3, 0], 0.8, 1),
        ("sv_fro", [4, 3, 0], 0.81, 2),
        ("sv_fro", [4, 3, 0], 1.0, 2),
    ],
)
def test_lora_rules_by_hand(method, values, target, rank):
    assert RANK_RULES[method](spectrum_of(values), target).rank == rank
