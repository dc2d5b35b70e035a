"""Which laws each operator keeps on these scores, and what the article claims, measured."""

from __future__ import annotations

import math
import re

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Plot, View
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.numbers import format_value
from gui.pages.topk.compute.catalogue import Infos, infos
from gui.pages.topk.compute.judgement import (
    CLAIMED,
    ClaimReport,
    ClaimVerdict,
    Clicked,
    JudgeClaims,
    JudgeLaws,
    LawReport,
    LawVerdict,
)
from gui.pages.topk.compute.outputs import equal_softness
from gui.pages.topk.show.frame import own_taus

LAWS = View("laws", "Laws", "Which laws each operator keeps on these scores")
CLAIMS = View("claims", "Claims", "What the article claims, measured on these scores")

# The operators that the claims are about; "hard" is an ordinary word there.
_KEYS = re.compile(rf"(?<![A-Za-z_])({'|'.join(CLAIMED)})(?![A-Za-z_(])")
_BLANK_IN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


class LawsTable(Plot, key="topk.laws", title="Laws", view=LAWS):
    """Operator by law; the chosen cell's finding is the note."""

    report: LawReport = answer_of(JudgeLaws)
    infos: Infos = value_of(infos)
    own_tau: bool = value_of(equal_softness)
    witness: str = Clicked.witness

    def table(self) -> Table:
        """Return the table."""
        report, infos = self.report, self.infos
        if not (report.verdicts or report.refusals):
            return Table((), (), tr("Tick at least one operator."))
        laws = tuple(dict.fromkeys(one.law for one in report.verdicts))
        operators = tuple(dict.fromkeys(one.operator for one in report.verdicts))
        found = {(one.operator, one.law): one for one in report.verdicts}
        cells = [
            (
                *self._operator(key),
                *(_law_cell(found[key, law], self.witness) for law in laws),
            )
            for key in operators
        ]
        for key, reason in report.refusals:
            blank = Cell(tr("not measured"), tip=reason, role="muted")
            cells.append((*self._operator(key), *(blank,) * len(laws)))
        own = (Column(tr("tau"), number=True),) if self.own_tau else ()
        heads = (Column(tr("Operator")), *own, *(_law(law) for law in laws))
        meta = own_taus(report.taus, infos) if self.own_tau else {}
        return Table(heads, tuple(cells), self._note(), meta=meta)

    def _operator(self, key: str) -> tuple[Cell, ...]:
        """Return the name of an operator; at equal softness with its tau."""
        info = self.infos[key]
        name = Cell(info.name, tip=info.title, curve=(info.color, info.dash))
        if not self.own_tau:
            return (name,)
        tau = dict(self.report.taus).get(key) if info.has_tau else None
        return (name, Cell("–") if tau is None else Cell(format_value(tau), value=tau))

    def _note(self) -> str:
        for one in self.report.verdicts:
            if f"{one.operator}:{one.law}" == self.witness:
                name = self.infos[one.operator].name
                return tr("{name}: {finding}", name=name, finding=one.sentence)
        return tr(
            "Worst violation measured on these scores. Click a cell to see which scores show it."
        )


def _law(law: str) -> Column:
    return Column(law_title(law), wide=True, measure=tr("worst violation"))


class ClaimsTable(Plot, key="topk.claims", title="Claims", view=CLAIMS):
    """The claims with verdict, statement and evidence, operators by their names."""

    report: ClaimReport = answer_of(JudgeClaims)
    infos: Infos = value_of(infos)
    own_tau: bool = value_of(equal_softness)

    def table(self) -> Table:
        """Return the table."""
        heads = (
            Column(tr("Verdict")),
            Column(
                tr("Claim"), tr("Of kexue.fm/archives/10373 where it names no source"), wide=True
            ),
            Column(tr("Measured here"), wide=True),
        )
        cells = tuple(claim_cells(claim, self.infos) for claim in self.report.claims)
        return Table(
            heads, cells, meta=own_taus(self.report.taus, self.infos) if self.own_tau else {}
        )


def claim_cells(claim: ClaimVerdict, infos: Infos) -> tuple[Cell, ...]:
    """Return one row of the claims."""
    verdict, role = _verdict(claim.verdict)
    statement = _with_names(tr_sentence(claim.statement), infos)
    evidence = _with_names(claim.evidence, infos)
    return (
        Cell(verdict, tip=evidence, role=role, verdict=role != "muted"),
        Cell(statement, tip=statement),
        Cell(evidence, tip=evidence, role="muted"),
    )


def _with_names(text: str, infos: Infos) -> str:
    """Return a sentence of the engine, which knows operators by their keys, with their names."""
    named = _KEYS.sub(lambda found: infos[found[1]].name if found[1] in infos else found[1], text)
    # Between two words of Chinese, where a Latin one stood before, is no blank.
    return _BLANK_IN_CHINESE.sub("", named)


def law_title(law: str) -> str:
    """Return what the head of the table calls a law."""
    titles = {
        "sum": tr("Sum is k"),
        "range": tr("0 ≤ p ≤ 1"),
        "monotonicity": tr("Monotone"),
        "shift": tr("Shift"),
        "limit": tr("tau → 0"),
        "softmax": tr("Softmax"),
        "gradient": tr("Gradient"),
    }
    return titles.get(law, law)


def _law_cell(one: LawVerdict, witness: str) -> Cell:
    text, role = _verdict(one.verdict)
    if one.verdict != "undefined":
        number = tr("undefined") if math.isnan(one.worst) else format_value(abs(one.worst), 2)
        text = tr("{verdict}: {worst}", verdict=text, worst=number)
    data = f"{one.operator}:{one.law}"
    return Cell(
        "▸ " + text if data == witness else text,
        value=None if math.isnan(one.worst) else abs(one.worst),
        tip=one.sentence,
        role=role,
        data=data,
        verdict=role != "muted",
    )


def _verdict(verdict: str) -> tuple[str, str]:
    """Return the words for a verdict on a law or a claim, and their colour."""
    known = {
        "holds": (tr("holds"), "good"),
        "fails": (tr("fails"), "warning"),
        "broken": (tr("fails"), "warning"),
        "undefined": (tr("not defined"), "muted"),
    }
    return known.get(verdict, (tr("not applicable"), "muted"))
