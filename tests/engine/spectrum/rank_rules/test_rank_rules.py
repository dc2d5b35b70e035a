"""What holds for every rank rule."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from engine.errors import ArgumentError
from engine.spectrum import RANK_RULES
from tests.engine.spectrum.spectra import leading_part, spectrum_of

ALL = sorted(RANK_RULES)
NEEDS_COMPLETE = [key for key in ALL if RANK_RULES[key].needs_complete]


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
@pytest.mark.parametrize("key", [key for key in ALL if not RANK_RULES[key].has_units])
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
    if choice.cut is not None:
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
        assert choice.rank <= truth or RANK_RULES[key].open_above
    elif RANK_RULES[key].may_exceed:
        assert choice.rank >= truth
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
