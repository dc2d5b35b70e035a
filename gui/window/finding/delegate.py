"""How a line of the panel is painted: what was found bold, then what stands beside it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.search import marked
from gui.core.paint.theme import SPACING
from gui.window.finding.rows import Row, Rows

_Index = QModelIndex | QPersistentModelIndex
REST = 0.34  # of the width stays for what stands beside a title


class FoundDelegate(QStyledItemDelegate):
    """Paints `Row`s."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: D102
        return QSize(10 * SPACING, QFontMetrics(option.font).height() + SPACING)

    def paint(self, painter: QPainter, option: Any, index: _Index) -> None:  # noqa: D102
        row: Row = index.data(Rows.ROW)
        if row is None:
            return
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        role, group = QPalette.ColorRole, QPalette.ColorGroup.Normal
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = option.palette.color(group, role.HighlightedText if chosen else role.Text)
        faint = ink if chosen else option.palette.color(group, role.PlaceholderText)
        area = option.rect.adjusted(SPACING, 0, -SPACING, 0)
        painter.save()
        painter.setFont(option.font)
        if row.is_heading:
            painter.setPen(faint)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, row.title)
        else:
            self._paint_found(painter, option.font, area, row, ink, faint)
        painter.restore()

    def _paint_found(
        self, painter: QPainter, font: QFont, area: QRect, row: Row, ink: Any, faint: Any
    ) -> None:
        metrics = QFontMetrics(font)
        centre = Qt.AlignmentFlag.AlignVCenter
        end = "   ".join(filter(None, (row.keys, "★" if row.pinned else "")))
        painter.setPen(faint)
        painter.drawText(area, centre | Qt.AlignmentFlag.AlignRight, end)
        room = area.width() - (metrics.horizontalAdvance(end) + 2 * SPACING if end else 0)
        area.adjust(2 * SPACING, 0, 0, 0)
        room -= 2 * SPACING
        if row.checked:
            painter.setPen(ink)
            painter.drawText(area.adjusted(-2 * SPACING, 0, 0, 0), centre, "✓")
        most = room if not row.remark else max(room - int(REST * room), room // 2)
        title = metrics.elidedText(row.title, Qt.TextElideMode.ElideMiddle, most)
        painter.setPen(ink if row.usable and not row.more else faint)
        width = _draw_marked(painter, font, area, title, row)
        left = area.adjusted(width + 2 * SPACING, 0, 0, 0)
        left.setWidth(max(0, room - width - 2 * SPACING))
        painter.setPen(faint)
        said = metrics.elidedText(row.remark, Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, centre, said)


def _draw_marked(painter: QPainter, font: QFont, area: QRect, title: str, row: Row) -> int:
    """Draw a title with the places that were found bold; return its width."""
    layout = QTextLayout(title, font)
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.Bold)
    ranges = []
    for start, end in marked(title, row.matched):
        one = QTextLayout.FormatRange()
        one.start, one.length, one.format = start, end - start, bold
        ranges.append(one)
    layout.setFormats(ranges)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(100_000)
    layout.endLayout()
    top = area.top() + (area.height() - line.height()) / 2
    layout.draw(painter, QPointF(area.left(), top))
    return int(line.naturalTextWidth()) + 1
