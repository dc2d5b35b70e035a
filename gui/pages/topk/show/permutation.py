"""The soft permutation matrix as a picture."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.pictures import colours
from gui.core.declare.records import View
from gui.core.figure.figure import Axis, Figure, Image
from gui.core.figure.look import Look
from gui.core.words.i18n import tr
from gui.pages.topk.compute.outputs import Kept
from gui.pages.topk.compute.permutation import (
    PERMUTATIONS,
    SWAPS,
    Permutation,
    PermutationMethod,
    Permute,
    Permuting,
    Swap,
)
from gui.pages.topk.show.frame import Framed

PERMUTATION = View("permutation", "Permutation", "The scores sorted softly, as a matrix")


class PermutationPlot(Framed, key="topk.permutation", title="Soft permutation", view=PERMUTATION):
    """Row i is a soft one-hot of the i-th largest score; columns lie as the scores are drawn."""

    permutation: Permutation = answer_of(Permute)
    method: PermutationMethod = Permuting.permutation
    swap: Swap = Permuting.swap
    tau: float = Kept.tau
    look: Look = value_of(colours("permutation"))

    def figure(self) -> Figure:
        """Return the plot."""
        frame, matrix = self.frame, self.permutation.matrix
        n = len(matrix)
        start = float(frame.x[0]) - 0.5
        values = matrix[:, frame.places] if self.permutation.scores is self.scores else matrix
        there = np.isfinite(self.permutation.scores.values)
        off = float(np.abs(matrix.sum(axis=0)[there] - 1.0).max())
        title, name = PERMUTATIONS[self.method], SWAPS[self.swap]
        method = tr(title)
        if self.method in ("odd_even", "bitonic"):
            method = tr("{method}, {swap} swaps", method=method, swap=tr(name))
        return Figure(
            title=tr("Soft permutation by {method}", method=method),
            x=frame.axis(),
            y=Axis(tr("place in descending order"), log_locked=True, inverted=True),
            images=(
                Image(
                    *("permutation", tr("weight"), values, (start, start + n, 0.5, n + 0.5)),
                    unit=tr("weight"),
                ),
            ),
            note=tr(
                "tau = {tau}. Rows sum to 1, columns within {off}.",
                tau=f"{self.tau:.4g}",
                off=f"{off:.2g}",
            ),
            meta={**self.meta, "method": self.method, "swap": self.swap, "tau": f"{self.tau:.6g}"},
        )
