"""The law table and the claims table as plain cells; no Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.topk.figures import Style
from gui.pages.topk.judgement import ClaimVerdict, LawReport, LawVerdict

# The operators that the claims are about; "hard" is an ordinary word there.
_KEYS = re.compile(r"(?<![A-Za-z_])(exp|sigmoid|laplace|grad)(?![A-Za-z_(])")
_BLANK_IN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Cell:
    """One cell of a table: words, what they mean in colour, and the whole story on hover.

    ``data`` is "operator:law" where a click shows a witness, else ""; ``style`` is the operator
    whose curve stands beside the words; ``verdict`` asks for the colour behind them, too.
    """

    text: str
    role: str = "ink"
    tooltip: str = ""
    data: str = ""
    style: Style | None = None
    verdict: bool = False


@dataclass(frozen=True)
class Table:
    """Columns, cells and a sentence above them."""

    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    note: str = ""


def law_table(report: LawReport, styles: Mapping[str, Style], witness: str) -> Table:
    """Return operator x law; the chosen cell's finding is the note."""
    laws = tuple(dict.fromkeys(one.law for one in report.verdicts))
    operators = tuple(dict.fromkeys(one.operator for one in report.verdicts))
    found = {(one.operator, one.law): one for one in report.verdicts}
    cells = [
        (_operator_cell(styles[key]), *(_law_cell(found[key, law], witness) for law in laws))
        for key in operators
    ]
    for key, reason in report.refusals:
        blank = Cell(tr("not measured"), "muted", reason)
        cells.append((_operator_cell(styles[key]), *(blank,) * len(laws)))
    note = tr("Worst violation measured on these scores. Click a cell to see which scores show it.")
    for one in report.verdicts:
        if f"{one.operator}:{one.law}" == witness:
            note = tr("{name}: {finding}", name=styles[one.operator].name, finding=one.sentence)
    return Table((tr("Operator"), *map(law_title, laws)), tuple(cells), note)


def claim_table(claims: Sequence[ClaimVerdict], styles: Mapping[str, Style]) -> Table:
    """Return the claims with verdict, statement and evidence, operators by their names."""
    cells = []
    for claim in claims:
        verdict, role = _verdict(claim.verdict)
        statement = _with_names(tr(claim.statement), styles)
        evidence = _with_names(claim.evidence, styles)
        cells.append(
            (
                Cell(verdict, role, evidence, verdict=role != "muted"),
                Cell(statement, "ink", statement),
                Cell(evidence, "muted", evidence),
            )
        )
    columns = (tr("Verdict"), tr("Claim of kexue.fm/archives/10373"), tr("Measured here"))
    return Table(columns, tuple(cells))


def _with_names(text: str, styles: Mapping[str, Style]) -> str:
    """Return a sentence of the engine, which knows operators by their keys, with their names."""
    named = _KEYS.sub(lambda found: styles[found[1]].name if found[1] in styles else found[1], text)
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


def _operator_cell(style: Style) -> Cell:
    return Cell(style.name, "ink", style.title, style=style)


def _law_cell(one: LawVerdict, witness: str) -> Cell:
    number = tr("undefined") if math.isnan(one.worst) else format_value(abs(one.worst), 2)
    if one.holds:
        text = tr("holds: {worst}", worst=number)
    else:
        text = tr("fails: {worst}", worst=number)
    data = f"{one.operator}:{one.law}"
    if data == witness:
        text = "▸ " + text
    return Cell(text, "good" if one.holds else "warning", one.sentence, data, verdict=True)


def _verdict(verdict: str) -> tuple[str, str]:
    known = {"holds": (tr("holds"), "good"), "fails": (tr("fails"), "warning")}
    return known.get(verdict, (tr("not applicable"), "muted"))
