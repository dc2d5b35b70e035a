"""A table of many thousand rows on the screen: only those in sight are made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.core.figure.table import Cell, Table
from gui.core.paint.head.labels import PlainLabel, plain_tip
from gui.core.paint.theme import SPACING, Theme, tabular_font

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
# As numbers: Qt asks by number, and an enumeration costs more than the answer.
_LEFT = int((Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value)
_RIGHT = int((Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value)
_DISPLAY, _TIP, _FONT, _ALIGNED, _FOREGROUND = (
    int(role.value)
    for role in (
        *(Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.FontRole),
        *(Qt.ItemDataRole.TextAlignmentRole, Qt.ItemDataRole.ForegroundRole),
    )
)
_LEFT_END, _RIGHT_END = Qt.TextElideMode.ElideLeft, Qt.TextElideMode.ElideRight
_WIDEST = 260  # pixels of a column, until a person makes it wider
_MEASURED = 40  # rows by which the width of a column goes


class _Model(QAbstractTableModel):
    """The rows in the order in which they are sorted."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self.content = theme, Table((), ())
        self.order: Sequence[int] = ()
        self.sorted: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self._font = tabular_font(parent.font())
        self._scheme: Any = None
        self._colors: dict[str, QColor] = {}  # of the scheme

    def set_content(self, content: Table) -> None:
        """Show other rows, sorted as before."""
        same = (content.columns, len(content.cells)) == (self.content.columns, self.rowCount())
        if not same:
            self.beginResetModel()
        self.content = content
        self.order = self._ordered()
        if not same:
            self.endResetModel()
        elif self.rowCount():
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def cell(self, index: _Index) -> Cell:
        """Return what stands in a cell."""
        return self.content.cells[self.order[index.row()]][index.column()]

    def name(self, row: int) -> str:
        """Return what a row on the screen means to the page."""
        return self.content.cells[self.order[row]][0].data

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.content.cells)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.content.columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        # Asked for seven roles of every cell of every frame: what needs no cell looks up none.
        if role == _DISPLAY:
            return self.cell(index).text
        if role == _FOREGROUND:
            return self._color(self.cell(index).role)
        if role == _ALIGNED:
            return _RIGHT if self.content.columns[index.column()].number else _LEFT
        if role == _FONT:
            return self._font if self.content.columns[index.column()].number else None
        if role == _TIP:
            cell = self.cell(index)
            return plain_tip(cell.tip or cell.text)
        return None

    def _color(self, role: str) -> QColor:
        scheme = self._theme.scheme
        if scheme is not self._scheme:
            self._scheme, self._colors = scheme, {}
        if role not in self._colors:
            self._colors[role] = QColor(scheme.color(role))
        return self._colors[role]

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = _DISPLAY,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.content.columns[section]
        if role == _DISPLAY:
            return column.title
        if role == _TIP:
            return plain_tip(column.tip or column.title)
        return (_RIGHT if column.number else _LEFT) if role == _ALIGNED else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 is the order in which the rows came."""
        self.layoutAboutToBeChanged.emit()
        names = {index: self.name(index.row()) for index in self.persistentIndexList()}
        self.sorted = column, order
        self.order = self._ordered()
        if names:
            rows = {self.name(row): row for row in range(self.rowCount())}
            for index, name in names.items():
                moved = self.index(rows.get(name, -1), index.column())
                self.changePersistentIndex(index, moved)
        self.layoutChanged.emit()

    def _ordered(self) -> Sequence[int]:
        column, order = self.sorted
        count = len(self.content.cells)
        if not 0 <= column < len(self.content.columns):
            return range(count)
        down = order == Qt.SortOrder.DescendingOrder
        keys = [_key(value, down) for value in self._values(column)]
        return sorted(range(count), key=keys.__getitem__)

    def _values(self, column: int) -> Iterable[float | str | None]:
        values = getattr(self.content.cells, "values", None)
        if values is not None:  # known without making the cells
            return values(column)  # type: ignore[no-any-return]
        cells = (line[column] for line in self.content.cells)
        return [one.text if one.rank is None else one.rank for one in cells]


def _key(value: float | str | None, down: bool) -> Any:
    """Return what is sorted by: what is missing stands last, whichever way."""
    if isinstance(value, str):
        return 0, 0.0, [-ord(letter) for letter in value] if down else value
    if value is None or math.isnan(value):
        return 1, 0.0, [] if down else ""
    return 0, -value if down else value, [] if down else ""


class LongTable(QWidget):
    """Shows a Table of any length.

    ``chosen(data)``: a person selected rows, by what their first cells mean; ``opened(data)``: one
    was double-clicked, or Enter pressed on it.
    """

    chosen = Signal(tuple)
    opened = Signal(str)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note = PlainLabel()
        self.note.setWordWrap(True)
        self.table = self.rows = QTableView()
        self.table.setAccessibleName(name)
        self.model = _Model(theme, self.table)
        self._set_up()
        self.column = column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACING, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        theme.changed.connect(self.table.viewport().update)

    def _set_up(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(3 * SPACING)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + SPACING)
        table.setShowGrid(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.setTextElideMode(_LEFT_END)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        # By the rows in sight: all of a large model would be measured.
        header.setResizeContentsPrecision(_MEASURED)
        header.setMinimumSectionSize(3 * SPACING)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        table.setSortingEnabled(True)
        table.doubleClicked.connect(self._open)
        self._selection.selectionChanged.connect(self._tell)

    @property
    def _selection(self) -> QItemSelectionModel:
        return self.table.selectionModel()

    def set_table(self, content: Table) -> None:
        """Show ``content``, sorted as the person last chose; emits nothing."""
        other = content.columns != self.model.content.columns
        chosen = () if other else self.selected()
        if self.note.text() != content.note:
            self.note.setText(content.note)
        self.note.setVisible(bool(content.note))
        with QSignalBlocker(self._selection):
            self.model.set_content(content)
        self._fit_columns(other)
        self.set_chosen(chosen)

    def _fit_columns(self, afresh: bool) -> None:
        """Give columns the width of their words, up to one; what has no more takes what is left."""
        table, columns = self.table, self.model.content.columns
        header = table.horizontalHeader()
        needs = [
            max(header.sectionSizeHint(place), table.sizeHintForColumn(place))
            for place in range(len(columns))
        ]
        is_sentence = len(columns) == 1
        header.setStretchLastSection(is_sentence)
        table.setWordWrap(is_sentence)
        table.setTextElideMode(_RIGHT_END if is_sentence else _LEFT_END)
        for place, needed in enumerate(needs):
            if afresh:
                header.resizeSection(place, 0)
            wanted = min(needed, _WIDEST)
            if wanted > header.sectionSize(place):
                header.resizeSection(place, wanted)
        if is_sentence:
            table.resizeRowsToContents()

    def put_above(self, widget: QWidget) -> None:
        """Put a widget over the rows: what says which of them are shown."""
        self.column.insertWidget(0, widget)

    def set_chosen(self, names: Iterable[str]) -> None:
        """Select rows by what they mean; emits nothing."""
        wanted = set(names)
        if wanted == set(self.selected()):
            return
        model, last = self.model, self.model.columnCount() - 1
        selection = QItemSelection()
        if wanted:
            for row in range(model.rowCount()):
                if model.name(row) in wanted:
                    selection.select(model.index(row, 0), model.index(row, last))
        with QSignalBlocker(self._selection):
            self._selection.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows := selection.indexes():
            self.table.scrollTo(rows[0])
        self.table.viewport().update()

    def selected(self) -> tuple[str, ...]:
        """Return what the selected rows mean, from top to bottom."""
        rows = sorted(one.row() for one in self._selection.selectedRows())
        return tuple(self.model.name(row) for row in rows)

    def texts(self) -> list[tuple[str, ...]]:
        """Return the words as they are shown, from top to bottom."""
        cells = self.model.content.cells
        return [tuple(cell.text for cell in cells[place]) for place in self.model.order]

    def _tell(self, *_: object) -> None:
        self.chosen.emit(self.selected())

    def _open(self, index: QModelIndex) -> None:
        if name := self.model.name(index.row()):
            self.opened.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        index = self.table.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            heading = [one.title for one in self.model.content.columns]
            lines = "\n".join("\t".join(line) for line in (heading, *self.texts()))
            QApplication.clipboard().setText(lines)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self._open(index)
        else:
            super().keyPressEvent(event)
