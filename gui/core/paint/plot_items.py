"""The items of a plot, painted in pixels inside the view box.

pyqtgraph's own curve, line, text and image items each treat log axes, wide pens and dashes in
another way (or not at all). These two layers take pixels from one :class:`Frame` instead; the
view box and the axes stay pyqtgraph's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, qRgb
from PySide6.QtWidgets import QGraphicsObject

from gui.core.figure import colormaps
from gui.core.figure.figure import Band, Figure, Image, Series, Span
from gui.core.figure.palette import Scheme
from gui.core.figure.reduce import Columns, Floats, is_sorted
from gui.core.paint.graphs import PrimitiveArray
from gui.core.paint.pens import faded
from gui.core.paint.plot_geometry import CurvePieces, Frame, cut_band, cut_series, group_columns
from gui.core.paint.plot_marks import paint_marks
from gui.core.paint.plot_places import Drawn

_MARK_SIZE = 7.0
_FILL_ALPHA = 60
_BAND_ALPHA = 55
_SPAN_ALPHA = 32


class _Lines:
    """Draws (m, 4) arrays as lines or bars in one call each."""

    def __init__(self) -> None:
        self._lines: Any = PrimitiveArray(QLineF, 4)
        # A QRect is four 32-bit integers: the room of two doubles. Whole-pixel bars take Qt's
        # short way; QRectF costs half as much again.
        self._rects: Any = PrimitiveArray(QRect, 2)

    def lines(self, painter: QPainter, table: Floats) -> None:
        if len(table):
            self._lines.resize(len(table))
            self._lines.ndarray()[:] = table
            painter.drawLines(*self._lines.drawargs())

    def bars(self, painter: QPainter, table: Floats) -> None:
        if len(table):
            self._rects.resize(len(table))
            corners = self._rects.ndarray().view(np.int32).reshape(-1, 4)
            corners[:, :2] = table[:, :2]
            # QRect keeps its last pixel, not its width.
            corners[:, 2:] = table[:, :2] + np.maximum(table[:, 2:], 1.0) - 1.0
            painter.drawRects(*self._rects.drawargs())


class CurveItem:
    """What is remembered of one series between frames; found again by its key."""

    def __init__(self) -> None:
        self.series: Series | None = None
        self.ascending = True
        self._x: Any = None
        self._columns: Columns | None = None
        self._frame: Frame | None = None
        self._pieces: CurvePieces | None = None

    def set_series(self, series: Series) -> None:
        """Take over new data; the order of x is looked at only when x is another array."""
        before, self.series = self.series, series
        if series is before:
            return
        # Equal x in a new array is common (a fresh arange for each frame) and worth finding:
        # comparing costs less than sorting x into pixel columns again. So is an equal curve: where
        # a line is dragged over twenty of them, none has to be cut anew.
        if not _same(series.x, self._x):
            self._x, self.ascending, self._columns = series.x, is_sorted(series.x), None
            self._pieces = None
        elif before is None or not _is_cut_alike(series, before):
            self._pieces = None

    def pieces(self, frame: Frame) -> CurvePieces:
        """Return the drawable pieces, cut anew after a change of data, zoom or size."""
        assert self.series is not None
        if self._pieces is None or frame != self._frame:
            if self._columns is None or frame != self._frame:
                self._columns = group_columns(self.series.x, frame, self.ascending)
            self._pieces = cut_series(self.series, frame, self._columns)
            self._frame = frame
        return self._pieces


def _is_cut_alike(one: Series, two: Series) -> bool:
    """Whether two series over the same x have the same pieces."""
    shapes = ((s.line, s.width, s.dash, s.symbol, s.draggable, s.fill_to) for s in (one, two))
    return next(shapes) == next(shapes) and _same(one.y, two.y)


def _same(one: Any, two: Any) -> bool:
    if one is two:
        return True
    if two is None or one.shape != two.shape:
        return False
    few = slice(None, None, 1 + len(one) // 16)  # most that differ do so nearly everywhere
    return np.array_equal(one[few], two[few]) and np.array_equal(one, two)


class FigureLayer(QGraphicsObject):
    """Pictures, spans, bands and curves, in this order from back to front."""

    def __init__(self, frame: Callable[[], Frame], scheme: Callable[[], Scheme]) -> None:
        super().__init__()
        self._frame, self._scheme = frame, scheme
        self._figure: Figure | None = None
        self._lines = _Lines()
        self.items: dict[str, CurveItem] = {}
        self._pictures: dict[str, tuple[Image, QImage]] = {}

    def set_figure(self, figure: Figure) -> None:
        """Show another figure; series and pictures of the same key keep their items."""
        self._figure = figure
        kept = {series.key for series in figure.series}
        for key in [key for key in self.items if key not in kept]:
            del self.items[key]
        for series in figure.series:
            self.items.setdefault(series.key, CurveItem()).set_series(series)
        names = {image.key for image in figure.images}
        for key in [key for key in self._pictures if key not in names]:
            del self._pictures[key]
        self.update()

    def drawn(self) -> Drawn:
        """Return the curves and points where they lie now: labels keep off them."""
        frame = self._frame()
        return Drawn([item.pieces(frame) for item in self.items.values()])

    def frame_changed(self) -> None:
        """Repaint after a zoom, a new size or a new scheme."""
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: D102
        frame = self._frame()
        return QRectF(0, 0, frame.width, frame.height)

    def paint(self, painter: QPainter, *_unused: Any) -> None:  # noqa: D102
        figure, frame, scheme = self._figure, self._frame(), self._scheme()
        if figure is None or frame.width < 2 or frame.height < 2:
            return
        for image in figure.images:
            self._paint_image(painter, image, frame)
        painter.setPen(Qt.PenStyle.NoPen)
        for span in figure.spans:
            _paint_span(painter, span, frame, scheme)
        for band in figure.bands:
            self._paint_band(painter, band, frame, scheme)
        # The reference curve (ink) lies over the other curves, points over all of them.
        order = {(True, False): 0, (True, True): 1}
        ranked = sorted(figure.series, key=lambda s: order.get((s.line, s.color == "ink"), 2))
        for series in ranked:
            self._paint_series(painter, series, frame, scheme)

    def _paint_series(
        self, painter: QPainter, series: Series, frame: Frame, scheme: Scheme
    ) -> None:
        pieces = self.items[series.key].pieces(frame)
        color = scheme.color(series.color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if len(pieces.fill) or len(pieces.outline):
            painter.setBrush(faded(color, _FILL_ALPHA))
            self._lines.bars(painter, pieces.fill)
            painter.drawPolygon(_polygon(pieces.outline))
        painter.setBrush(QColor(color))
        self._lines.bars(painter, pieces.bars)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        pen = QPen(QColor(color), series.width)
        # Square ends close the joints of successive solid lines; dashes need their exact length.
        solid = series.dash == "solid"
        pen.setCapStyle(Qt.PenCapStyle.SquareCap if solid else Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        self._lines.lines(painter, pieces.segments)
        if len(pieces.marks):
            size = _MARK_SIZE + (2.0 if series.draggable else 0.0)
            paint_marks(painter, pieces.marks, series.symbol or "o", color, scheme, size)
        if len(pieces.clipped):
            _paint_clipped(painter, pieces.clipped, frame.height, color)

    def _paint_band(self, painter: QPainter, band: Band, frame: Frame, scheme: Scheme) -> None:
        bars, outline = cut_band(band, frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(scheme.color(band.color), _BAND_ALPHA))
        self._lines.bars(painter, bars)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.drawPolygon(_polygon(outline))

    def _paint_image(self, painter: QPainter, image: Image, frame: Frame) -> None:
        known = self._pictures.get(image.key)
        if known is None or known[0] is not image:
            known = (image, _picture(image))
            self._pictures[image.key] = known
        left, right, top, bottom = image.extent
        corners = (frame.px_one(left), frame.py_one(top), frame.px_one(right), frame.py_one(bottom))
        target = QRectF(QPointF(*corners[:2]), QPointF(*corners[2:]))
        picture = known[1]
        # Enlarged entries keep sharp edges; reduced ones are averaged instead of skipped.
        shrunk = abs(target.width()) < picture.width() or abs(target.height()) < picture.height()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        if target.width() < 0:
            picture = picture.flipped(Qt.Orientation.Horizontal)
        if target.height() < 0:
            picture = picture.flipped(Qt.Orientation.Vertical)
        target = target.normalized()
        painter.drawImage(target, picture)


def _picture(image: Image) -> QImage:
    """Return a picture that owns its memory, in the format that Qt scales fastest."""
    pixels = image.pixels
    if pixels is None:
        levels = image.levels or colormaps.levels_of(image.values, image.map)
        pixels = colormaps.pixels_of(image.values, image.map, levels, image.log)
    pixels = np.ascontiguousarray(pixels)
    rows, columns = pixels.shape[:2]
    if image.map == "rgb":
        raw = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    else:
        raw = QImage(pixels.data, columns, rows, columns, QImage.Format.Format_Indexed8)
        raw.setColorTable(_colour_table(image.map, image.gaps))
    premultiplied = QImage.Format.Format_ARGB32_Premultiplied
    return raw.convertToFormat(premultiplied if image.gaps else QImage.Format.Format_RGB32)


@cache
def _colour_table(name: str, gaps: bool) -> list[int]:
    colours = [qRgb(*colour) for colour in colormaps.palette(name).tolist()]
    return [*colours[:-1], 0] if gaps else colours


def _paint_span(painter: QPainter, span: Span, frame: Frame, scheme: Scheme) -> None:
    painter.setBrush(faded(scheme.color(span.color), _SPAN_ALPHA))
    if span.axis == "x":
        one, two = sorted((frame.px_one(span.lower), frame.px_one(span.upper)))
        painter.drawRect(QRectF(one, 0, two - one, frame.height))
    else:
        one, two = sorted((frame.py_one(span.lower), frame.py_one(span.upper)))
        painter.drawRect(QRectF(0, one, frame.width, two - one))


def _polygon(table: Floats) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in table.tolist()])


def _paint_clipped(painter: QPainter, columns: Floats, height: float, color: str) -> None:
    """Mark values below a log axis: small triangles pointing down at the lower border."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    shape = QPolygonF([QPointF(-3, -6), QPointF(3, -6), QPointF(0, -1)])
    for x in columns.tolist():
        painter.drawPolygon(shape.translated(x, height))
