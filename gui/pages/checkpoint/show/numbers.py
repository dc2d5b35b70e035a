"""What the model is, in numbers."""

from __future__ import annotations

from gui.core.declare.marks import value_of
from gui.core.declare.records import Plot
from gui.core.figure.table import Row, number_row
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.figures import Board, board
from gui.pages.checkpoint.show.words import count_text, seconds_text


class ModelNumbers(Plot, key="checkpoint.model", title="Model", section="Model"):
    """Parameters, matrices, what is left out, what was kept from before."""

    board: Board | None = value_of(board)

    def rows(self) -> list[Row]:
        """Return them."""
        if self.board is None:
            return [Row(tr("Model"), "–", tr("Open a folder, an index or a file of weights"))]
        found = self.board
        total = sum(one.shape[0] * one.shape[1] for one in found.matrices)
        count, done = len(found.matrices), sum(row is not None for row in found.rows)
        problems = sum(row is not None and bool(row.problem) for row in found.rows)
        rows: list[Row] = [
            Row(
                *(tr("Parameters"), count_text(total), tr("In all its matrices")),
                ((total, ""),),
            ),
            Row(
                tr("Matrices"),
                str(count) if done == count else tr("{done} of {count}", done=done, count=count),
                tr("A kernel is one matrix, every expert of a stack one of its own"),
                ((done, "" if done == count else tr("of {whole}", whole=count)),),
            ),
        ]
        if found.listing.checkpoint.skipped:
            left = len(found.listing.checkpoint.skipped)
            rows.append(number_row(tr("Left out"), left, tr("The view Left out says why")))
        if problems:
            rows.append(number_row(tr("Problems"), problems, tr("Crossed in the map")))
        if found.swept is not None and found.swept.done and found.swept.seconds:
            seconds = seconds_text(found.swept.seconds)
            tip = tr("From the first to the last row")
            rows.append(Row(tr("Time"), seconds, tip, ((found.swept.seconds, tr("seconds")),)))
            tip = tr("Rows that were computed before")
            rows.append(number_row(tr("From the cache"), found.swept.reused, tip))
        return rows
