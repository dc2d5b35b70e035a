"""The drawing area of a plot: view box, axes, layers and the hands that move things."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from gui.core.figure.figure import AxisName, Figure
from gui.core.figure.scale import Bounds, Range, Scale, is_inverted, make_scale
from gui.core.paint import plot_hands as hands
from gui.core.paint.axes.axis import ColorBar, PlotAxis
from gui.core.paint.axes.ranges import AutoRange
from gui.core.paint.graphs import pg
from gui.core.paint.plot_geometry import Frame
from gui.core.paint.plot_items import FigureLayer
from gui.core.paint.plot_keys import ARROWS, ZOOMS, KeyHand, move_view
from gui.core.paint.plot_overlay import Handle, Overlay, OverlayState
from gui.core.paint.plot_readout import readout_at
from gui.core.paint.theme import Theme, tabular_font


class PlotCanvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Draws one Figure and turns mouse and keys into signals; changes no data itself."""

    heard_as = QAccessible.Role.Chart

    handle_moved = Signal(object, float)
    handle_released = Signal(object)
    point_clicked = Signal(str, int)
    clicked = Signal(object)
    zoomed = Signal()
    painted = Signal()
    focused = Signal()
    double_clicked = Signal()
    menu_wanted = Signal(object)
    said = Signal(str)  # by a key: to be read aloud

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, useOpenGL=False, background=None)
        self._theme = theme
        self._figure: Figure | None = None
        self._scales: dict[AxisName, Scale] = {"x": Scale(), "y": Scale()}
        self._bounds = Bounds()
        self._ranges = AutoRange(self._bounds)
        self._grip: hands.Grip | None = None
        self.is_zoomed = False
        self._paints: deque[float] = deque(maxlen=8)
        self.state = OverlayState()
        self._keys = KeyHand(self.state, lambda: self._frame, self._move, self.handle_released.emit)
        self._frame = Frame(Scale(), Scale(), (0.0, 1.0), (0.0, 1.0), 1.0, 1.0)
        self._click: tuple[Figure | None, Frame, QPointF] = None, self._frame, QPointF()  # pressed
        self._build()
        self.apply_scheme()

    def _build(self) -> None:
        font = tabular_font(self.font())
        if font.pointSizeF() > 0:
            font.setPointSizeF(max(7.0, font.pointSizeF() - 0.5))
        self.small_font = font
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
        self.box.disableAutoRange()
        self.axes = {"x": PlotAxis("bottom"), "y": PlotAxis("left")}
        frame, scheme = lambda: self._frame, lambda: self._theme.scheme
        self.bar = ColorBar(scheme, font)
        self.layer = FigureLayer(frame, scheme)
        self.overlay = Overlay(self.state, frame, scheme, font, self.layer.drawn)
        for item in (self.layer, self.overlay):
            item.setParentItem(self.box)
        grid = self.centralLayout
        grid.setContentsMargins(0, 4, 8, 0)
        grid.setSpacing(0)
        grid.addItem(self.axes["y"], 0, 0)
        grid.addItem(self.box, 0, 1)
        grid.addItem(self.bar, 0, 2)
        grid.addItem(self.axes["x"], 1, 1)
        grid.setColumnStretchFactor(1, 1)
        grid.setRowStretchFactor(0, 1)
        for axis in self.axes.values():
            axis.linkToView(self.box)
            # Behind the view box: the grid must not run over data or pictures.
            axis.setZValue(-1000)
        self.box.sigRangeChanged.connect(self._refresh_frame)
        self.box.sigResized.connect(self._refresh_frame)
        self.box.sigRangeChangedManually.connect(self._zoomed_by_hand)
        self.setMouseTracking(True)

    def apply_scheme(self) -> None:
        """Repaint in the theme's colours."""
        scheme = self._theme.scheme
        self.setBackground(scheme.background)
        for axis in self.axes.values():
            axis.set_scheme(scheme, self.small_font)
        self.layer.update()
        self.overlay.update()
        self.bar.update()
        self.resetCachedContent()

    @property
    def frame(self) -> Frame:
        """Where data lies in pixels of the view box."""
        return self._frame

    def set_figure(self, figure: Figure) -> None:
        """Show ``figure``; keeps the person's zoom while the axes mean the same; emits nothing."""
        self._figure = self.state.figure = figure
        if self._grip is None:
            self.state.moved.clear()
        self._drop_lost_handle(figure)
        kept = self.is_zoomed
        for axis in ("x", "y"):
            own = figure.x if axis == "x" else figure.y
            scale = make_scale(figure, axis, own.log, self._bounds)
            kept = kept and self._ranges.is_same_axis(figure, axis, scale)
            self._scales[axis] = scale
            if self.axes[axis].set_axis(own, scale, own.limits if figure.images else None):
                self.resetCachedContent()
        self.is_zoomed = kept
        self._orient(figure)
        mapped = next((image for image in figure.images if image.map != "rgb"), None)
        self.bar.set_image(mapped)
        self._fit(figure)
        self.layer.set_figure(figure)
        self.overlay.update()
        self._refresh_frame()
        self._update_readout()

    def _orient(self, figure: Figure) -> None:
        if self.box.xInverted() != is_inverted(figure, "x"):
            self.box.invertX(is_inverted(figure, "x"))
        if self.box.yInverted() != is_inverted(figure, "y"):
            self.box.invertY(is_inverted(figure, "y"))
        if bool(self.box.state["aspectLocked"]) != figure.equal_aspect:
            self.box.setAspectLocked(figure.equal_aspect, 1)

    def _fit(self, figure: Figure) -> None:
        wanted: dict[str, Range] = {}
        for axis in ("x", "y"):
            found = self._ranges.update(figure, axis, self._scales[axis])
            if found is not None:
                wanted[axis] = found
        if self.is_zoomed or self._grip is not None:
            return
        self._show_ranges(wanted.get("x"), wanted.get("y"))

    def _show_ranges(self, x: Range | None, y: Range | None) -> None:
        target = self.box.state["targetRange"]
        wanted = (("xRange", x, target[0]), ("yRange", y, target[1]))
        changes = {key: new for key, new, old in wanted if new is not None and [*new] != [*old]}
        if changes:
            self.box.setRange(**changes, padding=0, disableAutoRange=True)

    def reset_view(self) -> None:
        """Show everything again, fitted anew."""
        self.forget_view()
        if self._figure is not None:
            self._fit(self._figure)
            self._refresh_frame()

    def forget_view(self) -> None:
        """Fit the next figure anew, whatever a person has zoomed to."""
        self.is_zoomed = False
        self._ranges.forget()

    def view_ranges(self) -> tuple[Range, Range]:
        """Return the visible ranges in axis coordinates."""
        x, y = self.box.viewRange()
        return (float(x[0]), float(x[1])), (float(y[0]), float(y[1]))

    def show_view_ranges(self, x: Range, y: Range) -> None:
        """Show ranges that another view of the same link group was zoomed to."""
        self.is_zoomed = True
        self._show_ranges(x, y)

    def visible_limits(self) -> tuple[Range, Range]:
        """Return the visible ranges as data values."""
        x, y = self.view_ranges()
        one, two = self._scales["x"], self._scales["y"]
        return (one.inverse(x[0]), one.inverse(x[1])), (two.inverse(y[0]), two.inverse(y[1]))

    def _refresh_frame(self, *_unused: Any) -> None:
        self.bar.make_room(self.width(), self.axes["y"])
        x, y = self.view_ranges()
        size = self.box.size()
        frame = Frame(
            self._scales["x"],
            self._scales["y"],
            x,
            y,
            size.width(),
            size.height(),
            bool(self.box.xInverted()),
            bool(self.box.yInverted()),
        )
        if frame != self._frame:
            self._frame = frame
            self.layer.frame_changed()
            self.overlay.frame_changed()
            self.resetCachedContent()

    def _zoomed_by_hand(self, *_unused: Any) -> None:
        self.is_zoomed = True
        self.zoomed.emit()

    def _drop_lost_handle(self, figure: Figure) -> None:
        active = self.state.active
        if active is not None and np.isnan(hands.current_value(figure, active, {})):
            self.state.active = None

    # Painting and focus

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: D102
        super().drawBackground(painter, rect)
        for axis in self.axes.values() if self._figure else ():
            painter.save()
            painter.setTransform(axis.sceneTransform(), True)
            axis.paint_into(painter)
            painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        start = time.perf_counter()
        super().paintEvent(event)
        self._paints.append(time.perf_counter() - start)
        self.painted.emit()

    @property
    def paint_cost(self) -> float:
        """Seconds that painting takes, about; infinite before the first time.

        The quickest of the last few: what interrupts a painting is no property of the plot.
        """
        return min(self._paints, default=math.inf)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: D102
        super().focusInEvent(event)
        self.state.focused = event.reason() != Qt.FocusReason.MouseFocusReason
        self.overlay.update()
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102
        super().focusOutEvent(event)
        self.state.focused = False
        self._keys.let_go()
        self.overlay.update()

    # Mouse

    def _in_box(self, event: QMouseEvent) -> QPointF:
        return QPointF(self.box.mapFromScene(self.mapToScene(event.position().toPoint())))

    def _handle_under(self, spot: QPointF) -> Handle | None:
        if self._figure is None or not self.box.rect().contains(spot):
            return None
        return hands.handle_at(
            self._figure, self._frame, spot.x(), spot.y(), self.layer.items, self.state.moved
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() == Qt.MouseButton.RightButton:
            # The context menu's; pyqtgraph would zoom with it.
            event.accept()
            return
        spot = self._in_box(event)
        handle = self._handle_under(spot)
        if event.button() == Qt.MouseButton.LeftButton and handle is not None:
            assert self._figure is not None
            value = hands.current_value(self._figure, handle, self.state.moved)
            self._grip = hands.Grip(handle, value, (spot.x(), spot.y()))
            self.state.active = handle
            self.overlay.update()
            event.accept()
            return
        self.state.active = None
        self._click = self._figure, self._frame, spot
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.box.setMouseMode(pg.ViewBox.RectMode if shift else pg.ViewBox.PanMode)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        spot = self._in_box(event)
        self._follow_mouse(spot)
        if self._grip is None:
            if event.buttons() == Qt.MouseButton.NoButton:
                self._show_shape(self._handle_under(spot))
            super().mouseMoveEvent(event)
            return
        event.accept()
        if self._figure is None:
            return
        self._grip.moved = True
        value = self._grip.value_at(self._figure, self._frame, spot.x(), spot.y())
        self._move(self._grip.handle, value)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if self._grip is None or event.button() != Qt.MouseButton.LeftButton:
            if event.button() != Qt.MouseButton.RightButton:
                super().mouseReleaseEvent(event)
                for held, value in hands.placed_by_click(*self._click, self._in_box(event)):
                    self._move(held, value)
                    self.handle_released.emit(held)
                if found := hands.clicked(*self._click, self._in_box(event), self.layer.items):
                    self.clicked.emit(found)
            return
        grip, self._grip = self._grip, None
        event.accept()
        if grip.moved:
            self.handle_released.emit(grip.handle)
            self._fit_after_drag()
        elif grip.handle.is_point:
            self.point_clicked.emit(grip.handle.key, grip.handle.index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102
        super().wheelEvent(event)
        self._update_readout()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: D102
        self.state.mouse = None
        self.overlay.update()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: D102
        self.menu_wanted.emit(event.globalPos())
        event.accept()

    def _move(self, handle: Handle, value: float) -> None:
        if self._figure is None or np.isnan(value):
            return
        if value == hands.current_value(self._figure, handle, self.state.moved):
            return
        self.state.moved[handle] = value
        self.overlay.update()
        self.handle_moved.emit(handle, value)

    def _fit_after_drag(self) -> None:
        if self._figure is not None and not self.is_zoomed:
            self._fit(self._figure)

    def _show_shape(self, handle: Handle | None) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if handle is not None and self._figure is not None:
            cursor = None if handle.is_point else hands.find_cursor(self._figure, handle.key)
            along_x = cursor is not None and cursor.axis == "x"
            shape = Qt.CursorShape.SizeHorCursor if along_x else Qt.CursorShape.SizeVerCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def _follow_mouse(self, spot: QPointF) -> None:
        self.state.mouse = (spot.x(), spot.y()) if self.box.rect().contains(spot) else None
        self._update_readout()
        self.overlay.update()

    def _update_readout(self) -> None:
        if self.state.mouse is not None and self._figure is not None:
            self.state.readout = readout_at(
                self._figure, self._frame, *self.state.mouse, self.layer.items
            )

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        key, held = Qt.Key(event.key()), event.modifiers()
        if self._figure is None:
            event.ignore()
        elif self._keys.press(key, held):
            self.overlay.update()
            self.said.emit(self._keys.words)
        elif key in ARROWS or key in ZOOMS:
            move_view(self.box, key, held)
            self._zoomed_by_hand()
        elif key == Qt.Key.Key_Home:
            self.reset_view()
            self.zoomed.emit()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if Qt.Key(event.key()) in ARROWS and not event.isAutoRepeat():
            self._keys.let_go()
        else:
            event.ignore()
