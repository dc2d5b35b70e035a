"""The law table and the claims table as plain cells; no Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gui.core.i18n import tr
from gui.pages.topk.figures import Style
from gui.pages.topk.judgement import ClaimVerdict, LawReport, LawVerdict


@dataclass(frozen=True)
class Cell:
    """One cell of a table: words, what they mean in colour, and the whole story on hover.

    ``data`` is "operator:law" where a click shows a witness, else "".
    """

    text: str
    role: str = "ink"
    tooltip: str = ""
    data: str = ""


@dataclass(frozen=True)
class Table:
    """Columns, row titles, cells and a sentence above them; ``stretch`` is the widest column."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    note: str = ""
    stretch: int = -1


def law_table(report: LawReport, styles: Mapping[str, Style], witness: str) -> Table:
    """Return operator x law; the chosen cell's finding is the note."""
    laws = tuple(dict.fromkeys(one.law for one in report.verdicts))
    operators = tuple(dict.fromkeys(one.operator for one in report.verdicts))
    found = {(one.operator, one.law): one for one in report.verdicts}
    cells = [tuple(_law_cell(found[key, law], witness) for law in laws) for key in operators]
    rows = [styles[key].title for key in operators]
    for key, reason in report.refusals:
        rows.append(styles[key].title)
        blank = Cell(tr("not measured"), "muted", reason)
        cells.append((blank,) * len(laws))
    note = tr("Worst violation measured on these scores. Click a cell to see which scores show it.")
    for one in report.verdicts:
        if f"{one.operator}:{one.law}" == witness:
            note = tr("{name}: {finding}", name=styles[one.operator].title, finding=one.sentence)
    return Table(tuple(map(law_title, laws)), tuple(rows), tuple(cells), note)


def claim_table(claims: Sequence[ClaimVerdict]) -> Table:
    """Return the claims with verdict, statement and evidence."""
    cells = []
    for claim in claims:
        verdict, role = _verdict(claim.verdict)
        cells.append(
            (
                Cell(verdict, role, claim.evidence),
                Cell(tr(claim.statement), "ink", tr(claim.statement)),
                Cell(claim.evidence, "muted", claim.evidence),
            )
        )
    columns = (tr("Verdict"), tr("Claim of kexue.fm/archives/10373"), tr("Measured here"))
    return Table(columns, (), tuple(cells), "", 1)


def law_title(law: str) -> str:
    """Return what the head of the table calls a law."""
    titles = {
        "sum": tr("Sum is k"),
        "range": tr("0 ≤ p ≤ 1"),
        "monotonicity": tr("Monotone"),
        "shift": tr("Shift"),
        "limit": tr("Hard limit"),
        "softmax": tr("Softmax, k=1"),
        "gradient": tr("Gradient"),
    }
    return titles.get(law, law)


def _law_cell(one: LawVerdict, witness: str) -> Cell:
    number = tr("undefined") if math.isnan(one.worst) else f"{abs(one.worst):.1e}"
    number = "0" if one.worst == 0 else number
    if one.holds:
        text = tr("holds ({worst})", worst=number)
    else:
        text = tr("fails: {worst}", worst=number)
    data = f"{one.operator}:{one.law}"
    if data == witness:
        text = "▸ " + text
    return Cell(text, "good" if one.holds else "warning", one.sentence, data)


def _verdict(verdict: str) -> tuple[str, str]:
    known = {"holds": (tr("holds"), "good"), "fails": (tr("fails"), "warning")}
    return known.get(verdict, (tr("not applicable"), "muted"))
