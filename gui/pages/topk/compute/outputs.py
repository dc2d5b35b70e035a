"""What every compared operator makes of the scores, at one tau for all or each at its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from gui.core.declare.marks import answers_of, member_of, value_of
from gui.core.declare.parameter import choice, number
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass
from gui.pages.topk.compute.catalogue import compared, whole_k
from gui.pages.topk.compute.evaluate import evaluate, too_long
from gui.pages.topk.compute.refused import Refused
from gui.pages.topk.compute.scores import (
    Dragged,
    Order,
    Scores,
    Shown,
    hard_mask,
    mass_moved,
    unmasked,
    why_unmasked,
)

if TYPE_CHECKING:
    from engine.jobs import Progress

TAU_MIN, TAU_MAX = 1e-3, 1e3

Comparison = Literal["tau", "mass", "entropy"]
COMPARISONS: Mapping[Comparison, str] = {
    "tau": "equal tau",
    "mass": "equal mass moved",
    "entropy": "equal entropy",
}
Taus = tuple[tuple[str, float], ...]


class Comparing(Record):
    """At what the operators are compared."""

    comparison: Comparison = choice(
        "tau",
        COMPARISONS,
        "&Compare at",
        "The same tau means a different softness for every operator. Equal softness chooses each "
        "operator's own tau.",
    )


def equal_tau(comparison: Comparison = Comparing.comparison) -> bool:
    """Return whether one tau is in force for all."""
    return comparison == "tau"


def equal_softness(comparison: Comparison = Comparing.comparison) -> bool:
    """Return whether each operator has its own tau."""
    return comparison != "tau"


def few_of(shape: tuple[int, ...]) -> int:
    """Return how many of so many scores are kept at first: of all, nothing could be chosen.

    Examples
    --------
    >>> few_of((512, 64)), few_of((40, 8)), few_of((3,)), few_of((5, 0))
    (8, 2, 1, 1)
    """
    count = shape[-1] if shape else 1
    return 8 if count >= 16 else max(1, count // 4)


class Kept(Record):
    """How many are kept, and how softly."""

    k: float = number(
        8.0,
        (0.0, unmasked),
        "&k",
        "k: how many scores are kept, sum p = k, 0 ≤ k ≤ n",
        whole=whole_k,
        because=why_unmasked,
        per_array=True,
        suits=few_of,
    )
    tau: float = number(
        0.5,
        (TAU_MIN, TAU_MAX),
        "&tau",
        "Temperature tau > 0, in the unit of the scores: p = ST_k(x / tau)",
        log=True,
        enabled=equal_tau,
        why="At equal softness every operator has its own tau, which stands in the read-outs.",
    )


def softness_unit(comparison: Comparison = Comparing.comparison) -> str:
    """Return what the softness counts."""
    return tr("bits") if comparison == "entropy" else tr("share of k")


class Softness(Record):
    """What all operators are held to where each has its own tau."""

    softness: float = number(
        0.2,
        (1e-3, 1.0),
        "&Softness",
        "Mass moved: sum |p - T_k| / k. Entropy: mean binary entropy of p, in bits.",
        log=True,
        unit=softness_unit,
        when=equal_softness,
    )


@dataclass(frozen=True, eq=False)
class OperatorOutput:
    """One operator's answer.

    ``p`` is listed by index or by rank, as ``by`` says; ``total`` is sum p and ``moved`` the mass
    moved, sum |p - T_k| / k. ``remark`` says what is the matter with it, ``about`` which control
    ("softness", "operators") that concerns.
    """

    key: str
    scores: Scores
    k: float
    tau: float
    p: Floats
    by: Order = "index"
    seconds: float = 0.0
    total: float = float("nan")
    moved: float = float("nan")
    remark: str = ""
    about: str = ""

    def by_index(self) -> Floats:
        """Return p in the order of the scores' indices."""
        if self.by == "index":
            return self.p
        p = np.empty_like(self.p)
        p[self.scores.order] = self.p
        return p


