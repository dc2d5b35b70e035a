"""A person's hands on a running program: only keys, or only the mouse; every step is written down.

Keys go to what has the focus and never move it themselves; the mouse meets only what is in sight.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QMenu,
    QScrollArea,
    QTableWidget,
    QWidget,
)

from tests.support import window_widgets as seen
from tests.support.at_rest import bring_to_front
from tests.support.window_driver import WindowDriver
from tests.support.window_widgets import LEFT


class Hands:
    """What both have in common."""

    def __init__(self, driver: WindowDriver) -> None:
        self.driver, self.window = driver, driver.window
        self.steps: list[str] = []
        self.window.resize(1024, 768)
        bring_to_front(driver.qtbot, self.window)
        driver.idle()

    def rest(self, step: str) -> None:
        """Write a step down and let its results come."""
        self.steps.append(step)
        self.driver.idle()
        beside = QApplication.activeWindow()  # one that was opened and went to the front itself
        front = QApplication.activeModalWidget() or beside or self.window
        if QApplication.activePopupWidget() is None and not front.isActiveWindow():
            # The platform's part: a dialog that opens is in front, and what it lay over again.
            bring_to_front(self.driver.qtbot, front)

    def copied(self) -> str:
        """Return what is on the clipboard."""
        return QApplication.clipboard().text()


class Keys(Hands):
    """Never the mouse."""

    def press(self, *sequences: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        for one in sequences:
            key = QKeySequence(one)[0]
            self.driver.qtbot.keyClick(self._focus(), key.key(), key.keyboardModifiers())
            self.rest(one)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.driver.qtbot.keyClicks(self._focus(), text)
        self.rest(f"“{text}”")

    def search(self, query: str) -> None:
        """Find something by Ctrl+K and open it."""
        self.press("Ctrl+K")
        self.type(query)
        self.press("Return")

    def _focus(self) -> QWidget:
        found = QApplication.activePopupWidget() or QApplication.focusWidget()
        assert found is not None, f"the keyboard is nowhere after {self.steps}"
        return found


class Mouse(Hands):
    """Never the keyboard, but for numbers that are typed into a field that was clicked."""

    def click(self, name: str, kind: type[QWidget] = QAbstractButton) -> None:
        """Click what is called so, in the dialog in front or in the window; scroll to it first."""
        widget = seen.named(QApplication.activeModalWidget() or self.window, kind, name)
        self._scroll_to(widget)
        self._click(widget, _in_sight(widget).center(), name)

    def tab(self, title: str) -> None:
        """Click a tab, of pages or below the plots."""
        for bar in self.window.findChildren(seen.QTabWidget):
            if bar.isVisible():
                titles = [bar.tabText(place) for place in range(bar.count())]
                if title in titles:
                    place = bar.tabBar().tabRect(titles.index(title)).center()
                    assert bar.tabBar().rect().contains(place)
                    self._click(bar.tabBar(), place, title)
                    return
        raise AssertionError(f"no tab {title!r} is in sight")

    def row(self, table: str, title: str) -> None:
        """Click the row of a table that begins so."""
        found = seen.named(self.window, QTableWidget, table)
        rows = [found.item(row, 0).text() for row in range(found.rowCount())]
        item = found.item(rows.index(title), 0)
        if not found.viewport().rect().contains(found.visualItemRect(item).center()):
            found.scrollToItem(item)
            self.steps.append("scroll")
        self._click(found.viewport(), found.visualItemRect(item).center(), title)

    def type(self, name: str, kind: type[QWidget], text: str) -> None:
        """Click a field and replace what it holds."""
        self.click(name, kind)
        field = seen.named(QApplication.activeModalWidget() or self.window, kind, name)
        field.selectAll()
        self.driver.qtbot.keyClicks(field, text)
        self.driver.qtbot.keyClick(field, Qt.Key.Key_Tab)
        self.rest(f"“{text}”")

    def choose(self, name: str, text: str) -> None:
        """Open a list and click an entry."""
        self.click(name, QComboBox)
        front = QApplication.activeModalWidget() or self.window
        combo = seen.named(front, QComboBox, name)
        entries = combo.view()
        index = combo.model().index(combo.findText(text), combo.modelColumn())
        assert index.isValid(), [combo.itemText(place) for place in range(combo.count())]
        entries.scrollTo(index)
        place = entries.visualRect(index).center()
        # A list does not take the click that opened it: the mouse has to go to an entry.
        for stop in (place + QPoint(0, 40), place):
            self.driver.qtbot.mouseMove(entries.viewport(), stop)
        self._click(entries.viewport(), place, text)
        assert combo.currentText() == text

    def entry(self, title: str) -> None:
        """Click an entry of the menu that is open."""
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu), f"no menu is open after {self.steps}"
        actions = {seen.plain(action.text()): action for action in menu.actions()}
        self._click(menu, menu.actionGeometry(actions[title]).center(), title)

    def _scroll_to(self, widget: QWidget) -> None:
        if _is_in_sight(widget):
            return
        above: Any = widget.parentWidget()
        while above is not None:
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(widget)
                self.steps.append("scroll")
            above = above.parentWidget()
        assert _is_in_sight(widget), f"{seen.names_of(widget)} cannot be brought into sight"

    def _click(self, widget: QWidget, place: QPoint, step: str) -> None:
        self.driver.qtbot.mouseClick(widget, LEFT, pos=place)
        self.rest(step)


def _in_sight(widget: QWidget) -> QRect:
    """Return what of a widget is seen, in its own pixels."""
    found, above = widget.rect(), widget.parentWidget()
    while above is not None and not widget.isWindow():
        found &= above.rect().translated(widget.mapFrom(above, QPoint(0, 0)))
        if above.isWindow():
            break
        above = above.parentWidget()
    return found


def _is_in_sight(widget: QWidget) -> bool:
    shown = _in_sight(widget)
    return 2 * shown.width() * shown.height() > widget.width() * widget.height()
