"""How many tokens change their experts in every format, by how little, and which."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value, share_text
from gui.pages.topk.compute.inputs import InputSpec, Spec, has_lines
from gui.pages.topk.compute.routing import FORMATS, Audit, NumberFormat, Rounded
from gui.pages.topk.show.sentences import input_title

if TYPE_CHECKING:
    from gui.pages.topk.compute.routing import RoutingAudit

LISTED = 50
_BARS = 60
_COLOURS = ("c0", "c1", "c2", "c3")
ROUTING = View(
    "routing",
    "Routing",
    "Which tokens choose other experts when their scores are rounded",
    when=has_lines,
    why="Needs an array with rows: tokens x experts.",
)


class MarginPlot(Plot, key="topk.margins", title="Margins of routing", view=ROUTING):
    """Histogram of x₍ₖ₎ − x₍ₖ₊₁₎, with what each format moves a score by at most."""

    audit: RoutingAudit | None = answer_of(Audit, when=has_lines)
    spec: InputSpec = value_of(Spec)

    def figure(self) -> Figure:
        """Return the plot."""
        audit = self.audit
        if audit is None:
            return Figure(legend=False, note=_nothing())
        known = audit.margin[np.isfinite(audit.margin) & (audit.margin > 0.0)]
        halves = {key: audit.half_ulp(key) for key in audit.changed}
        ends = [*known, *(half for half in halves.values() if half > 0.0)]
        series: tuple[Series, ...] = ()
        if known.size:
            low, high = math.log10(min(ends)), math.log10(max(ends))
            edges = np.logspace(low - 0.05, high + 0.05, _BARS + 1)
            heights = np.histogram(known, edges)[0].astype(np.float64)
            x, y = np.repeat(edges, 2)[1:-1], np.repeat(heights, 2)
            series = (Series("margins", tr("tokens"), x, y, "c4", width=1.0, fill_to=0.0),)
        return Figure(
            x=Axis(tr("margin x₍ₖ₎ − x₍ₖ₊₁₎"), log=True, log_locked=True),
            y=Axis(tr("tokens"), log_locked=True),
            series=series,
            cursors=tuple(
                Cursor(key, tr("½ ulp {format}", format=tr(name)), "x", halves[key], color=color)
                for (key, name), color in zip(FORMATS.items(), _COLOURS, strict=True)
                if halves[key] > 0.0
            ),
            note=_summary(audit),
            meta={"source": input_title(self.spec), "k": str(audit.k)},
        )


class WorstTokens(Plot, key="topk.routing", title="Tokens that change", view=ROUTING):
    """How many tokens change in every format, and those with the smallest margins."""

    audit: RoutingAudit | None = answer_of(Audit, when=has_lines)
    spec: InputSpec = value_of(Spec)
    rounded_to: NumberFormat = Rounded.rounded_to

    def table(self) -> Table:
        """Return the table."""
        audit = self.audit
        if audit is None:
            return Table((), (), _nothing())
        heads = (
            Column(tr("Row") if self.spec.axis == "row" else tr("Column")),
            Column(tr("Margin"), tr("x₍ₖ₎ − x₍ₖ₊₁₎"), number=True),
            *(Column(tr(name), number=True) for name in FORMATS.values()),
        )
        total = max(audit.margin.size, 1)
        first = (
            Cell(tr("all {count}", count=audit.margin.size), strong=True),
            Cell(""),
            *(
                Cell(f"{count} ({share_text(count / total)})", value=count, strong=True)
                for count in (audit.counts[key] for key in FORMATS)
            ),
        )
        worst = audit.tokens(self.rounded_to, LISTED)
        rows = [self._row(audit, int(token)) for token in worst]
        name = FORMATS[self.rounded_to]
        note = tr(
            "First the {count} smallest margins among the tokens that change in {format}.",
            count=len(rows),
            format=tr(name),
        )
        if not rows:
            note = tr("No token changes in {format}.", format=tr(name))
        return Table(
            heads, (first, *rows), note, meta={"source": input_title(self.spec), "k": str(audit.k)}
        )

    @staticmethod
    def _row(audit: RoutingAudit, token: int) -> tuple[Cell, ...]:
        margin = float(audit.margin[token])
        return (
            Cell(str(token), value=token),
            Cell(format_value(margin), value=margin),
            *(
                Cell(tr("changes"), role="warning") if flags[token] else Cell("–", role="muted")
                for flags in (audit.changed[key] for key in FORMATS)
            ),
        )


def _nothing() -> str:
    return tr("Choose an array with rows (tokens x experts) to see its routing.")


def _summary(audit: RoutingAudit) -> str:
    if audit.k >= audit.experts:
        return tr("Every token goes to all {experts} experts.", experts=audit.experts)
    tied = int(np.count_nonzero(audit.margin == 0.0))
    return tr(
        "{tokens} tokens to {k} of {experts} experts: {within} margins are within one ulp of their "
        "scores, {tied} are ties.",
        tokens=audit.margin.size,
        k=audit.k,
        experts=audit.experts,
        within=audit.within_ulp,
        tied=tied,
    )
