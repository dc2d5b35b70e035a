"""What every rank rule promises."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine.spectrum.rank_rules.registry import RANK_RULES
from engine.spectrum.rank_rules.rule import RankRule
from engine.spectrum.spectrum import Spectrum
from engine.suites.check import Check, refused

__all__ = ["RANK_RULE_CHECKS", "leading_part", "spectrum_of"]

_SPECTRA: tuple[Sequence[float], ...] = (
    [1.0],
    [0.0],
    [0.0] * 6,
    [1.0] * 6,
    [5.0, 4.0, 0.0],
    [0.5**i for i in range(20)],
    [3e-300, 1e-300],
)


def spectrum_of(
    values: ArrayLike,
    shape: tuple[int, int] | None = None,
    dtype: str = "float64",
) -> Spectrum:
    """Return the complete spectrum of given values, of a square matrix if nothing else is said."""
    values = np.asarray(values, dtype=np.float64)
    norm = float(np.hypot.reduce(values)) if values.size else 0.0
    shape = shape or (values.size, values.size)
    return Spectrum(values, shape, dtype, "svd", 0.0, True, norm)


def leading_part(values: ArrayLike, known: int) -> Spectrum:
    """Return the first ``known`` values, slightly too small as a randomized method gives them."""
    values = np.asarray(values, dtype=np.float64)
    low = values[:known] * (1.0 - 1e-3)
    norm = float(np.sqrt(np.sum(values**2)))
    residual = float(np.sqrt(norm**2 - np.sum(low**2)))
    upper = np.sqrt(low**2 + residual**2)
    bound = float(np.max(upper - low))
    shape = (values.size, values.size)
    return Spectrum(low, shape, "float64", "randomized", bound, False, norm, residual, upper)


def record_says_what_it_is(rule: RankRule) -> None:
    """It has a title, is found by its key, and its parameters say what they mean."""
    assert RANK_RULES[rule.key] is rule
    assert rule.title
    assert rule.plugin or (rule.formula and rule.source)
    for parameter in rule.parameters:
        assert parameter.meaning
        assert parameter.check(parameter.default) == parameter.default


def rank_is_possible_and_the_reason_speaks(rule: RankRule) -> None:
    """Also of zero, constant, deficient and tiny values."""
    for values in _SPECTRA:
        choice = rule(spectrum_of(values))
        assert isinstance(choice.rank, int)
        assert 0 <= choice.rank <= np.count_nonzero(values), f"rank {choice.rank} of {values}"
        assert choice.certain
        assert len(choice.reason) > 20
        assert "nan" not in choice.reason.lower()
        assert choice.rule == rule.key
        assert set(choice.parameters) == {p.key for p in rule.parameters}


def an_empty_matrix_has_rank_zero(rule: RankRule) -> None:
    """There is nothing to keep."""
    assert rule(spectrum_of([], (0, 7))).rank == 0


def rank_does_not_depend_on_the_unit(rule: RankRule) -> None:
    """Unless the record says has_units."""
    if rule.has_units:
        return
    values = np.sort(np.random.default_rng(4).exponential(size=50))[::-1]
    for scale in (1e-300, 1e300, 2.0**-900):
        assert rule(spectrum_of(values * scale)).rank == rule(spectrum_of(values)).rank


def a_choice_survives_a_process_boundary(rule: RankRule) -> None:
    """It is pickled whole."""
    choice = rule(spectrum_of([3.0, 1.0]))
    assert pickle.loads(pickle.dumps(choice)) == choice


def values_below_the_cut_are_dropped_and_those_above_kept(rule: RankRule) -> None:
    """Where the rule names a cut."""
    values = np.sort(np.random.default_rng(8).lognormal(0, 2, size=40))[::-1]
    choice = rule(spectrum_of(values))
    if choice.cut is not None:
        assert np.count_nonzero(values >= choice.cut) == choice.rank


def leading_values_are_refused_or_decide_safely(rule: RankRule) -> None:
    """A rule that needs all values refuses; another is certain only where it is right."""
    values = 0.9 ** np.arange(30)
    if rule.needs_complete:
        with refused("complete spectrum"):
            rule(leading_part(values, 10))
        return
    truth = rule(spectrum_of(values)).rank
    for known in (2, 10, 29):
        choice = rule(leading_part(values, known))
        if not choice.certain:
            assert rule.plugin or "known" in choice.reason
            assert choice.rank <= truth or rule.open_above
        elif rule.may_exceed:
            assert choice.rank >= truth
        else:
            said = "say needs_complete=True" if rule.plugin else ""
            assert choice.rank == truth, f"certain of {choice.rank}, truly {truth}. {said}"


def parameters_out_of_range_are_refused_by_name(rule: RankRule) -> None:
    """Below, NaN, and no number at all."""
    for parameter in rule.parameters:
        for bad in (-1, np.nan, "x"):
            with refused(parameter.key):
                rule(spectrum_of([1.0]), **{parameter.key: bad})


RANK_RULE_CHECKS: tuple[Check, ...] = (
    record_says_what_it_is,
    rank_is_possible_and_the_reason_speaks,
    an_empty_matrix_has_rank_zero,
    rank_does_not_depend_on_the_unit,
    a_choice_survives_a_process_boundary,
    values_below_the_cut_are_dropped_and_those_above_kept,
    leading_values_are_refused_or_decide_safely,
    parameters_out_of_range_are_refused_by_name,
)
