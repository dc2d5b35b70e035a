"""The strategies at the present r: one row each with its weights, sortable; a click selects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.core.paint.theme import SPACING, tabular_font
from gui.core.words.i18n import tr

STRATEGY, WEIGHTS, ERROR, RATIO, GAP, WORK, REMARK = range(7)
_NUMBERS = (ERROR, RATIO, GAP, WORK)


@dataclass(frozen=True)
class StandingLine:
    """One row: the texts as shown, and the numbers by which the columns sort."""

    strategy: str
    weights: str
    texts: tuple[str, ...]
    numbers: tuple[float, ...]
    tooltip: str
    chosen: bool = False


class _Number(QTableWidgetItem):
    """A cell that sorts by its number, what is missing last."""

    def __init__(self, text: str, number: float) -> None:
        super().__init__(text)
        self._number = math.inf if math.isnan(number) else number

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return self._number < other._number if isinstance(other, _Number) else NotImplemented


class StandingsTable(QWidget):
    """``chosen(strategy, weights)``: the person picked the approximation to look at."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[StandingLine, ...] = ()
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.table = QTableWidget(0, REMARK + 1)
        self.table.setAccessibleName(tr("Strategies at this r"))
        self._set_headings()
        self._set_up_table()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACING, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.summary)
        column.addWidget(self.table, 1)

    def _set_headings(self) -> None:
        headings = (
            (tr("Strategy"), tr("Click a row: its pairs are marked and pictured")),
            (tr("Weights"), tr("Which L stands between C and R")),
            (tr("Error"), tr("‖XY − C L R‖_F / ‖XY‖_F at this r")),
            (tr("To floor"), tr("Error over that of the rank-r SVD: 1 is the best possible")),
            (tr("Gap"), tr("Error over that of the exact search with weights 1, minus 1")),
            (tr("Compared"), tr("How many sums of pairs the strategy compares")),
            ("", ""),
        )
        self.table.setHorizontalHeaderLabels([title for title, _ in headings])
        for place, (_, tooltip) in enumerate(headings):
            item = self.table.horizontalHeaderItem(place)
            if item is not None:
                item.setToolTip(tooltip)

    def _set_up_table(self) -> None:
        table = self.table
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(3 * SPACING)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = table.horizontalHeader()
        for column in range(REMARK):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        # Not the last section's own stretching, which never makes it narrower than it was.
        header.setSectionResizeMode(REMARK, QHeaderView.ResizeMode.Stretch)
        table.setSortingEnabled(True)
        table.sortByColumn(ERROR, Qt.SortOrder.AscendingOrder)
        table.cellClicked.connect(self._clicked)
        table.cellActivated.connect(self._clicked)

    def set_lines(self, lines: Sequence[StandingLine], summary: str) -> None:
        """Show the rows, sorted as the person last chose, and the sentence above; emits nothing."""
        if self.summary.text() != summary:
            self.summary.setText(summary)
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        with QSignalBlocker(self.table):
            self.table.setSortingEnabled(False)
            self.table.setRowCount(len(lines))
            for row, line in enumerate(self._lines):
                self._set_row(row, line)
            self.table.setSortingEnabled(True)

    def rows(self) -> list[tuple[str, ...]]:
        """Return the texts as they are shown, from top to bottom."""
        count = self.table.columnCount()
        return [
            tuple(self._item(row, column).text() for column in range(count))
            for row in range(self.table.rowCount())
        ]

    def _set_row(self, row: int, line: StandingLine) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, text in enumerate(line.texts):
            if column in _NUMBERS:
                item: QTableWidgetItem = _Number(text, line.numbers[column - ERROR])
                item.setTextAlignment(right)
                item.setFont(tabular_font(self.table.font()))
            else:
                item = QTableWidgetItem(text)
            if line.chosen and column in (STRATEGY, WEIGHTS):
                font = item.font()
                font.setBold(True)
                item.setFont(font)
            item.setToolTip(line.tooltip)
            item.setData(Qt.ItemDataRole.UserRole, (line.strategy, line.weights))
            self.table.setItem(row, column, item)

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        assert item is not None
        return item

    def _clicked(self, row: int, column: int) -> None:
        self.chosen.emit(*self._item(row, STRATEGY).data(Qt.ItemDataRole.UserRole))
