"""What holds for every rank rule."""

from __future__ import annotations

import pytest

from engine.errors import ArgumentError
from engine.spectrum import RANK_RULES
from engine.suites import RANK_RULE_CHECKS
from engine.suites.rank_rules import spectrum_of


@pytest.mark.parametrize("key", sorted(RANK_RULES))
@pytest.mark.parametrize("check", RANK_RULE_CHECKS, ids=lambda check: check.__name__)
def test_rule_keeps_what_all_promise(key, check):
    check(RANK_RULES[key])


def test_unknown_and_repeated_parameters_are_refused():
    s = spectrum_of([1.0])
    with pytest.raises(ArgumentError, match="share"):
        RANK_RULES["energy"](s, share=0.5)
    with pytest.raises(ArgumentError, match="given once"):
        RANK_RULES["energy"](s, 0.5, target=0.5)
    with pytest.raises(ArgumentError, match="at most 1"):
        RANK_RULES["energy"](s, 0.5, 0.5)
