"""What the model is, in numbers."""

from __future__ import annotations

from gui.core.declare.marks import value_of
from gui.core.declare.records import Plot
from gui.core.figure.table import Row
from gui.core.words.i18n import tr
from gui.pages.checkpoint.compute.figures import Board, board
from gui.pages.checkpoint.show.words import count_text, seconds_text


class ModelNumbers(Plot, key="checkpoint.model", title="Model", section="Model"):
    """Parameters, matrices, what is left out, what was kept from before."""

    board: Board | None = value_of(board)

    def rows(self) -> list[Row]:
        """Return them."""
        if self.board is None:
            return [(tr("Model"), "–", tr("Open a folder, an index or a file of weights"))]
        found = self.board
        total = sum(one.shape[0] * one.shape[1] for one in found.matrices)
        count, done = len(found.matrices), sum(row is not None for row in found.rows)
        problems = sum(row is not None and bool(row.problem) for row in found.rows)
        rows: list[Row] = [
            (tr("Parameters"), count_text(total), tr("In all its matrices")),
            (
                tr("Matrices"),
                str(count) if done == count else tr("{done} of {count}", done=done, count=count),
                tr("A kernel is one matrix, every expert of a stack one of its own"),
            ),
        ]
        if found.listing.checkpoint.skipped:
            left = str(len(found.listing.checkpoint.skipped))
            rows.append((tr("Left out"), left, tr("The view Left out says why")))
        if problems:
            rows.append((tr("Problems"), str(problems), tr("Crossed in the map")))
        if found.swept is not None and found.swept.done and found.swept.seconds:
            seconds = seconds_text(found.swept.seconds)
            rows.append((tr("Time"), seconds, tr("From the first to the last row")))
            reused = str(found.swept.reused)
            rows.append((tr("From the cache"), reused, tr("Rows that were computed before")))
        return rows
