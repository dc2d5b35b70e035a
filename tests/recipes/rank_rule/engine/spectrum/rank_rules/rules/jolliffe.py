"""Jolliffe's rule: components that carry more than seven tenths of an average one."""

from __future__ import annotations

import math

from engine.spectrum.rank_rules.choices import kept_above
from engine.spectrum.rank_rules.rule import RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum


def _jolliffe(s: Spectrum) -> RankChoice:
    mean = s.frobenius / math.sqrt(max(s.rank_limit, 1))
    return kept_above(s, math.sqrt(0.7) * mean, "the root of 0.7 mean squares")


JOLLIFFE = RankRule(
    "jolliffe",
    "Above 0.7 of the mean (Jolliffe)",
    "#{σᵢ² > 0.7 mean σ²}",
    "Jolliffe, Appl. Statist. 21 (1972), for covariance instead of correlation",
    (),
    _jolliffe,
)
