"""Kaiser's rule: components that carry more than an average one."""

from __future__ import annotations

import math

from engine.sentences import joined
from engine.spectrum.description.rounding import rounding_level
from engine.spectrum.rank_rules.choices import COMPONENTS, ROUNDING, kept_above
from engine.spectrum.rank_rules.rule import RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum


def _kaiser(s: Spectrum) -> RankChoice:
    mean = s.frobenius / math.sqrt(max(s.rank_limit, 1))
    # Values that are equal but for rounding, of entries or of the sum, are not above their mean.
    threshold = mean * (1.0 + ROUNDING) + rounding_level(s)
    answer = kept_above(s, threshold, "the root mean square of all σ and its rounding")
    reason = joined(answer.reason, COMPONENTS)
    return RankChoice(answer.rank, reason, answer.cut, answer.achieved, answer.certain)


KAISER = RankRule(
    "kaiser",
    "Above the mean (Kaiser)",
    "#{σᵢ² > mean σ²}",
    "Kaiser, Educ. Psychol. Meas. 20 (1960); of covariances: Jolliffe (2002), 6.1.2",
    (),
    _kaiser,
)
