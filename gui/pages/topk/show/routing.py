"""How many tokens change their experts in every format, by how little, and which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Figure
from gui.core.figure.pieces.routing import NumberFormat, margins, worst_tokens
from gui.core.figure.table import Table
from gui.core.words.i18n import tr
from gui.pages.topk.compute.inputs import InputSpec, Spec, has_lines
from gui.pages.topk.compute.routing import Audit, Rounded
from gui.pages.topk.show.sentences import input_title

if TYPE_CHECKING:
    from gui.pages.topk.compute.routing import RoutingAudit

ROUTING = View(
    "routing",
    "Routing",
    "Which tokens choose other experts when their scores are rounded",
    when=has_lines,
    why="Needs an array with rows: tokens x experts.",
)


class MarginPlot(Plot, key="topk.margins", title="Margins of routing", view=ROUTING, share=2):
    """Histogram of x₍ₖ₎ − x₍ₖ₊₁₎, with what each format moves a score by at most."""

    audit: RoutingAudit | None = answer_of(Audit, when=has_lines)
    spec: InputSpec = value_of(Spec)

    def figure(self) -> Figure:
        """Return the plot."""
        if self.audit is None:
            return Figure(legend=False, note=_nothing())
        return margins(self.audit, _meta(self.audit, self.spec))


class WorstTokens(Plot, key="topk.routing", title="Tokens that change", view=ROUTING, share=3):
    """How many tokens change in every format, and those with the smallest margins."""

    audit: RoutingAudit | None = answer_of(Audit, when=has_lines)
    spec: InputSpec = value_of(Spec)
    rounded_to: NumberFormat = Rounded.rounded_to

    def table(self) -> Table:
        """Return the table."""
        if self.audit is None:
            return Table((), (), _nothing())
        heading = tr("Row") if self.spec.axis == "row" else tr("Column")
        meta = _meta(self.audit, self.spec)
        return worst_tokens(self.audit, self.rounded_to, heading, meta)


def _meta(audit: RoutingAudit, spec: InputSpec) -> dict[str, str]:
    return {"source": input_title(spec), "k": str(audit.k)}


def _nothing() -> str:
    return tr("Choose an array with rows (tokens x experts) to see its routing.")
