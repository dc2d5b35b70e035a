"""A table too large to be made: it shows a block of it, and asks for another where it is scrolled.

Qt's own table takes seconds to lay out 10^8 rows and cannot count to 10^10: here the view holds
only what there is room for, and the bars beside it travel over the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHeaderView,
    QScrollBar,
    QTableView,
    QWidget,
)

from gui.core.figure.colormaps import SIZE, table
from gui.core.figure.table import Cell, Table
from gui.core.paint.head.labels import PlainLabel, plain_tip
from gui.core.paint.theme import SPACING, Theme, tabular_font

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LINES = 3  # a notch of the wheel
_NOTCH = 120
_TRAVEL = 1 << 30  # what a bar can count to
# Half-way to the ends of the diverging map, below 0 and above, and how much of it the largest
# numbers get: words stay readable on it, dark on light and light on dark.
_TONES = tuple(tuple(map(int, table("diverging")[SIZE // 2 + way * SIZE // 4])) for way in (-1, 1))
_FULL = 0.65
_NAME_MOST = 24  # letters of a row's name that stand whole; its tooltip has all of it

Span = tuple[int, int, int, int]  # first row, first column, last row, last column


class _Model(QAbstractTableModel):
    """The block, and which of its cells are chosen."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.content = Table((), ())
        self.first = (0, 0)
        self.chosen: Span = (0, 0, 0, 0)

    def set_content(self, content: Table, first: tuple[int, int]) -> None:
        """Show another block, whose first cell is at ``first``."""
        same = (len(content.cells), len(content.columns)) == (self.rowCount(), len(self.columns))
        if not same:
            self.beginResetModel()
        self.content, self.first = content, first
        if not same:
            self.endResetModel()
        elif self.rowCount():
            self.dataChanged.emit(
                self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1)
            )
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, self.rowCount() - 1)

    @property
    def columns(self) -> tuple[Any, ...]:
        """The columns, the row's own name first."""
        return self.content.columns

    def cell(self, index: _Index) -> Cell:
        """Return what stands in a cell."""
        return self.content.cells[index.row()][index.column() + 1]

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.content.cells)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else max(len(self.content.columns) - 1, 0)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cell(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(cell.tip)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row, column = index.row(), index.column()
            name = f"{self.content.cells[row][0].text}, {self.columns[column + 1].title}"
            return f"{name}: {cell.text}"
        chosen = self.is_chosen(index)
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._background(cell, chosen)
        if role == Qt.ItemDataRole.ForegroundRole:
            if chosen:
                return QGuiApplication.palette().color(QPalette.ColorRole.HighlightedText)
            return QColor(self._theme.scheme.color(cell.role))
        return None

    def is_chosen(self, index: _Index) -> bool:
        """Whether a cell is among the chosen ones."""
        top, left, bottom, right = self.chosen
        row, column = self.first[0] + index.row(), self.first[1] + index.column()
        return top <= row <= bottom and left <= column <= right

    def _background(self, cell: Cell, chosen: bool) -> QColor | None:
        if chosen:
            return QGuiApplication.palette().color(QPalette.ColorRole.Highlight)
        if cell.shade is None:
            return None
        return _shade(cell.shade, self._theme)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if role == Qt.ItemDataRole.ToolTipRole:  # a name may be cut, and hides the number
            along = orientation == Qt.Orientation.Horizontal
            name, number = self.headerData(section, orientation), str(self.first[along] + section)
            return plain_tip(name if name == number else f"{name}, {number}")
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self.columns[section + 1].title
        return self.content.cells[section][0].text


def _shade(place: float, theme: Theme) -> QColor:
    """Return the background turned towards the diverging colours, the further from 0 the more."""
    red, green, blue = _TONES[place > 0]
    under = QColor(theme.scheme.color("background"))
    share = _FULL * abs(place)
    mixed = zip((red, green, blue), (under.red(), under.green(), under.blue()), strict=True)
    return QColor(*(round(share * over + (1.0 - share) * below) for over, below in mixed))


class _Cells(QTableView):
    """The cells in sight; the keys are the grid's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()


class NumberGrid(QWidget):
    """Shows a block of a large table.

    ``moved(row, column, rows, columns)``: there is room for this block now. ``picked(row,
    column)``: a person chose a cell. ``copied(span)``: wants the chosen cells on the clipboard.
    """

    moved = Signal(object, object, int, int)
    picked = Signal(object, object)
    copied = Signal(object)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = self._first = (0, 0)
        self._current = self._anchor = (0, 0)
        self._named = 0  # pixels of the longest name of a row that was in sight
        self.note = PlainLabel()
        self.note.setWordWrap(True)
        self.cells = self.rows = _Cells()
        self.cells.setAccessibleName(name)
        self._model = _Model(theme, self)
        self.cells.setModel(self._model)
        self.down, self.across = QScrollBar(Qt.Orientation.Vertical), QScrollBar()
        self.across.setOrientation(Qt.Orientation.Horizontal)
        self._set_up()
        theme.changed.connect(self.cells.viewport().update)

    def _set_up(self) -> None:
        cells, off = self.cells, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        cells.setFont(tabular_font(cells.font()))
        cells.setFrameShape(QFrame.Shape.NoFrame)
        cells.setVerticalScrollBarPolicy(off)
        cells.setHorizontalScrollBarPolicy(off)
        cells.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        cells.setTabKeyNavigation(False)
        cells.setWordWrap(False)
        cells.setCornerButtonEnabled(False)
        cells.setAutoScroll(False)
        self._line = cells.fontMetrics().height() + SPACING
        self._width = cells.fontMetrics().horizontalAdvance("−8.8888e-888") + 2 * SPACING
        for header, length in (
            (cells.verticalHeader(), self._line),
            (cells.horizontalHeader(), self._width),
        ):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(length)
            header.setMinimumSectionSize(length)
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
            header.setTextElideMode(Qt.TextElideMode.ElideRight)
        cells.horizontalHeader().setDefaultAlignment(_RIGHT)
        cells.verticalHeader().setDefaultAlignment(_RIGHT)
        cells.viewport().installEventFilter(self)
        self.setFocusProxy(cells)
        for bar, axis in ((self.down, 0), (self.across, 1)):
            bar.valueChanged.connect(self._follow(axis))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, SPACING, 0, 0)
        grid.setSpacing(0)
        grid.setVerticalSpacing(SPACING // 2)
        grid.addWidget(self.note, 0, 0, 1, 2)
        grid.addWidget(cells, 1, 0)
        grid.addWidget(self.down, 1, 1)
        grid.addWidget(self.across, 2, 0)

    # -- what is shown ----------------------------------------------------------------------

    def set_size(self, rows: int, columns: int) -> None:
        """Say how large the whole is; another size begins at its first cell."""
        if (rows, columns) != self._size:
            self._size, self._first, self._named = (rows, columns), (0, 0), 0
            self._current = self._anchor = (0, 0)
            self._bars()
            self._tell()

    def set_table(self, content: Table) -> None:
        """Show a block; its first column and row say where it lies."""
        self.note.setText(content.note)
        self.note.setVisible(bool(content.note))
        self._make_room_for([line[0].text for line in content.cells])
        self._model.set_content(content, self._first)
        self._mark()

    def _make_room_for(self, names: Sequence[str]) -> None:
        """Have the names of the rows stand whole, up to a length; further down is no less room."""
        advance = self.cells.fontMetrics().horizontalAdvance
        lengths = [advance(name) for name in (str(max(self._size[0] - 1, 0)), *names)]
        self._named = min(max(self._named, *lengths), _NAME_MOST * advance("n"))
        self.cells.verticalHeader().setFixedWidth(self._named + 2 * SPACING)

    def choose(self, row: int, column: int) -> None:
        """Mark one cell and bring it into sight; emits no choice."""
        if (row, column) != self._current:
            self._current = self._anchor = (row, column)
            self._show_current()
        self._mark()

    @property
    def room(self) -> tuple[int, int]:
        """How many rows and columns there is room for, the last ones cut."""
        view = self.cells.viewport()
        return max(view.height() // self._line, 1) + 1, max(view.width() // self._width, 1) + 1

    @property
    def first(self) -> tuple[int, int]:
        """Row and column of the first cell in sight."""
        return self._first

    @property
    def span(self) -> Span:
        """The chosen cells: first row and column, last row and column."""
        (a, b), (c, d) = self._anchor, self._current
        return min(a, c), min(b, d), max(a, c), max(b, d)

    def texts(self) -> list[tuple[str, ...]]:
        """Return the words in sight, row by row, each after its name."""
        return [tuple(cell.text for cell in line) for line in self._model.content.cells]

    # -- scrolling --------------------------------------------------------------------------

    def _tell(self) -> None:
        self.moved.emit(*self._first, *self.room)

    def _ends(self) -> tuple[int, int]:
        rows, columns = self.room
        return max(self._size[0] - rows + 1, 0), max(self._size[1] - columns + 1, 0)

    def _bars(self) -> None:
        for bar, first, end, page in zip(
            (self.down, self.across), self._first, self._ends(), self.room, strict=True
        ):
            blocked = bar.blockSignals(True)
            travel = min(end, _TRAVEL)
            bar.setRange(0, travel)
            bar.setPageStep(max(page - 1, 1))
            bar.setValue(first if end <= _TRAVEL else round(first / end * travel))
            bar.blockSignals(blocked)
            bar.setEnabled(end > 0)

    def _follow(self, axis: int) -> Callable[[int], None]:
        def follow(value: int) -> None:
            end = self._ends()[axis]
            place = value if end <= _TRAVEL else round(value / _TRAVEL * end)
            first = list(self._first)
            first[axis] = place
            self._scroll_to(*first)

        return follow

    def _scroll_to(self, row: int, column: int) -> None:
        last_row, last_column = self._ends()
        first = min(max(row, 0), last_row), min(max(column, 0), last_column)
        if first != self._first:
            self._first = first
            self._bars()
            self._tell()

    def _show_current(self) -> None:
        first = []
        for place, begin, room in zip(self._current, self._first, self.room, strict=True):
            whole = max(room - 1, 1)
            first.append(min(max(begin, place - whole + 1), place))
        self._scroll_to(*first)

    def _turn(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        down, across = turn.y() / _NOTCH, turn.x() / _NOTCH
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            down, across = 0.0, down or across
        row, column = self._first
        self._scroll_to(row - round(_LINES * down), column - round(across))
        event.accept()

    # -- choosing ---------------------------------------------------------------------------

    def _mark(self) -> None:
        self._model.chosen = self.span
        row, column = (p - f for p, f in zip(self._current, self._first, strict=True))
        inside = 0 <= row < self._model.rowCount() and 0 <= column < self._model.columnCount()
        if inside:
            self.cells.setCurrentIndex(self._model.index(row, column))
        self.cells.viewport().update()

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: D102
        if isinstance(event, QResizeEvent):
            self._bars()
            self._tell()
        if isinstance(event, QWheelEvent):
            self._turn(event)
            return True
        if isinstance(event, QMouseEvent) and event.buttons() & Qt.MouseButton.LeftButton:
            index = self.cells.indexAt(event.position().toPoint())
            if index.isValid():
                shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                drag = event.type() == event.Type.MouseMove
                place = self._model.first[0] + index.row(), self._model.first[1] + index.column()
                self.cells.setFocus(Qt.FocusReason.MouseFocusReason)
                self._pick(*place, extend=shift or drag)
            return True
        return super().eventFilter(watched, event)

    def _pick(self, row: int, column: int, extend: bool = False) -> None:
        rows, columns = self._size
        place = min(max(row, 0), max(rows - 1, 0)), min(max(column, 0), max(columns - 1, 0))
        before = (self._current, self._anchor)
        self._current = place
        if not extend:
            self._anchor = place
        if (self._current, self._anchor) != before:
            self._show_current()
            self._mark()
            self.picked.emit(*place)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        key, held = Qt.Key(event.key()), event.modifiers()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit(self.span)
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._anchor = (0, 0)
            self._pick(self._size[0] - 1, self._size[1] - 1, extend=True)
        elif (place := self._after(key, bool(held & Qt.KeyboardModifier.ControlModifier))) is None:
            event.ignore()
        else:
            self._pick(*place, extend=bool(held & Qt.KeyboardModifier.ShiftModifier))

    def _after(self, key: Qt.Key, far: bool) -> tuple[int, int] | None:
        """Return the cell that a key leads to, None where it leads nowhere."""
        row, column = self._current
        page = max(self.room[0] - 1, 1)
        steps = {
            Qt.Key.Key_Up: (row - 1, column),
            Qt.Key.Key_Down: (row + 1, column),
            Qt.Key.Key_Left: (row, column - 1),
            Qt.Key.Key_Right: (row, column + 1),
            Qt.Key.Key_PageUp: (row - page, column),
            Qt.Key.Key_PageDown: (row + page, column),
            Qt.Key.Key_Home: (0 if far else row, 0),
            Qt.Key.Key_End: (self._size[0] - 1 if far else row, self._size[1] - 1),
        }
        return steps.get(key)
