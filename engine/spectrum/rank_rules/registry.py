"""The rank rules in display order; adding one is a file in `rules` and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.spectrum.rank_rules.rule import RankRule
from engine.spectrum.rank_rules.rules.adapters import SV_CUMULATIVE, SV_FRO, SV_RATIO
from engine.spectrum.rank_rules.rules.broken_stick import BROKEN_STICK
from engine.spectrum.rank_rules.rules.kaiser import KAISER
from engine.spectrum.rank_rules.rules.minka import MINKA
from engine.spectrum.rank_rules.rules.noise import (
    GAVISH_DONOHO,
    GAVISH_DONOHO_KNOWN,
    MP_EDGE,
    PARALLEL_ANALYSIS,
)
from engine.spectrum.rank_rules.rules.shares import ENERGY, FROBENIUS, SPECTRAL, STORED_SIZE
from engine.spectrum.rank_rules.rules.thresholds import ABSOLUTE, ELBOW, RELATIVE

__all__ = ["RANK_RULES"]

RANK_RULES: Mapping[str, RankRule] = MappingProxyType(
    {
        rule.key: rule
        for rule in (
            ENERGY,
            RELATIVE,
            ABSOLUTE,
            FROBENIUS,
            SPECTRAL,
            STORED_SIZE,
            GAVISH_DONOHO,
            GAVISH_DONOHO_KNOWN,
            MP_EDGE,
            PARALLEL_ANALYSIS,
            ELBOW,
            KAISER,
            BROKEN_STICK,
            MINKA,
            SV_RATIO,
            SV_CUMULATIVE,
            SV_FRO,
        )
    }
)
