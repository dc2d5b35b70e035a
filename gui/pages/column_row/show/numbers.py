"""The numbers beside the plots: what the approximation keeps, and what the product is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Plot
from gui.core.figure.table import Row, number_row, share_row
from gui.core.words.i18n import tr
from gui.core.words.numbers import share_text
from gui.pages.column_row.compute.detail import ChooseDetail, Detail
from gui.pages.column_row.compute.terms import Prepare, Prepared
from gui.pages.column_row.show.frame import ROUNDING
from gui.pages.column_row.show.sentences import count_text, ratio_text


class AtR(Plot, key="column_row.at_r", title="At this r"):
    """What the approximation in detail keeps and loses."""

    prepared: Prepared = answer_of(Prepare)
    detail: Detail | None = answer_of(ChooseDetail)

    def rows(self) -> Sequence[Row]:
        """Return errors, sizes and what choosing costs; nothing where nothing is chosen."""
        detail, pairs = self.detail, self.prepared.pairs
        if detail is None:
            return []
        used = int(detail.indices.size)
        kept = tr("{used} of {l} ({share})", used=used, l=pairs, share=share_text(used / pairs))
        drawn = number_row(tr("Draws"), detail.drawn, tr("With replacement"))
        return [
            *self._errors(detail),
            Row(
                *(tr("Pairs kept"), kept, tr("Different pairs: a sample may draw one twice")),
                ((used, tr("of {whole}", whole=pairs)),),
            ),
            *([drawn] if detail.drawn > used else []),
            share_row(
                tr("Multiplications saved"),
                1.0 - used / pairs,
                tr("C R needs r n m of the l n m multiplications of X Y: 1 − r / l"),
            ),
            Row(
                tr("Sums compared"),
                count_text(detail.work),
                tr("What choosing costs: dropping k-tuples looks at C(l, k) sums"),
                ((detail.work, ""),),
            ),
        ]

    def _errors(self, detail: Detail) -> list[Row]:
        floor = float(self.prepared.floor[min(detail.r, self.prepared.pairs)])
        return [
            share_row(tr("Error"), detail.relative, tr("‖XY − C L R‖_F / ‖XY‖_F")),
            number_row(tr("… absolute"), detail.absolute, tr("‖XY − C L R‖_F")),
            share_row(
                tr("Floor: rank-r SVD"),
                floor,
                tr("No matrix of rank r comes closer (Eckart, Young, Mirsky)."),
            ),
            Row(
                tr("Error to floor"),
                ratio_text(detail.relative, floor),
                tr("Error over that of the rank-r SVD: 1 is the best possible"),
                ((detail.relative / floor, ""),) if floor > ROUNDING else (),
            ),
        ]


class ProductNumbers(Plot, key="column_row.numbers", title="Product", section="Norms plot"):
    """What is known of the product whatever r is."""

    prepared: Prepared = answer_of(Prepare)

    def rows(self) -> Sequence[Row]:
        """Return its norm beside the norms of its pairs."""
        norms = self.prepared.norms
        best = tr("Equal to ‖XY‖_F where the pairs are orthogonal: then the largest norms are best")
        return [
            number_row(tr("‖XY‖_F"), self.prepared.total, tr("Frobenius norm of the product")),
            number_row(
                tr("Σ ‖xᵢ‖ ‖yᵢ‖"),
                float(norms.sum()),
                tr("Norms of all pairs: the more it exceeds ‖XY‖_F, the more the pairs cancel"),
            ),
            number_row(tr("√Σ ‖xᵢ‖² ‖yᵢ‖²"), float(np.linalg.norm(norms)), best),
        ]