class Outputs(Step, key="outputs"):
    """One operator's output; a family over those compared.

    At equal softness it solves its own tau and answers p with that: a step before it would be a
    chain over whole families.
    """

    scores: Scores = value_of(Dragged)
    operator: str = member_of(compared)
    order: Order = Shown.order
    k: float = Kept.k
    comparison: Comparison = Comparing.comparison
    tau: float = Kept.tau
    softness: float = Softness.softness

    @property
    def apart(self) -> bool:
        """Whether its work grows faster than the scores: it must not hold up the others."""
        return _grows(self.operator)

    def run(self, progress: Progress | None = None) -> OperatorOutput:
        """Return p, and the tau it was made with.

        Raises
        ------
        engine.errors.RankscopeError, Refused
            When the operator does not answer.
        """
        from engine.jobs import checkpoint

        checkpoint(progress)
        if refusal := too_long(self.operator, self.scores.size, self.k):
            raise Refused(refusal, "operator")
        if not _has_tau(self.operator):
            found = _at_any_tau(self.operator, self.scores, self.k, self.order)
            return replace(found, tau=self.tau) if self.comparison == "tau" else found
        tau, missed = self._own_tau()
        found = measured(self.operator, self.scores, self.k, tau, self.order)
        return replace(found, remark=missed, about="softness") if missed else found

    def _own_tau(self) -> tuple[float, str]:
        if self.comparison == "tau":
            return self.tau, ""
        return own_tau(self.operator, self.scores, self.k, self.comparison, self.softness)


def own_tau(key: str, scores: Scores, k: float, measure: str, softness: float) -> tuple[float, str]:
    """Return (tau, "") at which an operator has this softness.

    Where nothing or everything is kept p is the same at every tau: then (1, why it has none).

    Raises
    ------
    Refused
        When the operator does not reach it.
    engine.errors.RankscopeError
        When the operator does not answer.
    """
    from engine.errors import RankscopeError
    from engine.topk import get_operator, match_softness

    try:
        (found,) = match_softness([get_operator(key)], scores.values, k, softness, measure)
    except RankscopeError as error:
        if 0.0 < k < scores.unmasked:
            raise
        return 1.0, tr_sentence(error)
    if not found.ok:
        raise Refused(tr_sentence(found.sentence), "softness")
    return found.tau, ""


def measured(key: str, scores: Scores, k: float, tau: float, by: Order) -> OperatorOutput:
    """Return an operator's answer with its sum and the mass moved."""
    p, seconds = evaluate(key, scores, k, tau, by)
    mask, total = hard_mask(scores, k, by), float(p.sum())
    found = OperatorOutput(key, scores, k, tau, p, by, seconds, total, mass_moved(p, mask, k))
    if np.isnan(total):
        lost = tr("This construction has lost all digits here: p is not a number.")
        return replace(found, remark=lost, about="operators")
    return found


@lru_cache(maxsize=2)
def _at_any_tau(key: str, scores: Scores, k: float, by: Order) -> OperatorOutput:
    """Return the answer of an operator without temperature: the same while tau moves."""
    return measured(key, scores, k, 1.0, by)


@cache
def _grows(operator: str) -> bool:
    from engine.topk import get_operator

    return get_operator(operator).cost != "n"


@cache
def _has_tau(operator: str) -> bool:
    from engine.topk import get_operator

    return get_operator(operator).has_tau


def taus(
    compared: tuple[str, ...] = value_of(compared),
    tau: float = Kept.tau,
    outputs: Mapping[str, OperatorOutput] | None = answers_of(Outputs, when=equal_softness),
) -> Taus:
    """Return the tau of each compared operator; at equal softness of those that have answered."""
    if outputs is None:
        return tuple((key, tau) for key in compared)
    refused = getattr(outputs, "errors", {})
    return tuple((key, one.tau) for key, one in outputs.items() if key not in refused)
