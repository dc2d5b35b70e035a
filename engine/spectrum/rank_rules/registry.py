"""The rank rules in display order; adding one is a file in `rules` and a line here.

Those of plug-ins follow (`rankscope.rank_rules`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.arguments import real_number
from engine.errors import ArgumentError
from engine.plugins import Plugin, Registered, RegisteredByKey, checked_record, contained
from engine.sentences import say
from engine.spectrum.rank_rules.rule import RankChoice, RankRule
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
from engine.spectrum.spectrum import Spectrum

__all__ = ["RANK_RULES"]

_OWN: tuple[RankRule, ...] = (
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


def _accepted(record: Any, plugin: Plugin) -> RankRule:
    """Return a plug-in's rule with its own code contained."""
    known, who = checked_record(record, RankRule), plugin.who
    choose = contained(known.choose, who)

    def answer(s: Spectrum, **parameters: Any) -> RankChoice:
        found = choose(s, **parameters)
        if isinstance(found, RankChoice):
            return found
        rank = real_number(found)
        if rank is None or rank != int(rank) or not 0 <= rank <= s.rank_limit:
            allowed = say("a rank from 0 to {limit}", limit=s.rank_limit)
            raise ArgumentError(f"{known.key}(s)", found, allowed)
        return RankChoice(int(rank), say("The rule is that of the plug-in {who}.", who=who))

    return replace(known, choose=answer, plugin=who)


RANK_RULES: RegisteredByKey[RankRule] = RegisteredByKey(
    Registered("rankscope.rank_rules", _OWN, _accepted)
)
