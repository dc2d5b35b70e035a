"""Kaiser's rule: components that carry more than an average one."""

from __future__ import annotations

import math

from engine.spectrum.rank_rules.choices import kept_above
from engine.spectrum.rank_rules.rule import RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum


def _kaiser(s: Spectrum) -> RankChoice:
    mean = s.frobenius / math.sqrt(max(s.rank_limit, 1))
    return kept_above(s, mean, "the root mean square")


KAISER = RankRule(
    "kaiser",
    "Above the mean (Kaiser)",
    "#{σᵢ² > mean σ²}",
    "Kaiser, Educ. Psychol. Meas. 20 (1960), for covariance instead of correlation",
    (),
    _kaiser,
)
