"""The strategies at the present r: one row each with its weights; a click shows it in detail."""

from __future__ import annotations

import math
from functools import partial

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Plot, View
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr
from gui.core.words.numbers import share_text
from gui.pages.column_row.compute.catalogue import Chosen, chosen
from gui.pages.column_row.compute.standings import Compare, Entry, Standings
from gui.pages.column_row.compute.terms import Prepare, Prepared
from gui.pages.column_row.show.frame import ROUNDING, meta_of, pairs_text, weights_title
from gui.pages.column_row.show.sentences import count_text, ratio_text

TABLE = View("table", "Strategies", "Every strategy and weights at this r")


class StandingsTable(Plot, key="column_row.standings", title="Strategies at this r", view=TABLE):
    """Error, distance to the floor and to the best subset, and what each strategy compares."""

    prepared: Prepared = answer_of(Prepare)
    standings: Standings = answer_of(Compare)
    chosen: Chosen | None = value_of(chosen)

    def table(self) -> Table:
        """Return a row for every strategy and kind of weights."""
        columns = (
            Column(tr("Strategy"), tr("Click a row: its pairs are marked and pictured")),
            Column(tr("Weights"), tr("Which L stands between C and R")),
            Column(
                tr("Error"),
                tr("‖XY − C L R‖_F / ‖XY‖_F at this r"),
                number=True,
                unit=tr("share of ‖XY‖_F"),
            ),
            Column(
                tr("To floor"),
                tr("Error over that of the rank-r SVD: 1 is the best possible"),
                number=True,
                words=tr("Error over that of the rank-r SVD"),
            ),
            Column(
                tr("Gap"),
                tr("Error over that of the exact search with weights 1, minus 1"),
                number=True,
                words=tr("Error over that of the best subset, minus 1"),
            ),
            Column(
                tr("Compared"),
                tr("How many sums of pairs the strategy compares"),
                number=True,
                words=tr("Sums compared"),
            ),
            Column("", wide=True, words=tr("Remark")),
        )
        cells = tuple(self._cells(entry) for entry in self.standings.entries)
        return Table(columns, cells, self._summary(), sort=2, meta=meta_of(self.prepared))

    @property
    def _floor(self) -> float:
        return float(self.prepared.floor[min(self.standings.r, self.prepared.pairs)])

    def _cells(self, entry: Entry) -> tuple[Cell, ...]:
        title, kind = entry.strategy.title, weights_title(entry.weights)
        floor, gap = self._floor, self._gap(entry)
        strong = Chosen(entry.strategy, entry.weights) == self.chosen
        tip = tr("{strategy}, {weights}", strategy=title, weights=kind)
        cell = partial(Cell, tip=tip, data=f"{entry.strategy.key} {entry.weights}")
        ratio = entry.relative / floor if floor > ROUNDING else math.nan
        return (
            cell(title, strong=strong),
            cell(kind, strong=strong),
            cell(share_text(entry.relative), entry.relative),
            cell(ratio_text(entry.relative, floor), ratio),
            cell("–" if math.isnan(gap) else share_text(gap), gap),
            cell(count_text(entry.work), float(min(entry.work, 10**300))),
            cell(tr("too many sums") if entry.refused else entry.error),
        )

    def _gap(self, entry: Entry) -> float:
        best = self.standings.best
        if entry.weights == "own" and best > ROUNDING:
            return entry.relative / best - 1.0
        return math.nan

    def _summary(self) -> str:
        standings = self.standings
        pairs, floor = pairs_text(self.prepared.pairs), share_text(self._floor)
        words = {"r": standings.r, "pairs": pairs, "floor": floor}
        if math.isnan(standings.best):
            return tr("r = {r} of {pairs}. Floor of rank r: {floor}.", **words)
        words["best"] = share_text(standings.best)
        return tr(
            "r = {r} of {pairs}. Floor of rank r: {floor}; best subset with weights 1: {best}.",
            **words,
        )
