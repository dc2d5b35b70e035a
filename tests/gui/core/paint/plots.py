"""Figures to draw, a view on the screen, and hands for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from gui.core.figure.figure import Axis, Cursor, Figure, Image, Series
from gui.core.paint.plot_view import PlotView

LEFT = Qt.MouseButton.LeftButton


def curve(n=200, scale=1.0, **changes) -> Figure:
    x = np.arange(n, dtype=float)
    series = (
        Series("hard", "Hard Top-k", x, scale * (x < n / 4), "ink"),
        Series("soft", "Sigmoid", x, scale / (1 + np.exp((x - n / 4) / 5)), "c1", "dash"),
    )
    figure = Figure("topk.output", "Output p", Axis("index i"), Axis("p"), series)
    return replace(figure, **changes) if changes else figure


def with_cursor(**changes) -> Figure:
    cursor = Cursor("k", "k = 50", "x", 50.0, True, (1.0, 150.0), 1.0)
    return curve(cursors=(replace(cursor, **changes),))


def scores() -> Figure:
    y = np.linspace(-1, 1, 11)
    points = Series(
        "x", "scores", np.arange(11.0), y, "ink", symbol="o", line=False, draggable=True
    )
    return Figure("scores", "Scores", Axis("i", log_locked=True), Axis("x"), (points,))


def spectrum(values=None) -> Figure:
    values = np.geomspace(100, 1e-6, 500) if values is None else np.asarray(values)
    index = np.arange(1.0, len(values) + 1)
    series = (Series("s", "sigma", index, values, "c0"),)
    return Figure("spectrum", "Spectrum", Axis("i", log=True), Axis("sigma", log=True), series)


def picture(values=None, link="") -> Figure:
    values = np.arange(12.0).reshape(3, 4) if values is None else values
    rows, columns = values.shape[:2]
    image = Image("m", "M", values, (0, columns, 0, rows), unit="weight")
    axes = Axis("column", log_locked=True), Axis("row", log_locked=True)
    return Figure("matrix", "M", *axes, images=(image,), link=link)


def make_view(qtbot, theme, size=(640, 400)):
    view = PlotView(theme)
    qtbot.addWidget(view)
    view.resize(*size)
    with qtbot.waitExposed(view):
        view.show()
    return view


def draw(qtbot, view, figure):
    """Show a figure and wait until it is on screen."""
    with qtbot.waitSignal(view.painted):
        view.set_figure(figure)
        view.update()
        view.canvas.viewport().update()


def pixel(view, x, y) -> QPoint:
    """Return where a data point lies in the canvas viewport."""
    frame = view.canvas.frame
    spot = QPointF(frame.px_one(x), frame.py_one(y))
    return view.canvas.mapFromScene(view.canvas.box.mapToScene(spot))


def drag(qtbot, view, start, end, steps=4):
    port = view.canvas.viewport()
    qtbot.mousePress(port, LEFT, pos=start)
    for step in range(1, steps + 1):
        qtbot.mouseMove(port, start + (end - start) * step / steps)
    qtbot.mouseRelease(port, LEFT, pos=end)


def record(signal):
    told = []
    signal.connect(lambda *values: told.append(values))
    return told


def colour_at(view, point: QPoint) -> QColor:
    return view.canvas.viewport().grab().toImage().pixelColor(point)


def wheel(view, spot):
    port = view.canvas.viewport()
    event = QWheelEvent(
        QPointF(spot),
        QPointF(port.mapToGlobal(spot)),
        QPoint(),
        QPoint(0, 360),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(port, event)
