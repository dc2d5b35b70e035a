"""The rank consensus: one row a rule; a click moves the rank line to what the rule says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Plot, View
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr
from gui.core.words.numbers import share_known, share_text
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.compute.rules import RuleRow, Rules, agreement
from gui.pages.spectrum.compute.shared import Shared

RULES = View("rules", "Rank rules", "What every rule says, and where they agree", short="Rules")


class RulesTable(Plot, key="spectrum.rules", title="Rank rules", view=RULES):
    """What every rule says: rank, consequences and reason."""

    analysis: Analysis = answer_of(Analyse)
    rules: tuple[RuleRow, ...] = answer_of(Rules)
    rank: int = Shared.rank

    def table(self) -> Table:
        """Return a row a rule, and the consensus in a sentence."""
        columns = (
            Column(tr("Rule"), tr("Click a rule: the rank line moves to its rank")),
            Column(tr("r"), tr("The rank the rule chooses"), number=True, words=tr("Rank r")),
            Column(tr("Parameter"), tr("Double click to type another number"), number=True),
            Column(
                *(tr("Error"), tr("‖M − M_r‖_F / ‖M‖_F at this rank")),
                number=True,
                unit=tr("share of ‖M‖_F"),
            ),
            Column(
                tr("Size"),
                tr("r (m + n) / (m n): the two factors as a share of the matrix"),
                number=True,
            ),
            Column(
                tr("Ratio"),
                tr("m n / (r (m + n)): how many times smaller the factors are"),
                number=True,
            ),
            Column(tr("Reason"), tr("Why this rank"), wide=True, elided=True),
        )
        cells = tuple(_cells(row, self.rank) for row in self.rules)
        note = summary(self.rules, self.analysis.more)
        hint = tr("Click a rule to go to its rank.")
        return Table(columns, cells, note, hint=hint, filed="rule")


def _cells(row: RuleRow, rank: int) -> tuple[Cell, ...]:
    tip = tr("{formula} ({source})", formula=row.formula, source=row.source)
    data, chosen = (row.key if row.rank is not None else ""), row.rank == rank
    reason = Cell(row.reason, tip=row.reason, data=data)
    if row.rank is None:
        dash = Cell("–", tip=tip)
        return Cell(row.title, tip=tip), dash, _value(row), dash, dash, dash, reason
    shown = str(row.rank) if row.certain else tr("≥ {rank}", rank=row.rank)
    ratio = f"{row.ratio:.3g}×" if np.isfinite(row.ratio) else "∞"
    return (
        Cell(row.title, tip=tip, data=data, strong=chosen),
        Cell(shown, row.rank, tip, data=data, strong=chosen),
        _value(row),
        Cell(share_known(row.error, row.error_bound), row.error, tip, data=data),
        Cell(share_text(row.stored), row.stored, tip, data=data),
        Cell(ratio, row.ratio, tip, data=data),
        reason,
    )


def _value(row: RuleRow) -> Cell:
    if row.parameter is None:
        return Cell("", data=row.key if row.rank is not None else "")
    one = row.parameter
    text = tr("auto") if one.automatic else f"{one.value:.6g}"
    tip = tr("{title}: {meaning} Double click to change it.", title=one.title, meaning=one.meaning)
    return Cell(text, None if one.automatic else one.value, tip, data=row.key, edits=True)


def summary(rows: Sequence[RuleRow], more: bool) -> str:
    """Return the consensus in a sentence."""
    found = agreement(tuple(rows))
    if found is None:
        return tr("No three rules agree.")
    low, high, count = found
    words = {
        True: tr("{count} of {all} rules choose r = {low}."),
        False: tr("{count} of {all} rules choose r between {low} and {high}."),
    }
    text = words[low == high].format(count=count, all=len(rows), low=low, high=high)
    text = tr("{sentence} {worth}", sentence=text, worth=worth(rows, low, high)[0])
    if more:
        text = tr("{sentence} Rules that need all singular values wait for them.", sentence=text)
    return text


def worth(rows: Sequence[RuleRow], low: int, high: int) -> tuple[str, bool]:
    """Return what ranks from ``low`` to ``high`` are for, and whether they are for anything."""
    stored = {row.rank: row.stored for row in rows}
    least, most = stored[low], stored[high]
    if least >= 1.0:
        return tr("That saves nothing: two factors are as large as the matrix or larger."), False
    if most >= 1.0:
        return tr("Up to all of the matrix has to be stored; at least {share}.",
                  share=share_text(least)), True  # fmt: skip
    if low == high:
        return tr("That stores {share} of the matrix.", share=share_text(least)), True
    words = tr("That stores {least} to {most} of the matrix.")
    return words.format(least=share_text(least), most=share_text(most)), True
