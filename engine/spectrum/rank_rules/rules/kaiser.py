"""Kaiser's rule: components that carry more than an average one."""

from __future__ import annotations

import math

import numpy as np

from engine.sentences import joined
from engine.spectrum.rank_rules.choices import COMPONENTS, ROUNDING, kept_above
from engine.spectrum.rank_rules.rule import RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum


def _kaiser(s: Spectrum) -> RankChoice:
    mean = s.frobenius / math.sqrt(max(s.rank_limit, 1))
    answer = kept_above(s, _beyond_rounding(s, mean), "the root mean square of all σ")
    reason = joined(answer.reason, COMPONENTS)
    return RankChoice(answer.rank, reason, answer.cut, answer.achieved, answer.certain)


def _beyond_rounding(s: Spectrum, mean: float) -> float:
    """The mean and its rounding, so that equal values, as they are computed, are not above it."""
    above = int(np.count_nonzero(s.values > mean))
    if not (s.complete and above):
        return mean * (1.0 + ROUNDING)
    error = s.error_bound if s.errors is None else float(s.errors[above - 1])
    return mean * (1.0 + ROUNDING) + error


KAISER = RankRule(
    "kaiser",
    "Above the mean (Kaiser)",
    "#{σᵢ² > mean σ²}",
    "Kaiser, Educ. Psychol. Meas. 20 (1960); of covariances: Jolliffe (2002), 6.1.2",
    (),
    _kaiser,
)
