"""Verdicts on the operators: the laws and the claims, measured on the scores in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gui.core.words.i18n import tr, tr_sentence
from gui.pages.topk.requests import too_long
from gui.pages.topk.scores import Scores, spoken

if TYPE_CHECKING:
    from engine.jobs import Progress


@dataclass(frozen=True)
class LawVerdict:
    """One law for one operator: worst violation, the scores that show it, and words."""

    operator: str
    law: str
    holds: bool
    worst: float
    indices: tuple[int, ...]
    sentence: str


@dataclass(frozen=True)
class ClaimVerdict:
    """One claim: "holds", "fails" or "not applicable", the number behind it, and the evidence."""

    title: str
    statement: str
    verdict: str
    measured: float
    evidence: str


@dataclass(frozen=True, eq=False)
class LawReport:
    """All verdicts, and why an operator was not judged."""

    verdicts: tuple[LawVerdict, ...]
    refusals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class JudgeLaws:
    """Measure every law for every operator at its tau."""

    scores: Scores
    k: float
    taus: tuple[tuple[str, float], ...]

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
                LawVerdict(key, one.law, one.ok, one.worst, one.witness, tr_sentence(one.sentence))
                for one in results
            ]
        return LawReport(tuple(verdicts), tuple(refusals))


@dataclass(frozen=True, eq=False)
class JudgeClaims:
    """Measure every claim of the article."""

    scores: Scores
    k: float
    tau: float

    def run(self, progress: Progress | None = None) -> tuple[ClaimVerdict, ...]:
        """Return the verdicts in the order of the article."""
        from engine.topk import check_claims

        claims = check_claims(self.scores.values, self.k, self.tau)
        return tuple(
            ClaimVerdict(
                one.title, one.statement, one.verdict, one.measured, tr_sentence(one.witness)
            )
            for one in claims
        )
