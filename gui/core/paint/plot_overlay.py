"""What lies over the data of a plot: cursors with labels, crosshair, read-out, selected handle."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsObject

from gui.core.figure.figure import MARK_ROWS, AxisName, Cursor, Figure, numbered
from gui.core.figure.palette import PLATE, Scheme
from gui.core.paint.pens import faded, make_pen
from gui.core.paint.plot_geometry import Frame
from gui.core.paint.plot_places import Drawn, best_place, in_view, places_of, spaced
from gui.frozen import dataclass

_CHIP_ALPHA = round(255 * PLATE)
_CHIP_PADDING = 4.0
_HALO_ALPHA = 170
_LABEL_ROOM = 90.0


@dataclass(frozen=True)
class Handle:
    """Something a person can move: a cursor (``index`` -1) or one point of a series."""

    key: str
    index: int = -1

    @property
    def is_point(self) -> bool:
        """Whether this is a point of a series."""
        return self.index >= 0


@dataclasses.dataclass
class OverlayState:
    """What the canvas tells the overlay; plain data."""

    figure: Figure | None = None
    # Values under the person's hand, drawn until the next figure brings them.
    moved: dict[Handle, float] = field(default_factory=dict)
    active: Handle | None = None
    mouse: tuple[float, float] | None = None
    readout: str = ""
    focused: bool = False


def cursor_value(cursor: Cursor, moved: Mapping[Handle, float]) -> float:
    """Return where a cursor is drawn: under the hand, or where the figure puts it."""
    return moved.get(Handle(cursor.key), cursor.value)


class Overlay(QGraphicsObject):
    """Paints an :class:`OverlayState` in pixels over the figure layer."""

    framed = Signal()  # data lie elsewhere on the screen

    def __init__(
        self,
        state: OverlayState,
        frame: Callable[[], Frame],
        scheme: Callable[[], Scheme],
        font: QFont,
        drawn: Callable[[], Drawn] = lambda: Drawn(()),
    ) -> None:
        super().__init__()
        self._state, self._frame, self._scheme, self._font = state, frame, scheme, font
        self._drawn = drawn
        # Places of the labels as last painted; tests look for collisions here.
        self.label_rects: dict[str, QRectF] = {}
        self.setZValue(10)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def frame_changed(self) -> None:
        """Repaint after a zoom or a new size."""
        self.prepareGeometryChange()
        self.update()
        self.framed.emit()

    def boundingRect(self) -> QRectF:  # noqa: D102
        frame = self._frame()
        return QRectF(0, 0, frame.width, frame.height)

    def paint(self, painter: QPainter, *_unused: Any) -> None:  # noqa: D102
        state, frame, scheme = self._state, self._frame(), self._scheme()
        if state.figure is None or frame.width < 2:
            return
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint_cursors(painter, state.figure, frame, scheme)
        self._paint_active_point(painter, state.figure, frame, scheme)
        self._paint_crosshair(painter, frame, scheme)
        if state.focused:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(scheme.accent), 1))
            painter.drawRect(QRectF(0, 0, frame.width - 1, frame.height - 1))

    def _paint_cursors(
        self, painter: QPainter, figure: Figure, frame: Frame, scheme: Scheme
    ) -> None:
        placed: dict[str, QRectF] = {}
        labels: list[tuple[Cursor, QRectF]] = []
        moved = self._state.moved
        visible = in_view(figure.cursors, frame, lambda one: cursor_value(one, moved))
        # A label on a picture hides some of it wherever it is.
        hidable = any(one.label for _, one in visible) and not figure.images
        drawn = self._drawn() if hidable else Drawn(())
        for at, cursor, gap in spaced(visible):
            active = self._state.active == Handle(cursor.key)
            width = 2.5 if active else (1.75 if cursor.draggable else 1.25)
            painter.setPen(make_pen(scheme.color(cursor.color), cursor.dash, width))
            vertical = cursor.axis == "x"
            line = QLineF(at, 0, at, frame.height) if vertical else QLineF(0, at, frame.width, at)
            if figure.images:
                # On a picture, dark here and bright there, no single colour is seen everywhere.
                pen = painter.pen()
                painter.setPen(QPen(faded(scheme.background, _HALO_ALPHA), width + 2))
                painter.drawLine(line)
                painter.setPen(pen)
            painter.drawLine(line)
            if cursor.draggable:
                _paint_grip(painter, cursor, at, frame, scheme)
            if cursor.label:
                place = self._place(cursor, at, gap, frame, list(placed.values()), drawn)
                placed[cursor.key] = place
                labels.append((cursor, place))
        # Labels after all lines, so that no line runs through a word.
        for cursor, place in labels:
            _paint_chip(painter, place, cursor.label, scheme.words(cursor.color), scheme)
        self.label_rects = placed

    def number_marks(self, figure: Figure, height: float) -> Figure:
        """Show and return a figure with numbers where not every mark has room for its label.

        Asked of a plot of a height, so that the legend, which lists them, does not decide it.
        """
        axes = self._crowded(figure.cursors, replace(self._frame(), height=height))
        shown = replace(figure, cursors=numbered(figure.cursors, axes)) if axes else figure
        self._state.figure = shown
        self.update()
        return shown

    def _crowded(self, cursors: Sequence[Cursor], frame: Frame) -> set[AxisName]:
        """Return the axes along which a mark in view has no room for its whole label.

        What is dragged is not asked for: names must not turn into numbers under the hand.
        """
        found: set[AxisName] = set()
        taken: list[QRectF] = []
        marks = [one for one in cursors if one.is_mark]
        for at, cursor, gap in spaced(in_view(marks, frame, lambda one: one.value)):
            whole, height = self._size_of(cursor)
            places = places_of(cursor, at, gap, whole, height, frame)
            if cursor.axis == "x":
                places = [place for place in places if place.top() < MARK_ROWS * (height + 2)]
            free = [one for one in places if not any(one.intersects(other) for other in taken)]
            if whole > frame.width - 4 or not free:
                found.add(cursor.axis)
            taken += free[:1]
        return found

    def _size_of(self, cursor: Cursor) -> tuple[float, float]:
        metrics = QFontMetricsF(self._font)
        return metrics.horizontalAdvance(cursor.label) + 2 * _CHIP_PADDING, metrics.height() + 2

    def _place(
        self,
        cursor: Cursor,
        at: float,
        gap: float,
        frame: Frame,
        taken: list[QRectF],
        drawn: Drawn,
    ) -> QRectF:
        """Return where a label goes: beside its line, row after row, over no curve if it can.

        ``gap`` is the way to the next cursor. Only where no place is free for it whole, it is cut:
        many lines that mark a place share a plot.
        """
        whole, height = self._size_of(cursor)
        for room in (frame.width - 4, max(_LABEL_ROOM, 0.4 * frame.width)):
            width = min(whole, room)
            places = places_of(cursor, at, gap, width, height, frame)
            if (best := best_place(places, taken, drawn)) is not None:
                return best
        return places[0] if places else QRectF(2, 2, width, height)

    def _paint_active_point(
        self, painter: QPainter, figure: Figure, frame: Frame, scheme: Scheme
    ) -> None:
        points = [handle for handle in self._state.moved if handle.is_point]
        active = self._state.active
        if active is not None and active.is_point and active not in points:
            points.append(active)
        for handle in points:
            series = next((one for one in figure.series if one.key == handle.key), None)
            if series is None or handle.index >= series.x.size:
                continue
            y = self._state.moved.get(handle, float(series.y[handle.index]))
            centre = QPointF(frame.px_one(series.x[handle.index]), frame.py_one(y))
            painter.setBrush(QColor(scheme.color(series.color)))
            painter.setPen(QPen(QColor(scheme.accent), 2.5))
            painter.drawEllipse(centre, 6.5, 6.5)

    def _paint_crosshair(self, painter: QPainter, frame: Frame, scheme: Scheme) -> None:
        if self._state.mouse is None:
            return
        x, y = self._state.mouse
        painter.setPen(QPen(faded(scheme.muted, 150), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawLine(QLineF(x, 0, x, frame.height))
        painter.drawLine(QLineF(0, y, frame.width, y))
        if not self._state.readout:
            return
        metrics = QFontMetricsF(self._font)
        room = frame.width - 8
        text = metrics.elidedText(self._state.readout, Qt.TextElideMode.ElideMiddle, room - 8)
        width = metrics.horizontalAdvance(text) + 2 * _CHIP_PADDING
        height = metrics.height() + 2
        # Opposite to the mouse, at the bottom: the labels of cursors are at the top.
        sides = [4.0, frame.width - width - 4]
        lefts = sides if x > frame.width / 2 else sides[::-1]
        places = [
            QRectF(left, top, width, height)
            for top in (frame.height - height - 4, 4.0)
            if abs(top + height / 2 - y) > 2.5 * height
            for left in lefts
        ]
        hidable = self._state.figure is not None and not self._state.figure.images
        drawn = self._drawn() if hidable else Drawn(())
        labels = list(self.label_rects.values())
        place = best_place(places, labels, drawn) or best_place(places, [], drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        _paint_chip(
            painter, place or QRectF(lefts[0], 4.0, width, height), text, scheme.ink, scheme
        )


def _paint_grip(painter: QPainter, cursor: Cursor, at: float, frame: Frame, scheme: Scheme) -> None:
    """A small knob at the lower or left border says: this line can be dragged."""
    centre = QPointF(at, frame.height - 7) if cursor.axis == "x" else QPointF(7, at)
    painter.setPen(QPen(QColor(scheme.background), 1.5))
    painter.setBrush(QColor(scheme.color(cursor.color)))
    painter.drawEllipse(centre, 5, 5)


def _paint_chip(painter: QPainter, place: QRectF, text: str, color: str, scheme: Scheme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(scheme.background, _CHIP_ALPHA))
    painter.drawRoundedRect(place, 3, 3)
    painter.setPen(QColor(color))
    shown = painter.fontMetrics().elidedText(
        text, Qt.TextElideMode.ElideRight, int(place.width() - 2 * _CHIP_PADDING + 2)
    )
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
