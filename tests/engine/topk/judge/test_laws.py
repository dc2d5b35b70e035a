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
    "hard": set(),
    "exp": set(),
    "sigmoid": {"softmax"},
    "laplace": {"softmax"},
    "grad": set(),
    "iterated_softmax": set(),
    "scaled_softmax": {"range", "limit"},
    "dftopk": {"sum", "softmax"},
    "clip": {"softmax"},
}
UNDEFINED = {"hard": {"softmax"}}


@pytest.mark.parametrize("key", BROKEN)
def test_check_laws_finds_exactly_the_broken_ones(key):
    results = check_laws(get_operator(key), X, 8, 0.5)
    assert {r.law for r in results if r.verdict == "broken"} == BROKEN[key]
    assert {r.law for r in results if r.verdict == "undefined"} == UNDEFINED.get(key, set())


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
def test_check_laws_explains_itself_in_words(op):
    for result in check_laws(op, [3.0, -np.inf, 1.0, 1.0, 0.0], 2, 0.3):
        assert result.sentence.endswith(".")
        assert isinstance(result.worst, float)
        assert all(0 <= i < 5 and i != 1 for i in result.witness)
        assert result.ok == (result.worst <= result.tolerance) == (result.verdict == "holds")


def verdict_of(law, key, x, k, tau=0.5):
    return next(r for r in check_laws(get_operator(key), x, k, tau) if r.law == law)


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("k", [2, 1.5])
@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
def test_the_limit_of_scores_tied_at_the_cut_is_undefined(op, k):
    if op.needs_integer_k and k != int(k):
        return
    found = verdict_of("limit", op.key, [3.0, 1.0, 1.0, 0.0, -np.inf], k)
    assert (found.verdict, found.ok, found.witness) == ("undefined", False, ())
    assert math.isnan(found.worst)
    assert "tied" in found.sentence
    assert verdict_of("limit", op.key, [3.0, 3.0, 1.0, 0.0], 2).verdict != "undefined"


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
def test_whether_k_1_is_softmax_does_not_hang_on_tau(op, scale):
    x = scale * np.array([2.0, 1.0, 0.5, -1.0])
    found = {verdict_of("softmax", op.key, x, 2, scale * t).verdict for t in (1e-3, 0.1, 1, 10)}
    softmaxes = {
        "exp", "grad", "grad_recursive", "iterated_softmax", "iterated_weighted_softmax",
        "scaled_softmax", "softsort",
    }  # fmt: skip
    expected = "undefined" if not op.has_tau else "holds" if op.key in softmaxes else "broken"
    assert found == {expected}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("key", ["laplace", "sigmoid", "exp", "grad"])
def test_whether_k_1_is_softmax_does_not_hang_on_tau_whatever_the_scores(key, seed):
    """Laplace differs only where a score has more than half, which a short spread does not show."""
    generator = np.random.default_rng(seed)
    for n in (2, 11, 300):
        x = generator.standard_normal(n) if seed % 2 else np.sort(generator.random(n)) ** 9
        found = {verdict_of("softmax", key, x, 1, t).verdict for t in (1e-3, 0.1, 1.0, 10.0, 1e3)}
        assert found == {"holds" if key in ("exp", "grad") else "broken"}
        tied = np.append(x, x.max())
        found = {verdict_of("softmax", key, tied, 1, t).verdict for t in (1e-3, 0.1, 1.0, 10.0)}
        assert found == {"broken" if key == "sigmoid" else "holds"}


def test_softmax_is_judged_at_the_worst_of_four_temperatures():
    x, sizes = np.array([2.0, 1.0, 0.5, -1.0]), {}
    for tau in (10.0, 0.9, 3.0, 1.0 / np.log(12.0)):
        e = np.exp((x - 2.0) / tau)
        sizes[tau] = np.abs(get_operator("sigmoid")(x, 1, tau) - e / e.sum()).max()
    worst = max(sizes, key=sizes.get)
    assert worst != 10.0
    found = verdict_of("softmax", "sigmoid", x, 2, 10.0)
    assert_allclose(found.worst, sizes[worst], rtol=1e-12)
    assert f"tau = {worst:.4g} " in found.sentence


@pytest.mark.parametrize("key", ["exp", "sigmoid", "hard"])
def test_laws_of_equal_masked_or_single_scores_are_answered(key):
    same = verdict_of("softmax", key, [2.0, 2.0, 2.0], 1)
    assert same.verdict == ("undefined" if key == "hard" else "holds")
    masked = check_laws(get_operator(key), [-np.inf, -np.inf], 1, 0.5)
    assert [one.law for one in masked] == [one.law for one in check_laws(get_operator(key), X, 8)]
    assert {(one.verdict, one.ok) for one in masked} == {("undefined", False)}
    assert verdict_of("softmax", key, [7.0], 1).verdict != "broken"
    wide = verdict_of("softmax", key, [1e308, -1e308, 0.0], 1, 1e300)  # the spread overflows
    assert wide.verdict == {"hard": "undefined", "exp": "holds"}.get(key, "broken")


def test_claims_about_a_limit_that_is_not_defined_say_so():
    claims = {c.title: c for c in check_claims([2.0, 1.0, 1.0, -1.0], 2, 0.2)}
    assert claims["limit"].verdict == "undefined"
    assert math.isnan(claims["limit"].measured)
    assert "tied" in claims["limit"].witness
    assert claims["sum"].verdict == "holds"


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


@pytest.mark.sample(1 / 4)
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
