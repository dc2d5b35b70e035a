"""Which tokens go to other experts once their scores are rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.core.declare.marks import given, value_of
from gui.core.declare.parameter import choice
from gui.core.declare.records import Record, Step
from gui.core.figure.pieces.routing import FORMATS, NumberFormat
from gui.core.state.document import Opened
from gui.pages.topk.compute.following import REST
from gui.pages.topk.compute.inputs import Along, AxisKind
from gui.pages.topk.compute.outputs import Kept
from gui.pages.topk.compute.scores import line_of

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.topk import RoutingAudit as RoutingAudit


class Rounded(Record):
    """The format whose tokens are listed."""

    rounded_to: NumberFormat = choice(
        "bfloat16",
        FORMATS,
        "Rounded to",
        "The format whose worst tokens are listed: they choose other experts in it",
        view="routing",
        undo="number format",
    )


def whole(k: float = Kept.k) -> int:
    """Return how many experts a token goes to."""
    return round(k)


class Audit(Step, key="audit", title="Auditing the routing"):
    """Compare the experts of every row (or column) with those of its rounded scores."""

    data: Opened = given(Opened)
    axis: AxisKind = Along.axis
    k: int = value_of(whole)
    rest = REST

    def run(self, progress: Progress | None = None) -> RoutingAudit:
        """Return the audit of all tokens, for every format."""
        from engine.topk import audit_routing

        rows, columns = self.data.ref.matrix_shape
        lines = slice(0, rows if self.axis == "row" else columns)
        scores: Any = line_of(self.data, self.axis, lines, progress)
        return audit_routing(scores if self.axis == "row" else scores.T, self.k, progress=progress)
