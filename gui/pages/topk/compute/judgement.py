"""Verdicts on the operators: the laws and the claims, measured on the scores in force."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gui.core.declare.marks import value_of
from gui.core.declare.parameter import stored
from gui.core.declare.records import Record
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass
from gui.pages.topk.compute.evaluate import spoken, too_long
from gui.pages.topk.compute.following import Following
from gui.pages.topk.compute.outputs import (
    Comparing,
    Comparison,
    Kept,
    Softness,
    Taus,
    own_tau,
    taus,
)
from gui.pages.topk.compute.permutation import PermutationMethod, Permuting, Swap
from gui.pages.topk.compute.refused import Refused
from gui.pages.topk.compute.scores import Scores

if TYPE_CHECKING:
    from engine.jobs import Progress

CLAIMED = ("exp", "sigmoid", "laplace", "grad")  # the operators that the claims are about


class Clicked(Record):
    """The cell of the law table that was clicked, "operator:law", "" for none."""

    witness: str = stored("", "witness")


@dataclass(frozen=True)
class LawVerdict:
    """One law for one operator: "holds", "broken" or "undefined", the worst violation, the scores
    that show it, and words."""

    operator: str
    law: str
    verdict: str
    worst: float
    indices: tuple[int, ...]
    sentence: str


@dataclass(frozen=True)
class ClaimVerdict:
    """One claim: a verdict of the engine, the number behind it, and the evidence."""

    title: str
    statement: str
    verdict: str
    measured: float
    evidence: str


@dataclass(frozen=True)
class ClaimReport:
    """All claims, and the tau that each operator was measured at."""

    claims: tuple[ClaimVerdict, ...]
    taus: Taus


@dataclass(frozen=True, eq=False)
class LawReport:
    """All verdicts on these scores at these taus, and why an operator was not judged."""

    scores: Scores
    taus: Taus
    verdicts: tuple[LawVerdict, ...]
    refusals: tuple[tuple[str, str], ...]

    def witness(self, cell: str) -> tuple[int, ...]:
        """Return the scores that show what a cell "operator:law" of the table says."""
        operator, _, law = cell.partition(":")
        found = (one for one in self.verdicts if (one.operator, one.law) == (operator, law))
        return next((one.indices for one in found), ())


class JudgeLaws(Following, key="laws"):
    """Measure every law for every operator at its tau."""

    taus: Taus = value_of(taus)

    def run(self, progress: Progress | None = None) -> LawReport:
        """Return the verdicts, operator by operator."""
        from engine.errors import RankscopeError
        from engine.jobs import checkpoint
        from engine.topk import check_laws, get_operator

        verdicts: list[LawVerdict] = []
        refusals: list[tuple[str, str]] = []
        for place, (key, tau) in enumerate(self.taus):
            phrase = spoken(self.scores, tr("Measuring the laws"))
            checkpoint(progress, place / len(self.taus), phrase)
            refusal = too_long(key, self.scores.size, self.k)
            if refusal:
                refusals.append((key, refusal))
                continue
            try:
                results = check_laws(get_operator(key), self.scores.values, self.k, tau)
            except RankscopeError as error:
                refusals.append((key, tr_sentence(error)))
                continue
            verdicts += [
                LawVerdict(
                    key, one.law, one.verdict, one.worst, one.witness, tr_sentence(one.sentence)
                )
                for one in results
            ]
        return LawReport(self.scores, self.taus, tuple(verdicts), tuple(refusals))


class JudgeClaims(Following, key="claims"):
    """Measure every claim of the article, each operator at its tau."""

    comparison: Comparison = Comparing.comparison
    tau: float = Kept.tau
    softness: float = Softness.softness
    permutation: PermutationMethod = Permuting.permutation
    swap: Swap = Permuting.swap

    def run(self, progress: Progress | None = None) -> ClaimReport:
        """Return the verdicts in the order of the article, then those on the permutation."""
        from engine.topk import check_claims

        own = {key: self._tau_of(key) for key in CLAIMED}
        claims = tuple(
            ClaimVerdict(
                one.title, one.statement, one.verdict, one.measured, tr_sentence(one.witness)
            )
            for one in check_claims(self.scores.values, self.k, own)
        )
        known = tuple((key, tau) for key, tau in own.items() if tau is not None)
        return ClaimReport((*claims, *self._of_permutation()), known)

    def _of_permutation(self) -> list[ClaimVerdict]:
        from engine.errors import RankscopeError
        from engine.topk import check_permutation

        statements = {
            "columns": tr(
                "The columns of the soft permutation sum to 1, too (sorting networks, "
                "arXiv 2105.04019)."
            ),
            "swap": tr(
                "A soft swap is monotone: the larger of two never falls when one rises (Cauchy "
                "swaps, arXiv 2203.09630)."
            ),
        }
        why = tr("A permutation has no softness: it is measured at equal tau.")
        if self.comparison == "tau":
            kind = {"method": self.permutation, "swap": self.swap}
            try:
                return [
                    ClaimVerdict(
                        one.law,
                        statements[one.law],
                        one.verdict,
                        one.worst,
                        tr_sentence(one.sentence),
                    )
                    for one in check_permutation(self.scores.values, self.tau, **kind)
                ]
            except RankscopeError as error:  # too many scores for a matrix: the other claims go on
                why = tr_sentence(error)
        return [
            ClaimVerdict(law, statement, "not applicable", math.nan, why)
            for law, statement in statements.items()
        ]

    def _tau_of(self, key: str) -> float | None:
        """Return the tau of an operator, which need not be compared; None for none."""
        if self.comparison == "tau":
            return self.tau
        try:
            return own_tau(key, self.scores, self.k, self.comparison, self.softness)[0]
        except Refused:
            return None
