"""A table on the screen: a sentence above it, its rows, an error below it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHideEvent,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.core.figure.palette import Dash
from gui.core.figure.table import Cell, Column, Table
from gui.core.paint.head.labels import PlainLabel
from gui.core.paint.pens import faded, make_pen
from gui.core.paint.theme import SPACING, Theme, tabular_font
from gui.core.widgets.lists.order_button import OrderButton, Orders
from gui.core.widgets.number_control import ErrorLine
from gui.core.words.i18n import in_a_row, tr

_LETTERS = 20  # of a sentence at least in a line, where other words can make room
_MEASURED = 200  # rows whose words are
_TINT = 28  # of 255, behind a verdict
_CELL = Qt.ItemDataRole.UserRole
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Item(QTableWidgetItem):
    """A cell that sorts by its number, what is missing last; by its words where it has none."""

    def __lt__(self, other: QTableWidgetItem) -> bool:
        mine, theirs = self.data(_CELL).rank, other.data(_CELL).rank
        if mine is None and theirs is None:
            return self.text() < other.text()
        return _rank(mine) < _rank(theirs)


def _rank(value: float | None) -> float:
    return math.inf if value is None or math.isnan(value) else value


class _Rows(QTableWidget):
    """The rows; Ctrl+C is the whole table's, not a cell's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()
        else:
            super().keyPressEvent(event)


