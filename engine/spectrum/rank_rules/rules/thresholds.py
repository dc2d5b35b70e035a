"""Rules that look at the values themselves: a cut relative to sigma_1, a fixed cut, an elbow."""

from __future__ import annotations

import math

import numpy as np

from engine.sentences import joined, say
from engine.spectrum.description.rounding import rounding_level
from engine.spectrum.rank_rules.choices import kept_above, open_end, smallest_kept
from engine.spectrum.rank_rules.rule import Parameter, RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum


def _relative(s: Spectrum, fraction: float) -> RankChoice:
    head = float(s.values[0]) if s.values.size else 0.0
    return kept_above(s, fraction * head, say("{fraction:.6g} σ₁", fraction=fraction), fraction)


def _absolute(s: Spectrum, level: float) -> RankChoice:
    return kept_above(s, level, "the cut")


def _elbow(s: Spectrum) -> RankChoice:
    """Rank before the largest ratio of neighbours; rounding level counts as the floor.

    Without the floor the largest "gap" of a rank-deficient matrix lies between two rounding errors.
    """
    floor = max(rounding_level(s), float(np.finfo(np.float64).tiny))
    if not s.values.size or s.values[0] == 0.0:
        return RankChoice(0, "All singular values are zero: nothing to keep.", None, None)
    logs = np.log(np.maximum(s.values, floor))
    gaps = logs[:-1] - logs[1:]
    largest = float(gaps.max()) if gaps.size else 0.0
    if largest <= 0.0:
        rank = s.values.size
        reason = say("There is no gap: all {count} values are equal, so all are kept.", count=rank)
        return RankChoice(rank, reason, smallest_kept(s, rank), 0.0, s.complete)
    # Gaps that tie on paper differ by rounding of the logarithms.
    rank = int(np.flatnonzero(gaps >= largest * (1.0 - 1e-12))[0]) + 1
    ratio = math.exp(min(largest, 700.0))
    below = say("rounding level") if s.values[rank] < floor else say("σ_{index}", index=rank + 1)
    reason = say(
        "The largest ratio between neighbours is σ_{rank} / {below} = {ratio:.4g}; the {count} "
        "before it are kept (the first such gap when several tie).",
        rank=rank,
        below=below,
        ratio=ratio,
        count=rank,
    )
    if not s.complete:
        reason = joined(reason, open_end(s))
    return RankChoice(rank, reason, smallest_kept(s, rank), ratio, s.complete)


RELATIVE = RankRule(
    "relative",
    "Relative cut",
    "#{σᵢ > c σ₁}",
    "Golub & Van Loan, Matrix Computations (2013), 5.4.1",
    (
        Parameter(
            "fraction", "Fraction c", 0.01, 0.0, 1.0, "Values at or below this part of σ₁ drop."
        ),
    ),
    _relative,
)
ABSOLUTE = RankRule(
    "absolute",
    "Absolute cut",
    "#{σᵢ > c}",
    "Donoho & Gavish, Ann. Statist. 42 (2014): hard thresholding of singular values",
    (
        Parameter(
            "level", "Level c", 1.0, 0.0, math.inf, "Values at or below drop; in the data's units."
        ),
    ),
    _absolute,
    has_units=True,
)
ELBOW = RankRule(
    "elbow",
    "Largest gap (elbow)",
    "r = argmax log(σ_r / σ_{r+1}), σ floored at rounding level",
    "Cattell, The scree test, Multivar. Behav. Res. 1 (1966), made a ratio of neighbours",
    (),
    _elbow,
    open_above=True,
)
