"""One lower view of the Top-k page: a plot or a table, with its options above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.core.figure.figure import Figure
from gui.core.paint.pens import faded, make_pen
from gui.core.paint.plot_view import PlotView
from gui.core.paint.theme import SPACING, Theme
from gui.core.widgets.controls import ErrorLine
from gui.pages.topk.figures import Style
from gui.pages.topk.tables import Table

if TYPE_CHECKING:
    from gui.pages.topk.view import TopkView

OPTION_WIDTH = 300
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_TINT = 28  # of 255, behind a verdict


class LowerPane(QWidget):
    """Common to all lower views: options, an error line, perhaps a plot."""

    option_chosen = Signal(str, str)

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__()
        self._options = dict(options)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, SPACING, 0, 0)
        self._column.setSpacing(SPACING // 2)
        if options:
            row = QHBoxLayout()
            row.setContentsMargins(SPACING, 0, SPACING, 0)
            for field, control in options.items():
                control.setFixedWidth(OPTION_WIDTH)
                control.edited.connect(lambda value, f=field: self.option_chosen.emit(f, value))
                row.addWidget(control)
            row.addStretch(1)
            self._column.addLayout(row)
        self.error = ErrorLine()
        self._column.addWidget(self.error)

    def set_option(self, field: str, value: str) -> None:
        """Show the value of an option; emits nothing."""
        if field in self._options:
            self._options[field].set_value(value)

    def plot(self) -> PlotView | None:
        """Return the plot, None where there is none (yet)."""
        return None


class PlotPane(LowerPane):
    """A plot, made when it is first needed: an unseen view must not slow the start."""

    def __init__(self, view: TopkView, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._view = view
        self._plot: PlotView | None = None

    def plot(self) -> PlotView | None:
        """Return the plot, None before its first figure."""
        return self._plot

    def set_figure(self, figure: Figure) -> None:
        """Draw ``figure``."""
        if self._plot is None:
            self._plot = self._view.new_plot(figure.title)
            self._column.addWidget(self._plot, 1)
        self._plot.set_figure(figure)


class TablePane(LowerPane):
    """A table of measured verdicts; ``chosen`` reports the data of a clicked cell."""

    def __init__(self, chosen: Any) -> None:
        super().__init__({})
        self._theme: Theme | None = None
        self._content = Table((), ())
        self._chosen = chosen
        self.table = QTableWidget()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setWordWrap(True)
        self.table.setShowGrid(False)
        self.table.setFrameShape(QTableWidget.Shape.NoFrame)
        self.table.setIconSize(QSize(3 * SPACING, SPACING))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setMinimumSectionSize(3 * SPACING)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(_LEFT | Qt.TextFlag.TextWordWrap)
        header.setHighlightSections(False)
        # Narrower columns need taller rows, or words would be cut.
        header.sectionResized.connect(self.table.resizeRowsToContents)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._column.addWidget(self.note)
        self._column.addWidget(self.table, 1)
        if chosen is not None:
            self.table.cellActivated.connect(self._tell)
            self.table.cellClicked.connect(self._tell)

    def set_theme(self, theme: Theme) -> None:
        """Give the colours of verdicts, now and when the scheme changes."""
        self._theme = theme
        theme.changed.connect(self._colour)

    def set_table(self, content: Table) -> None:
        """Show ``content`` in place of what was shown."""
        if content == self._content:
            return
        self._content = content
        self.note.setText(content.note)
        self.note.setVisible(bool(content.note))
        table = self.table
        table.setColumnCount(len(content.columns))
        table.setRowCount(len(content.cells))
        table.setHorizontalHeaderLabels(list(content.columns))
        for i, line in enumerate(content.cells):
            for j, cell in enumerate(line):
                item = QTableWidgetItem(cell.text)
                item.setToolTip(cell.tooltip)
                item.setTextAlignment(_LEFT)
                table.setItem(i, j, item)
        self._colour()
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        table.resizeRowsToContents()

    def text(self, row: int, column: int) -> str:
        """Return the words of one cell, for tests."""
        return self._content.cells[row][column].text

    def _colour(self) -> None:
        if self._theme is None:
            return
        for i, line in enumerate(self._content.cells):
            for j, cell in enumerate(line):
                item = self.table.item(i, j)
                if item is None:
                    continue
                color = self._theme.scheme.color(cell.role)
                item.setForeground(QColor(color))
                item.setBackground(faded(color, _TINT if cell.verdict else 0))
                if cell.style is not None:
                    item.setIcon(_curve_icon(cell.style, self._theme))

    def _tell(self, row: int, column: int) -> None:
        self._chosen.emit(*self._content.cells[row][column].data.partition(":")[::2])


def _curve_icon(style: Style, theme: Theme) -> QIcon:
    """Return a piece of the operator's curve, as in the legends."""
    picture = QPixmap(3 * SPACING, SPACING)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(make_pen(theme.scheme.color(style.color), style.dash, 2.0))
    painter.drawLine(QPointF(0, SPACING / 2), QPointF(3 * SPACING, SPACING / 2))
    painter.end()
    return QIcon(picture)