class TableView(QWidget):
    """Shows a Table.

    ``chosen(data)``: a person clicked a cell that means something, or pressed Enter on it;
    ``typed(data, text)``: typed over one that may be edited.
    """

    chosen = Signal(str)
    typed = Signal(str, str)

    def __init__(
        self,
        name: str,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        orders: Orders | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._content, self._orders = theme, Table((), ()), orders
        self._sought = ""  # the row to go to as soon as it is there
        self._whole = True  # no words are cut: rows are as high as theirs need
        self.note, self.error = PlainLabel(), ErrorLine()
        self.note.setWordWrap(True)
        self.table: QTableWidget = _Rows()
        self.table.setAccessibleName(name)
        self._set_up()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACING, 0, 0)
        column.setSpacing(SPACING)
        self._above = QHBoxLayout()
        self._above.addWidget(self.note, 1)
        self.order_button: OrderButton | None = None
        column.addLayout(self._above)
        column.addWidget(self.table, 1)
        column.addWidget(self.error)
        theme.changed.connect(self._colour)

    def _set_up(self) -> None:
        table, trigger = self.table, QAbstractItemView.EditTrigger
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(3 * SPACING)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + SPACING)
        table.setShowGrid(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setIconSize(QSize(3 * SPACING, SPACING))
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed)
        header = table.horizontalHeader()
        header.setDefaultAlignment(_LEFT | Qt.TextFlag.TextWordWrap)
        header.setHighlightSections(False)
        # Narrower columns need taller rows, or words would be cut; in the next turn, as taller rows
        # may bring the scroll bar, which narrows the columns again while they tell of it.
        self._fit = QTimer(self, singleShot=True, interval=0)
        self._fit.timeout.connect(self._fit_rows)
        header.sectionResized.connect(self._fit_later)
        table.currentCellChanged.connect(lambda row, *_: self._open_row(row))
        table.cellClicked.connect(self._clicked)
        table.cellActivated.connect(self._clicked)
        table.itemChanged.connect(self._changed)

    def set_table(self, content: Table) -> None:
        """Show ``content``, sorted as the person last chose; emits nothing."""
        before, self._content = self._content, content
        said = in_a_row(content.note, content.hint)
        if self.note.text() != said:
            self.note.setText(said)
        self.note.setVisible(bool(said))
        if content.columns != before.columns or content.sort != before.sort:
            self._set_columns(content)
        elif content.cells == before.cells:
            return
        if content.filed and self._orders is not None and self.order_button is None:
            self.order_button = OrderButton(
                tr("Order of the rows"), tr("In their usual order"), self._orders, content.filed
            )
            self.order_button.chosen.connect(self.put_in_order)
            self._above.addWidget(self.order_button, 0, Qt.AlignmentFlag.AlignTop)
        self.put_in_order()

    def put_in_order(self) -> None:
        """Put the rows into the order chosen, which may have changed."""
        content, table, cells = self._content, self.table, self._content.cells
        if self.order_button is not None:
            cells = tuple(self.order_button.put(cells, _named))
        with QSignalBlocker(table):
            table.setSortingEnabled(False)
            table.setRowCount(len(content.cells))
            for i, line in enumerate(cells):
                for j, cell in enumerate(line):
                    table.setItem(i, j, self._item(cell, content.columns[j]))
            table.setSortingEnabled(content.sort >= 0)
        self._fit_rows()
        if self._sought:
            self._choose_sought()

    def go_to(self, name: str) -> None:
        """Put the keyboard here, on the row that means ``name``, now or once it is there."""
        self._sought = name
        self._choose_sought()
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _choose_sought(self) -> None:
        for row in range(self.table.rowCount()):
            if any(cell.data == self._sought for cell in self._cells_of(row)):
                self._sought = ""
                self.table.setCurrentCell(row, 0)
                self.table.scrollToItem(self._at(row, 0))
                return

    def _cells_of(self, row: int) -> list[Cell]:
        return [self._at(row, at).data(_CELL) for at in range(self.table.columnCount())]

    def set_error(self, text: str) -> None:
        """Show a sentence under the table; an empty one removes it."""
        self.error.set_text(text)

    def texts(self) -> list[tuple[str, ...]]:
        """Return the words as they are shown, from top to bottom."""
        table = self.table
        return [
            tuple(self._at(row, column).text() for column in range(table.columnCount()))
            for row in range(table.rowCount())
        ]

    def _set_columns(self, content: Table) -> None:
        table, mode = self.table, QHeaderView.ResizeMode
        with QSignalBlocker(table):
            table.setSortingEnabled(False)
            table.setColumnCount(len(content.columns))
            table.setHorizontalHeaderLabels([one.title for one in content.columns])
            if content.sort >= 0:
                table.sortByColumn(content.sort, Qt.SortOrder.AscendingOrder)
        for place, one in enumerate(content.columns):
            if (heading := table.horizontalHeaderItem(place)) is not None:
                heading.setToolTip(one.tip)
                aligned = _RIGHT if one.number else None
                heading.setData(Qt.ItemDataRole.TextAlignmentRole, aligned)
            # Not the last section's own stretching, which never makes it narrower than it was.
            resize = mode.Stretch if one.wide else mode.ResizeToContents
            table.horizontalHeader().setSectionResizeMode(place, resize)

    def _make_room(self) -> None:
        """Have names wrap where sentences, in wide columns, would have no room beside them."""
        header, columns = self.table.horizontalHeader(), self._content.columns
        wide = sum(one.wide for one in columns)
        wraps = any(one.wide and not one.elided for one in columns)
        self._whole = wraps
        self.table.setWordWrap(wraps)
        beside = [place for place, one in enumerate(columns) if not one.wide]
        names = next((place for place in beside if not columns[place].number), None)
        if not wide or names is None:
            return
        needs = {place: self._width_of(place) for place in beside}
        # Not the average width, which of a Chinese font is twice that of a letter.
        least = _LETTERS * self.table.fontMetrics().horizontalAdvance("x")
        filled = (place for place, one in enumerate(columns) if one.wide)
        sentences = sum(max(least // 2, min(least, self._width_of(place))) for place in filled)
        lack = sentences + sum(needs.values()) - self.table.viewport().width()
        narrowed = max(needs[names] - lack, self._width_of(names, by_word=True))
        if lack > 0 and narrowed < needs[names]:
            self._whole = True
            self.table.setWordWrap(True)
            header.setSectionResizeMode(names, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(names, narrowed)
        else:
            header.setSectionResizeMode(names, QHeaderView.ResizeMode.ResizeToContents)

    def _width_of(self, place: int, *, by_word: bool = False) -> int:
        """Return what a column takes where its cells stand in a line, or each of their words."""
        column, font = self._content.columns[place], self.table.font()
        font = tabular_font(font) if column.number else font
        font.setBold(True)
        metrics = QFontMetrics(font)
        lines = [line[place].text for line in self._content.cells[:_MEASURED]]
        words = [word for line in lines for word in line.split()] if by_word else lines
        heading = self.table.horizontalHeader().sectionSizeHint(place)
        longest = max(map(metrics.horizontalAdvance, words), default=0) + 2 * SPACING
        if any(line[place].curve is not None for line in self._content.cells[:_MEASURED]):
            longest += self.table.iconSize().width() + SPACING
        return max(longest, 0 if by_word else heading)

    def _item(self, cell: Cell, column: Column) -> QTableWidgetItem:
        item = _Item(cell.text)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if cell.edits else flags)
        item.setData(_CELL, cell)
        item.setToolTip(cell.tip)
        item.setTextAlignment(_RIGHT if column.number else _LEFT)
        font = tabular_font(self.table.font()) if column.number else self.table.font()
        font.setBold(cell.strong)
        item.setFont(font)
        self._paint(item, cell)
        return item

    def _paint(self, item: QTableWidgetItem, cell: Cell) -> None:
        color = self._theme.scheme.color(cell.role)
        item.setForeground(QColor(color))
        item.setBackground(faded(color, _TINT if cell.verdict else 0))
        if cell.curve is not None:
            item.setIcon(_curve_icon(*cell.curve, self._theme))

    def _colour(self) -> None:
        with QSignalBlocker(self.table):
            for row in range(self.table.rowCount()):
                for column in range(self.table.columnCount()):
                    item = self._at(row, column)
                    self._paint(item, item.data(_CELL))

    def _fit_later(self) -> None:
        if self.isVisible():
            self._fit.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        self._fit_later()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102
        self._fit.stop()
        super().hideEvent(event)

    def _fit_heading(self) -> None:
        """Give the heading the lines that its words need: Qt takes them for one."""
        header = self.table.horizontalHeader()
        metrics, margin = header.fontMetrics(), 2 * SPACING
        wraps, lines = int(Qt.TextFlag.TextWordWrap.value), 1
        for place, one in enumerate(self._content.columns):
            room = QRect(0, 0, max(1, header.sectionSize(place) - margin), 1 << 16)
            height = metrics.boundingRect(room, wraps, one.title).height()
            lines = max(lines, round(height / metrics.lineSpacing()))
        wanted = (lines - 1) * metrics.lineSpacing()
        header.setMinimumHeight(header.sizeHint().height() + wanted if wanted else 0)

    def _fit_rows(self) -> None:
        self._make_room()
        self._fit_heading()
        if self._whole:
            self.table.resizeRowsToContents()
        else:
            self._open_row(self.table.currentRow())

    def _open_row(self, opened: int) -> None:
        """Show one row with all of its words, the others in a line."""
        if self._whole or not any(one.elided for one in self._content.columns):
            return
        self.table.setWordWrap(opened >= 0)  # words in rows of one line end in an ellipsis, too
        line = self.table.verticalHeader().defaultSectionSize()
        for row in range(self.table.rowCount()):
            if row == opened:
                self.table.resizeRowToContents(row)
            elif self.table.rowHeight(row) != line:
                self.table.setRowHeight(row, line)

    def _at(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        assert item is not None
        return item

    def _clicked(self, row: int, column: int) -> None:
        cell: Cell = self._at(row, column).data(_CELL)
        # A click into an editable number is the start of typing, not a choice.
        if cell.data and not cell.edits:
            self.chosen.emit(cell.data)

    def _changed(self, item: QTableWidgetItem) -> None:
        cell: Cell = item.data(_CELL)
        if item.text() != cell.text:
            typed = item.text()
            with QSignalBlocker(self.table):
                item.setText(cell.text)
            self.typed.emit(cell.data, typed)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.matches(QKeySequence.StandardKey.Copy):
            heading = [one.title for one in self._content.columns]
            lines = "\n".join("\t".join(line) for line in (heading, *self.texts()))
            QApplication.clipboard().setText(lines)
        else:
            super().keyPressEvent(event)


def _named(line: tuple[Cell, ...]) -> str:
    """Return what a row is about."""
    return next((cell.data for cell in line if cell.data), "")


def _curve_icon(color: str, dash: Dash, theme: Theme) -> QIcon:
    """Return a piece of a curve, as in the legends."""
    picture = QPixmap(3 * SPACING, SPACING)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(make_pen(theme.scheme.color(color), dash, 2.0))
    painter.drawLine(QPointF(0, SPACING / 2), QPointF(3 * SPACING, SPACING / 2))
    painter.end()
    return QIcon(picture)
