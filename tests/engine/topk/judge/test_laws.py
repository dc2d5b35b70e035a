"""Laws, claims and equal softness: measured verdicts with witnesses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError
from engine.topk import (
    OPERATORS,
    check_claims,
    check_laws,
    get_operator,
    mask_entropy,
    mass_moved,
    match_softness,
)

X = np.random.default_rng(0).standard_normal(24)
BROKEN = {
    "hard": {"softmax"},
    "exp": set(),
    "sigmoid": {"softmax"},
    "laplace": set(),
    "grad": set(),
    "iterated_softmax": set(),
    "scaled_softmax": {"range", "limit"},
    "dftopk": {"sum", "softmax"},
    "clip": {"softmax"},
}


@pytest.mark.parametrize("key", BROKEN)
def test_check_laws_finds_exactly_the_broken_ones(key):
    results = check_laws(get_operator(key), X, 8, 0.5)
    assert {r.law for r in results if not r.ok} == BROKEN[key]


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
def test_check_laws_explains_itself_in_words(op):
    for result in check_laws(op, [3.0, -np.inf, 1.0, 1.0, 0.0], 2, 0.3):
        assert result.sentence.endswith(".")
        assert isinstance(result.worst, float)
        assert all(0 <= i < 5 and i != 1 for i in result.witness)
        assert result.ok == (result.worst <= result.tolerance)


def test_monotonicity_names_a_tied_pair_treated_differently():
    results = check_laws(get_operator("hard"), [1.0, 2.0, 2.0], 1)
    found = next(r for r in results if r.law == "monotonicity")
    assert found.worst == 1.0
    assert set(found.witness) == {1, 2}


def test_broken_gradient_is_caught():
    import dataclasses

    from engine.topk.operators.threshold import SIGMOID
    from engine.topk.threshold.family import ThresholdSolution

    class Wrong(ThresholdSolution):
        def jvp(self, v):
            return 1.001 * super().jvp(v)

    wrong = dataclasses.replace(
        SIGMOID, key="wrong", solve=lambda rows: Wrong(rows, SIGMOID.solve(rows).distribution)
    )
    found = next(r for r in check_laws(wrong, X, 8) if r.law == "gradient")
    assert not found.ok
    assert_allclose(found.worst, 1e-3, rtol=0.5)


def test_claims_carry_measured_verdicts():
    claims = {c.title: c for c in check_claims([2.0, 1.0, 0.5, -1.0], 2, 0.2)}
    assert claims["sum"].verdict == "holds"
    assert claims["weighted limit"].verdict == "holds"
    assert claims["laplace is softmax at k = 1"].verdict == "fails"
    assert claims["exp is softmax at k = 1"].measured < 1e-12
    hard = 10.0 * np.random.default_rng(0).standard_normal(40)
    broken = {c.title: c for c in check_claims(hard, 20)}["recursion breaks down"]
    assert broken.verdict == "holds"
    assert broken.measured >= 1
    kept = {c.title: c for c in check_claims([2.0, 1.0, 0.5], 1)}["recursion breaks down"]
    assert kept.verdict == "not applicable"


@pytest.mark.parametrize("k", [0, 1, 1.5, 4])
@pytest.mark.parametrize("x", [[1.0, 1.0, 1.0, 1.0], [5.0, -np.inf, 2.0, 1.0, 1e8]])
def test_claims_and_laws_answer_on_corner_inputs(x, k):
    assert len(check_claims(x, k, 0.1)) >= 9
    assert len(check_laws(get_operator("sigmoid"), x, k, 0.1)) == 7


def test_softness_measures():
    assert mass_moved([1.0, 0.0], [1.0, 0.0]) == 0.0
    assert_allclose(mass_moved([0.5, 0.5, 0.5], [1.0, 0.0, 0.0]), 1.5)
    assert mask_entropy([0.0, 1.0]) == 0.0
    assert_allclose(mask_entropy([0.5]), 1.0)
    with pytest.raises(ArgumentError, match="hard"):
        mass_moved([1.0], [1.0, 0.0])


@pytest.mark.parametrize("measure", ["mass", "entropy"])
def test_match_softness_meets_the_target_or_says_why_not(measure):
    matches = {m.key: m for m in match_softness(OPERATORS, X, 8, 0.2, measure)}
    for key in ("exp", "sigmoid", "laplace", "grad", "gaussian", "clip", "cauchy", "softsort"):
        found = matches[key]
        assert found.ok, found.sentence
        p = get_operator(key)(X, 8, found.tau)
        value = mass_moved(p, get_operator("hard")(X, 8)) if measure == "mass" else mask_entropy(p)
        assert_allclose(value, 0.2, rtol=0, atol=1e-6)
    assert not matches["hard"].ok
    assert math.isnan(matches["hard"].tau)
    assert "cannot reach" in matches["hard"].sentence


def test_match_softness_refuses_what_it_cannot_mean():
    ops = [get_operator("sigmoid")]
    for arguments in [(X, 0, 0.1), (X, 24, 0.1), (X, 8, -1.0), (X, 8, 0.1, "heat")]:
        with pytest.raises(ArgumentError):
            match_softness(ops, *arguments)


def test_what_is_exact_is_within_0_and_not_within_a_power_of_ten_of_it():
    claims = check_claims(np.array([3.0, 1.0, 0.5, -1.0]), 2, 0.5)
    assert "exp: At tau = 1.2e-08 p is the hard mask within 0." in [
        claim.witness for claim in claims
    ]
    assert not [claim.witness for claim in claims if "0.0e+00" in claim.witness]
