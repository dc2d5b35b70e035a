"""The Row norms page, declared; a page of this size needs one file."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gui.core.declare.marks import answer_of, given
from gui.core.declare.page import Page
from gui.core.declare.parameter import choice
from gui.core.declare.records import Plot, Step
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.state.document import Opened
from gui.core.words.i18n import tr

Norm = Literal["l2", "l1", "max"]
NORMS: dict[Norm, str] = {
    "l2": "Euclidean norm",
    "l1": "sum of absolute values",
    "max": "largest absolute value",
}
ORDERS: dict[Norm, float] = {"l2": 2, "l1": 1, "max": np.inf}


class RowNorms(Step, key="norms", title="Row norms"):
    """The norm of every row, (m,); a vector is one row."""

    data: Opened = given(Opened)
    norm: Norm = choice("l2", NORMS, "&Norm", "Which norm of a row is plotted")

    def run(self, progress: Any = None) -> NDArray[np.float64]:
        """Return the norms."""
        from gui.core.state.document import read_matrix

        rows = read_matrix(self.data.ref, self.data.source, progress)
        wide = rows.astype(np.result_type(rows, np.float64))
        return np.asarray(np.linalg.norm(wide, ORDERS[self.norm], axis=1))


class Rows(Plot, key="norms.rows", title="Row norms"):
    """The norms against the row."""

    norms: NDArray[np.float64] = answer_of(RowNorms)

    def figure(self) -> Figure:
        """Return the plot."""
        line = Series("norms", tr("norm"), np.arange(self.norms.size), self.norms, symbol="o")
        return Figure(x=Axis(tr("row")), y=Axis(tr("norm")), series=(line,))


PAGE = Page("norms", "Row norms", plots=(Rows,))
