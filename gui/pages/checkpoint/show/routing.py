"""The views Routing and Load: near ties of a router, what rounding moves, and who gets what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import Offer
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Cursor, Figure, Series, empty_figure
from gui.core.figure.palette import Dash
from gui.core.figure.pieces.routing import NumberFormat, margins, worst_tokens
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.routing import (
    FORMULAS,
    Choosing,
    Formula,
    Inputs,
    ReadScores,
    RouterScores,
    router,
    sides,
)
from gui.pages.checkpoint.compute.routing_audit import AuditRouter, grouping
from gui.pages.checkpoint.compute.routing_load import AddUpRouter, Operators, RouterLoad

if TYPE_CHECKING:
    from gui.pages.checkpoint.compute.routing import Matrix
    from gui.pages.checkpoint.compute.routing_audit import RoutingAudit

ROUTING = View("routing", "Routing", "Tokens that rounding sends to other experts")
LOAD = View("load", "Load", "What every expert receives, by formulas and operators")
STARVED = 0.5
_DASH: dict[Formula, Dash] = {
    "topk_softmax": "solid",
    "softmax_topk": "dash",
    "sigmoid_bias": "dot",
}


class RouterMargins(Plot, key="checkpoint.margins", title="Margins of routing", view=ROUTING):
    """Histogram of the margins of what the formula compares."""

    scores: RouterScores | None = answer_of(ReadScores)
    audit: RoutingAudit | None = answer_of(AuditRouter)
    router: Matrix | None = value_of(router)
    formula: Formula = Inputs.formula
    grouping: tuple[int, int] = value_of(grouping)

    def figure(self) -> Figure:
        """Return the picture."""
        if self.audit is None or self.scores is None:
            return empty_figure("", "", no_scores(self.router))
        return margins(self.audit, meta_of(self.scores, self.audit, self.formula, self.grouping))


class RouterTokens(Plot, key="checkpoint.tokens", title="Tokens that change", view=ROUTING):
    """How many tokens change in every format, and those with the smallest margins."""

    scores: RouterScores | None = answer_of(ReadScores)
    audit: RoutingAudit | None = answer_of(AuditRouter)
    router: Matrix | None = value_of(router)
    formula: Formula = Inputs.formula
    grouping: tuple[int, int] = value_of(grouping)
    rounded_format: NumberFormat = Choosing.rounded_format

    def table(self) -> Table:
        """Return them."""
        audit, scores = self.audit, self.scores
        if audit is None or scores is None:
            return Table((Column(tr("Token"), wide=True),), ((Cell(no_scores(self.router)),),))
        meta = meta_of(scores, audit, self.formula, self.grouping)
        return worst_tokens(
            *(audit, self.rounded_format, tr("Token"), meta),
            called=lambda token: int(scores.numbers[token]),
        )


class RouterLoadPlot(Plot, key="checkpoint.load", title="Load of every expert", view=LOAD):
    """What every expert receives over its fair share, by the formulas and the operators."""

    scores: RouterScores | None = answer_of(ReadScores)
    load: RouterLoad | None = answer_of(AddUpRouter)
    router: Matrix | None = value_of(router)
    formula: Formula = Inputs.formula
    operators: tuple[Offer, ...] = answer_of(Operators)

    def figure(self) -> Figure:
        """Return the picture."""
        load = self.load
        if load is None or self.scores is None:
            return empty_figure("", "", no_scores(self.router))
        x = np.arange(load.experts, dtype=np.float64)
        curves = [
            Series(
                key,
                tr(title),
                x,
                load.load[key],
                "accent" if key == self.formula else "muted",
                _DASH[key],
                symbol="o" if key == self.formula and load.experts <= 64 else "",
            )
            for key, title in FORMULAS.items()
        ]
        curves += [
            Series(one.key, one.title, x, load.load[one.key], one.color, one.dash, width=1.5)
            for one in self.operators
            if one.key in load.load
        ]
        starved = np.flatnonzero(load.load[self.formula] < STARVED)
        note = tr(
            "{formula}: {count} of {experts} experts get less than half of their fair share.",
            formula=tr(FORMULAS[self.formula]),
            count=starved.size,
            experts=load.experts,
        )
        return Figure(
            title=tr("Load of every expert over {rows} tokens", rows=load.tokens),
            x=Axis(tr("expert (index)"), log_locked=True),
            y=Axis(tr("load over the fair share")),
            series=tuple(curves),
            cursors=(Cursor("fair", tr("fair share"), "y", 1.0, color="muted"),),
            note=" ".join((note, *load.errors.values())),
            meta={"source": self.scores.title},
        )


def meta_of(
    scores: RouterScores, audit: RoutingAudit, formula: Formula, grouping: tuple[int, int]
) -> dict[str, str]:
    """Return what an export says of where the numbers come from."""
    count, kept = grouping
    return {
        "source": scores.title,
        "k": str(audit.k),
        "formula": tr(FORMULAS[formula]),
        "groups": tr("{kept} of {all}", kept=kept, all=count),
    }


def no_scores(router: Matrix | None) -> str:
    """Say what to open."""
    if router is None:
        return tr("Select an array of tokens × experts, or open a model that has routers.")
    return tr(
        "Open the inputs of this router: an array of tokens × {width} numbers.",
        width=sides(router)[1],
    )
