"""Rules that choose a rank from a spectrum, each one record in `RANK_RULES`.

Adding a rule is one record in a file of this folder and one line in the tuple below.
"""

from collections.abc import Mapping
from types import MappingProxyType

from engine.spectrum.rank_rules.adapters import SV_CUMULATIVE, SV_FRO, SV_RATIO
from engine.spectrum.rank_rules.noise import (
    GAVISH_DONOHO,
    GAVISH_DONOHO_KNOWN,
    MP_EDGE,
    PARALLEL_ANALYSIS,
)
from engine.spectrum.rank_rules.rule import Parameter, RankChoice, RankRule
from engine.spectrum.rank_rules.shares import ENERGY, FROBENIUS, SPECTRAL, STORED_SIZE
from engine.spectrum.rank_rules.thresholds import ABSOLUTE, ELBOW, RELATIVE

__all__ = ["RANK_RULES", "Parameter", "RankChoice", "RankRule"]

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
            SV_RATIO,
            SV_CUMULATIVE,
            SV_FRO,
        )
    }
)
