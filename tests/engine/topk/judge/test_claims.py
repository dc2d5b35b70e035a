"""The claims at one temperature, and at one for each operator."""

import numpy as np
import pytest

from engine.errors import ArgumentError
from engine.topk import check_claims, check_laws, get_operator

SCORES = np.random.default_rng(6).normal(size=24)
OWN = {"exp": 0.4, "sigmoid": 0.2, "laplace": 0.3, "grad": 0.7}


def test_one_temperature_is_the_same_for_all():
    assert check_claims(SCORES, 5, dict.fromkeys(OWN, 0.3)) == check_claims(SCORES, 5, 0.3)


def test_each_operator_is_judged_at_its_own_temperature():
    found = {claim.title: claim.measured for claim in check_claims(SCORES, 5, OWN)}
    sums = {}
    for key, tau in OWN.items():
        (law,) = (one for one in check_laws(get_operator(key), SCORES, 5, tau) if one.law == "sum")
        sums[law.worst / law.tolerance] = law.worst
    assert found["sum"] == sums[max(sums)]
    # Softmax is looked at from there and from three temperatures of the scores.
    spread, gaps = np.ptp(SCORES), []
    second, first = np.sort(SCORES)[-2:]
    sharp = (first - second) / np.log(4.0 * (SCORES.size - 1))
    for tau in (OWN["laplace"], 0.3 * spread, spread, sharp):
        e = np.exp((SCORES - SCORES.max()) / tau)
        gaps.append(np.abs(get_operator("laplace")(SCORES, 1, tau) - e / e.sum()).max())
    assert found["laplace is softmax at k = 1"] == pytest.approx(max(gaps))


@pytest.mark.parametrize("taus", [{"exp": 1.0}, {**OWN, "grad": 0.0}])
def test_a_temperature_that_is_missing_or_none_is_refused(taus):
    with pytest.raises(ArgumentError) as caught:
        check_claims(SCORES, 5, taus)
    assert caught.value.argument == "tau"
