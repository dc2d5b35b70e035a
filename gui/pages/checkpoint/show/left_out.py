"""The tensors that are no matrices, and why."""

from __future__ import annotations

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Plot, View
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.checkpoint.compute.model import Listing, ListMatrices
from gui.pages.checkpoint.show.words import nothing

LEFT_OUT = View("left_out", "Left out", "The tensors that are no matrices, and why")


class LeftOutTable(Plot, key="checkpoint.left_out", title="Left out", view=LEFT_OUT):
    """A row a tensor."""

    listing: Listing | None = answer_of(ListMatrices)

    def table(self) -> Table:
        """Return them."""
        columns = (
            Column(tr("Tensor"), wide=True, elided=True),
            Column(tr("Shape"), number=True),
            Column(tr("Why"), wide=True, elided=True),
        )
        if self.listing is None:
            return Table((Column(tr("Tensor"), wide=True),), ((Cell(nothing()),),))
        skipped = self.listing.checkpoint.skipped
        cells = tuple(
            (
                Cell(one.name),
                Cell(" × ".join(map(str, one.shape))),
                Cell(tr_sentence(one.reason)),
            )
            for one in skipped
        )
        notes = (tr_sentence(one) for one in self.listing.checkpoint.notes)
        said = " ".join(notes) or ("" if cells else tr("Nothing is left out."))
        return Table(columns, cells or ((Cell("–"), Cell("–"), Cell("–")),), said)
