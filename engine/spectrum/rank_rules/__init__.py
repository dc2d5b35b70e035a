"""Rules that choose a rank from a spectrum, each one record in `RANK_RULES`."""

from engine.spectrum.rank_rules.registry import RANK_RULES
from engine.spectrum.rank_rules.rule import Parameter, RankChoice, RankRule

__all__ = ["RANK_RULES", "Parameter", "RankChoice", "RankRule"]
