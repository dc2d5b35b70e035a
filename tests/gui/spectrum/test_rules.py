"""Where the rank rules agree."""

from __future__ import annotations

import pytest

from gui.pages.spectrum.compute.rules import RuleRow, agreement


def rows(*ranks, certain=True):
    return tuple(
        RuleRow(f"rule{place}", "Rule", "", "", rank, "", certain, 0.0, 0.0)
        for place, rank in enumerate(ranks)
    )


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ((3, 3, 3, 2, 99, 160, 192, 192, 54, 71), (2, 3, 4)),  # noise against energy
        ((8, 8, 8, 8), (8, 8, 4)),
        ((10, 12, 15, 40, 50, 58), (40, 58, 3)),  # of equal camps the narrower: 59/41 < 16/11
        ((0, 0, 0, 7), (0, 0, 3)),
        ((1, 10, 100, 1000), None),
        ((5, 5), None),
        ((None, None, 4, 4, 4), (4, 4, 3)),
    ],
)
def test_agreement_is_the_camp_with_most_rules(ranks, expected):
    assert agreement(rows(*ranks)) == expected


def test_agreement_leaves_out_rules_that_are_not_certain():
    assert agreement(rows(4, 4, 4, certain=False)) is None
