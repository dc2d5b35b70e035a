"""Shares, budgets and thresholds by hand and in exact arithmetic; LoRA rules against the tool."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from engine.spectrum import RANK_RULES
from engine.suites.rank_rules import spectrum_of


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
