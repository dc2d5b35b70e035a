"""Where the keyboard is: the Tab key walks a window as it is read, and a ring says where it stands.

Qt's own order is the order in which widgets were made; pages are made late and in parts.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QRegion
from PySide6.QtWidgets import QAbstractButton, QApplication, QDockWidget, QScrollArea, QWidget
from shiboken6 import isValid

from gui.core.widgets.over_edge import OverEdge, lying_over

_WIDTH = 2  # of the ring
_MOVES = (
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.ParentChange,
)


def stops(root: QWidget) -> Iterator[QWidget]:
    """Yield what the Tab key reaches below ``root``: row by row, in a row from left to right."""
    for child in _as_read(root):
        if takes_tab(child):
            yield child
        yield from stops(child)


def takes_tab(widget: QWidget) -> bool:
    """Whether the Tab key stops at a widget that is shown."""
    by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return by_tab and widget.focusProxy() is None and widget.isEnabled()


def _as_read(root: QWidget) -> list[QWidget]:
    found = [one for one in root.children() if isinstance(one, QWidget)]
    found = [one for one in found if one.isVisible() and not one.isWindow()]
    rows: list[list[QWidget]] = []
    # What lies over the lower edge of the others is read last.
    for one in sorted(found, key=lambda one: (isinstance(one, OverEdge), one.y(), one.x())):
        if rows and _in_row(rows[-1][0], one):
            rows[-1].append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=QWidget.x)]


def _in_row(first: QWidget, other: QWidget) -> bool:
    if isinstance(other, OverEdge):
        return False
    shared = min(first.y() + first.height(), other.y() + other.height()) - other.y()
    return 2 * shared > min(first.height(), other.height())


def main_of(widget: QWidget) -> QWidget:
    """Return the window that a widget belongs to; a dock that floats belongs to its window."""
    top = widget.window()
    above = top.parentWidget() if isinstance(top, QDockWidget) else None
    return top if above is None else above.window()


def step_focus(window: QWidget, forward: bool) -> bool:
    """Give the focus to the next stop of a window; after the last comes the first.

    What floats beside it is read after what is in it.
    """
    main = main_of(window)
    floating = (dock for dock in main.findChildren(QDockWidget) if dock.isFloating())
    beside = (stops(dock) for dock in floating if dock.isVisible())
    walk = [*stops(main), *(stop for each in beside for stop in each)]
    if not walk:
        return False
    now = window.focusWidget()
    if now in walk:
        place = walk.index(now) + (1 if forward else -1)
    else:  # taken by a click: on from there
        place = _place_of(now, walk, forward)
    main.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    found = walk[place % len(walk)]
    found.setFocus(reason)
    if found.window() is not window:
        found.window().activateWindow()
    bring_into_sight(found)  # also in a window that is not in front
    return True


def enter(root: QWidget, otherwise: QWidget) -> None:
    """Give the focus to the first plot, table or field in ``root``, or where there is none yet."""
    inside = (one for one in stops(root) if not isinstance(one, QAbstractButton))
    next(inside, otherwise).setFocus(Qt.FocusReason.ShortcutFocusReason)


def _place_of(now: QWidget | None, walk: list[QWidget], forward: bool) -> int:
    """Return the first stop inside what holds ``now``, else the first (or last) of all."""
    above = now
    while above is not None and not above.isWindow():
        inside = [index for index, one in enumerate(walk) if above.isAncestorOf(one)]
        if inside:
            return inside[0] if forward else inside[0] - 1
        above = above.parentWidget()
    return 0 if forward else -1


def bring_into_sight(widget: QWidget) -> None:
    """Scroll every area around a widget so that it is seen."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()


class WalksAsRead:
    """The Tab key goes through a window as it is read. Put before the class of Qt."""

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: D102
        return step_focus(self, forward)  # type: ignore[arg-type]


class FocusRing(QWidget):
    """A frame over the edge of what has the focus, while the keyboard is used.

    Styles draw the focus of some widgets faintly, of others not at all.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._main = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._followed: list[QWidget] = []
        self.hide()

    def is_of(self, window: QWidget) -> bool:
        """Whether it was made for a window."""
        return self._main is window

    def follow(self, widget: QWidget | None) -> None:
        """Lie around ``widget`` from now on; None: around nothing."""
        for one in self._followed:
            if isValid(one):
                one.removeEventFilter(self)
        self._followed = []
        if widget is not None and main_of(widget) is self._main:
            if self.parentWidget() is not widget.window():
                self.setParent(widget.window())
            above: QWidget | None = widget
            while above is not None and not above.isWindow():
                self._followed.append(above)
                above.installEventFilter(self)
                above = above.parentWidget()
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() in _MOVES:
            self._settle()
        return False

    def _settle(self) -> None:
        place = self._place()
        self.setVisible(not place.isEmpty())
        if place.isEmpty():
            return
        self.setGeometry(place)
        inner = self.rect().adjusted(_WIDTH, _WIDTH, -_WIDTH, -_WIDTH)
        self.setMask(QRegion(self.rect()).subtracted(QRegion(inner)))
        self.raise_()

    def _place(self) -> QRect:
        """Return where the ring lies: around the widget, within what it scrolls in."""
        if not self._followed or not isValid(self._followed[0]):
            return QRect()
        widget, window = self._followed[0], self._followed[0].window()
        if not widget.isVisible() or window is not self.parentWidget():
            return QRect()
        place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
        place.adjust(-_WIDTH, -_WIDTH, _WIDTH, _WIDTH)
        for above in self._followed[1:]:
            place &= QRect(above.mapTo(window, QPoint(0, 0)), above.size())
        return place

    def _uncovered(self) -> QRegion:
        """Return where no message lies over what has the focus."""
        region = QRegion(self.rect())
        for one in lying_over(self.window()):
            if one not in self._followed:  # else it holds what has the focus
                place = QRect(one.mapTo(self.window(), QPoint(0, 0)), one.size())
                region -= QRegion(place.translated(-self.pos()))
        return region

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setClipRegion(self._uncovered())
        color = QApplication.palette().color(QPalette.ColorRole.Accent)
        painter.setPen(QPen(color, 2 * _WIDTH))
        painter.drawRect(self.rect())
