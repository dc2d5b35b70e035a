"""Finds what a person sees in a window: by Qt class, accessible name, visible text or tooltip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QLabel,
    QStyle,
    QStyleOptionSlider,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

W = TypeVar("W", bound=QWidget)


def plain(text: str) -> str:
    """Return a label without the mark of its shortcut key.

    Examples
    --------
    >>> plain("Replace by &zero")
    'Replace by zero'
    """
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def names_of(widget: QWidget) -> set[str]:
    """Return what a widget is called: its accessible name, and the words on a button."""
    words = plain(widget.text()) if isinstance(widget, QAbstractButton) else ""
    return {widget.accessibleName(), words} - {""}


def visible(root: QWidget, kind: type[W]) -> list[W]:
    """Return the visible descendants of one class."""
    return [found for found in root.findChildren(kind) if found.isVisible()]


def named(root: QWidget, kind: type[W], name: str) -> W:
    """Return the one visible widget of a class that is called ``name``."""
    found = [widget for widget in visible(root, kind) if name in names_of(widget)]
    if len(found) != 1:
        seen = sorted(set().union(*map(names_of, visible(root, kind))))
        raise AssertionError(f"{len(found)} visible {kind.__name__} called {name!r}; seen: {seen}")
    return found[0]


def label_text(root: QWidget, name: str) -> str:
    """Return what the visible label described as ``name`` says, "" where there is none."""
    labels = visible(root, QLabel)
    said = [label.text() for label in labels if label.accessibleDescription() == name]
    return "\n".join(said)


def lower_tabs(root: QWidget) -> QTabWidget:
    """Return the tabs below the plots of the page in front."""
    return named(root, QTabWidget, "Lower view")


def tab_place(tabs: QTabWidget, title: str) -> int:
    """Return the place of a tab by its title, also where the window is too narrow for it whole."""
    for place in range(tabs.count()):
        if tabs.tabText(place) == title or tabs.tabToolTip(place).startswith(f"{title}: "):
            return place
    raise AssertionError(f"no tab {title!r}: {[tabs.tabText(i) for i in range(tabs.count())]}")


def readouts(root: QWidget, name: str) -> dict[str, str]:
    """Return the rows of the visible table of names and numbers called ``name``."""
    for table in visible(root, QWidget):
        grid = table.layout()
        if table.accessibleName() == name and isinstance(grid, QGridLayout):
            return dict(_rows(grid))
    raise AssertionError(f"no read-outs called {name!r}")


def _rows(grid: QGridLayout) -> Iterator[tuple[str, str]]:
    for row in range(grid.rowCount()):
        cells = [grid.itemAtPosition(row, column) for column in (0, 1)]
        labels = [cell.widget() if cell is not None else None for cell in cells]
        if all(isinstance(label, QLabel) and not label.isHidden() for label in labels):
            yield labels[0].text(), labels[1].text()


def tree_items(tree: QTreeWidget) -> Iterator[tuple[QTreeWidgetItem, QTreeWidgetItem]]:
    """Yield (file, array) of every array in the tree, also inside groups."""

    def below(item: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
        for place in range(item.childCount()):
            child = item.child(place)
            yield child
            yield from below(child)

    for place in range(tree.topLevelItemCount()):
        file = tree.topLevelItem(place)
        assert file is not None
        for item in below(file):
            yield file, item


def handle_of(slider: QWidget) -> QPoint:
    """Return the middle of a slider's handle."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    part = QStyle.SubControl.SC_SliderHandle
    control = QStyle.ComplexControl.CC_Slider
    return slider.style().subControlRect(control, option, part, slider).center()


def canvas_of(root: QWidget, title: str) -> pg.GraphicsView:
    """Return the drawing area of the visible plot with this title."""
    return named_canvas(root, title)[0]


def plot_of(root: QWidget, title: str) -> QWidget:
    """Return the visible plot with this title: its drawing area with the buttons around it."""
    return named_canvas(root, title)[1]


def named_canvas(root: QWidget, title: str) -> tuple[pg.GraphicsView, QWidget]:
    """Return (drawing area, the outermost widget around it that bears the title)."""
    for canvas in visible(root, pg.GraphicsView):
        above, plot = canvas, None
        while above is not None and above is not root:
            plot = above if above.accessibleName() == title else plot
            above = above.parentWidget()
        if plot is not None:
            return canvas, plot
    raise AssertionError(f"no plot {title!r} on the screen")


def spot(canvas: pg.GraphicsView, x: float, y: float) -> QPoint:
    """Return the pixel of a point in units of the axes, which are logarithms on a log axis."""
    box = next(item for item in canvas.scene().items() if isinstance(item, pg.ViewBox))
    return canvas.mapFromScene(box.mapViewToScene(QPointF(x, y)))


def share_of(canvas: pg.GraphicsView, axis: str, share: float) -> float:
    """Return where ``share`` of the visible range of an axis lies, in its units."""
    box = next(item for item in canvas.scene().items() if isinstance(item, pg.ViewBox))
    low, high = box.viewRange()[0 if axis == "x" else 1]
    return float(low + share * (high - low))


LEFT = Qt.MouseButton.LeftButton
