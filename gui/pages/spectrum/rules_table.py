"""The rank consensus: one row per rule; a click moves the rank line to what the rule says."""

from __future__ import annotations

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
from gui.core.widgets.controls import ErrorLine
from gui.core.words.i18n import tr

RULE, RANK, PARAMETER, ERROR, STORED, RATIO, REASON = range(7)


@dataclass(frozen=True)
class RuleLine:
    """One row as it is shown; ``value`` is the parameter's number, "" where there is none."""

    key: str
    title: str
    rank: str
    value: str
    error: str
    stored: str
    ratio: str
    reason: str
    tooltip: str
    value_tooltip: str = ""
    chosen: bool = False


class RulesTable(QWidget):
    """``chosen(key)``: the person picked a rule; ``value_typed(key, text)``: typed a parameter."""

    chosen = Signal(str)
    value_typed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[RuleLine, ...] = ()
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.error = ErrorLine()
        self.table = QTableWidget(0, 7)
        self.table.setAccessibleName(tr("Rank rules"))
        self.table.setHorizontalHeaderLabels(
            [
                tr("Rule"),
                tr("r"),
                tr("Parameter"),
                tr("Error"),
                tr("Size"),
                tr("Ratio"),
                tr("Reason"),
            ]
        )
        tips = (
            tr("Click a rule: the rank line moves to its rank"),
            tr("The rank the rule chooses"),
            tr("Double click to type another number"),
            tr("‖M − M_r‖_F / ‖M‖_F at this rank"),
            tr("r (m + n) / (m n): the two factors as a share of the matrix"),
            tr("m n / (r (m + n)): how many times smaller the factors are"),
            tr("Why this rank"),
        )
        for column, tip in enumerate(tips):
            heading = self.table.horizontalHeaderItem(column)
            if heading is not None:
                heading.setToolTip(tip)
        self._set_up_table()
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, SPACING, 0, 0)
        column_layout.setSpacing(SPACING)
        column_layout.addWidget(self.summary)
        column_layout.addWidget(self.table, 1)
        column_layout.addWidget(self.error)

    def _set_up_table(self) -> None:
        table = self.table
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + SPACING)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        header = table.horizontalHeader()
        for column in range(REASON):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        # Not the last section's own stretching, which never makes it narrower than it was: reasons
        # give way before the table scrolls sideways, and are whole in their tooltips.
        header.setSectionResizeMode(REASON, QHeaderView.ResizeMode.Stretch)
        table.cellClicked.connect(self._clicked)
        table.cellActivated.connect(self._clicked)
        table.itemChanged.connect(self._changed)

    def set_lines(self, lines: Sequence[RuleLine], summary: str) -> None:
        """Show the rows and the sentence above them; emits nothing."""
        if self.summary.text() != summary:
            self.summary.setText(summary)
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(lines))
            for row, line in enumerate(self._lines):
                self._set_row(row, line)

    def set_error(self, text: str) -> None:
        """Show a sentence under the table; an empty one removes it."""
        self.error.set_text(text)

    def row_of(self, key: str) -> int:
        """Return the row of a rule."""
        return next(row for row, line in enumerate(self._lines) if line.key == key)

    def _set_row(self, row: int, line: RuleLine) -> None:
        texts = (
            line.title,
            line.rank,
            line.value,
            line.error,
            line.stored,
            line.ratio,
            line.reason,
        )
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            if column == PARAMETER and line.value:
                flags |= Qt.ItemFlag.ItemIsEditable
                item.setToolTip(line.value_tooltip)
            elif column == REASON:
                item.setToolTip(line.reason)
            else:
                item.setToolTip(line.tooltip)
            item.setFlags(flags)
            if RANK <= column <= RATIO:
                item.setTextAlignment(right)
                item.setFont(tabular_font(self.table.font()))
            if line.chosen and column in (RULE, RANK):
                font = item.font()
                font.setBold(True)
                item.setFont(font)
            self.table.setItem(row, column, item)

    def _clicked(self, row: int, column: int) -> None:
        # A click into an editable number is the start of typing, not a choice.
        if column == PARAMETER and self._lines[row].value:
            return
        self.chosen.emit(self._lines[row].key)

    def _changed(self, item: QTableWidgetItem) -> None:
        if item.column() != PARAMETER:
            return
        line = self._lines[item.row()]
        if item.text() != line.value:
            typed = item.text()
            with QSignalBlocker(self.table):
                item.setText(line.value)
            self.value_typed.emit(line.key, typed)
