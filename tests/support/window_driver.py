"""The whole program on a screen nobody sees, driven as a person drives it.

What stays when the inside is rebuilt is all that is used here: the application, its store, the
Figures of its window, and widgets found by what a person sees of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QSlider,
    QTableWidget,
    QTabWidget,
    QToolButton,
    QTreeWidget,
)
from shiboken6 import isValid

from gui.app import Application
from gui.core.figure.figure import Cursor, Figure, Series
from gui.window.settings import Settings
from tests.support import window_widgets as seen
from tests.support.window_widgets import LEFT

PATIENCE = 60_000  # milliseconds until a wait gives up: a busy machine is slow, not wrong
LOOK_MS = 4
QUIET_LOOKS = 3  # between an answer and the question it leads to there is a moment without work


class WindowDriver:
    """One running program with its window shown.

    Parameters
    ----------
    qtbot, qapp : fixtures
        Of pytest-qt.
    folder : Path
        Where files are made; ``folder/config`` holds settings and session.
    dialogs : object
        Answers questions for paths and consent.
    page : str
        The page in front at the start, "" for the one the program chooses.
    autosave : bool
        Whether the session is restored and saved.
    """

    def __init__(
        self,
        qtbot: Any,
        qapp: Any,
        folder: Path,
        dialogs: Any,
        *,
        page: str = "",
        autosave: bool = False,
    ) -> None:
        self.qtbot, self.folder = qtbot, folder
        self._closed = False
        self._timers: list[QTimer] = []
        settings = Settings(str(folder / "config" / "rankscope.ini"))
        if page:
            settings.set_value("window/page", page)
        self.application = Application(qapp, settings=settings, dialogs=dialogs, autosave=autosave)
        self.application.show()
        with qtbot.waitExposed(self.window):
            self.window.activateWindow()

    @property
    def window(self) -> Any:
        return self.application.window

    @property
    def store(self) -> Any:
        return self.application.store

    @property
    def runner(self) -> Any:
        return self.application.context.runner

    def close(self) -> None:
        """Close the window and destroy it: the next program's theme would style this one, too."""
        if not self._closed:
            self._closed = True
            self.window.close()
            self.window.deleteLater()
            self.turns()

    # -- waiting ----------------------------------------------------------------------------

    def wait(self, condition: Callable[[], bool], timeout: int = PATIENCE) -> None:
        """Wait until something is true."""
        self.qtbot.waitUntil(condition, timeout=timeout)

    def idle(self) -> None:
        """Wait until nothing is computed, and nothing is about to be asked."""
        self._rest(self.runner.is_busy)

    def asked(self) -> None:
        """Wait until nothing is about to be asked, while something is being computed."""
        self._rest(lambda: False, looks=4 * QUIET_LOOKS)

    def _rest(self, busy: Callable[[], bool], looks: int = QUIET_LOOKS) -> None:
        found = [0]

        def look() -> None:
            between = found[0] not in (0, looks - 1)
            found[0] = 0 if busy() or self._about_to_act(between) else found[0] + 1

        timer = QTimer(interval=LOOK_MS)
        timer.timeout.connect(look)
        timer.start()
        self.wait(lambda: found[0] >= looks)
        timer.stop()

    def _about_to_act(self, known_only: bool) -> bool:
        # What waits for a moment of rest before it asks. A pause of half a second and more only
        # ends a gesture; the window's own timers build the pages behind this one. To walk through
        # the window for them takes a millisecond.
        if any(map(_is_about_to_act, self._timers)):
            return True
        if known_only:
            return False
        owned = (*self.window.findChildren(QTimer), *self.application.findChildren(QTimer))
        self._timers = [timer for timer in owned if timer.parent() is not self.window]
        return any(map(_is_about_to_act, self._timers))

    def turns(self, count: int = 12) -> None:
        """Let the event loop turn a few times, whatever is being computed."""
        left = [count]
        timer = QTimer(interval=0)
        timer.timeout.connect(lambda: left.__setitem__(0, left[0] - 1))
        timer.start()
        self.wait(lambda: left[0] <= 0)
        timer.stop()

    @contextmanager
    def watching(self, look: Callable[[], None]) -> Iterator[None]:
        """Call ``look`` at every turn of the event loop, and once at either end."""
        timer = QTimer(interval=1)
        timer.timeout.connect(look)
        look()
        timer.start()
        try:
            yield
        finally:
            timer.stop()
        look()

    # -- what is on the screen --------------------------------------------------------------

    def figures(self) -> dict[str, Figure]:
        """Return the Figures of the page in front by their keys."""
        return {figure.key: figure for figure in self.window.figures()}

    def figure(self, key: str) -> Figure:
        """Return the Figure shown under a key."""
        return self.figures()[key]

    def series(self, figure: str, key: str) -> Series | None:
        """Return one curve of a Figure, None where it is not drawn."""
        found = self.figures().get(figure)
        return next((one for one in found.series if one.key == key), None) if found else None

    def cursor(self, figure: str, key: str) -> Cursor:
        """Return one line of a Figure."""
        return next(one for one in self.figure(figure).cursors if one.key == key)

    def image(self, figure: str) -> Any:
        """Return the numbers of the picture of a Figure, None where there is none."""
        found = self.figures().get(figure)
        return found.images[0].values if found and found.images else None

    def readout(self, table: str, row: str) -> str:
        """Return a number beside its name in one of the tables of the controls."""
        return seen.readouts(self.window, table)[row]

    def notice(self) -> str:
        """Return the sentence of the page, "" where there is none."""
        return seen.label_text(self.window, "Notice")

    def message(self) -> str:
        """Return what lies over the page and what the status line says, "" where there is none."""
        return seen.label_text(self.window, "Message")

    def complaints(self) -> str:
        """Return the sentences beside controls that say what is wrong."""
        return seen.label_text(self.window, "Error message")

    def status(self) -> str:
        """Return the words in the status bar."""
        return " | ".join(label.text() for label in seen.visible(self.window.statusBar(), QLabel))

    def number(self, name: str) -> float:
        """Return what a number control shows."""
        return float(self._box(name).text())

    def is_on(self, button: str) -> bool:
        """Return whether a check box is ticked."""
        return seen.named(self.window, QAbstractButton, button).isChecked()

    # -- files and arrays -------------------------------------------------------------------

    def save(self, name: str, array: Any) -> str:
        """Write an array to a new .npy file and return its path."""
        path = str(self.folder / f"{name}.npy")
        np.save(path, array)
        return path

    def open(self, *arrays: tuple[str, Any]) -> None:
        """Write (name, array) each to a file, open all; the first is selected then."""
        self.application.open_paths([self.save(*one) for one in arrays])
        self.wait(lambda: self.store["selection"].active.entry == arrays[0][0])
        self.idle()

    def select(self, name: str, file: str = "") -> None:
        """Click an array in the tree of Sources; do not wait."""
        tree = seen.named(self.window, QTreeWidget, "Open files and their arrays")
        found = (
            item
            for top, item in seen.tree_items(tree)
            if item.text(0) == name and file in ("", top.text(0))
        )
        item = next(found)
        tree.scrollToItem(item)
        place = tree.visualItemRect(item).center()
        self.qtbot.mouseClick(tree.viewport(), LEFT, pos=place)

    def front(self) -> str:
        """Return the title of the page in front."""
        tabs = seen.named(self.window, QTabWidget, "Pages")
        return tabs.tabText(tabs.currentIndex())

    def page(self, key: str) -> None:
        """Bring a page to the front and wait for what it shows."""
        self.window.show_page(key)
        self.idle()

    def tab(self, title: str, *, wait: bool = True) -> None:
        """Click the tab of a lower view."""
        tabs = seen.lower_tabs(self.window)
        bar = tabs.tabBar()
        place = bar.tabRect(seen.tab_place(tabs, title)).center()
        self.qtbot.mouseClick(bar, LEFT, pos=place)
        if wait:
            self.idle()

    # -- controls ---------------------------------------------------------------------------

    def _box(self, name: str) -> QAbstractSpinBox:
        return seen.named(self.window, QAbstractSpinBox, name)

    def slider(self, name: str) -> QSlider:
        """Return the slider of a number control."""
        return seen.named(self.window, QSlider, f"{name} slider")

    def type(self, name: str, text: str, *, wait: bool = True) -> None:
        """Type a number and press Enter."""
        box = self._box(name)
        box.setFocus()
        box.selectAll()
        self.qtbot.keyClicks(box, text)
        self.qtbot.keyClick(box, Qt.Key.Key_Return)
        if wait:
            self.idle()

    def nudge(self, name: str, key: Qt.Key = Qt.Key.Key_Right) -> None:
        """Press an arrow key on a slider; do not wait."""
        slider = self.slider(name)
        slider.setFocus()
        self.qtbot.keyClick(slider, key)

    def end_gesture(self, name: str) -> None:
        """Press Enter in a number box: a gesture of keys ends without waiting for its pause."""
        self.qtbot.keyClick(self._box(name), Qt.Key.Key_Return)

    @contextmanager
    def slider_held(self, name: str) -> Iterator[Callable[[float], None]]:
        """Hold the handle of a slider with the mouse; what is yielded moves it by a share."""
        slider = self.slider(name)
        place = seen.handle_of(slider)
        self.qtbot.mousePress(slider, LEFT, pos=place)

        def move(share: float) -> None:
            nonlocal place
            place = QPoint(place.x() + round(share * slider.width()), place.y())
            self.qtbot.mouseMove(slider, place)

        yield move
        self.qtbot.mouseRelease(slider, LEFT, pos=place)

    def slide(self, name: str, *shares: float) -> list[float]:
        """Drag a slider by shares of its width, one after the other; return what it showed."""
        shown = []
        with self.slider_held(name) as move:
            for share in shares:
                move(share)
                shown.append(self.number(name))
        self.idle()
        return shown

    def choose(self, name: str, text: str, *, wait: bool = True) -> None:
        """Walk to an entry of a combo box with the arrow keys."""
        combo = seen.named(self.window, QComboBox, name)
        target, now = combo.findText(text), combo.currentIndex()
        entries = [combo.itemText(i) for i in range(combo.count())]
        assert target >= 0, f"no entry {text!r} in {entries}"
        combo.setFocus()
        way = Qt.Key.Key_Down if target > now else Qt.Key.Key_Up
        for _ in range(abs(target - now)):
            self.qtbot.keyClick(combo, way)
        if wait:
            self.idle()

    def tick(self, name: str, *, wait: bool = True) -> None:
        """Click a check box."""
        box = seen.named(self.window, QCheckBox, name)
        self.qtbot.mouseClick(box, LEFT, pos=QPoint(10, box.height() // 2))
        if wait:
            self.idle()

    def press(self, name: str, *, wait: bool = True) -> None:
        """Click a button by its words or its accessible name."""
        self.qtbot.mouseClick(seen.named(self.window, QAbstractButton, name), LEFT)
        if wait:
            self.idle()

    def cancel(self) -> None:
        """Press Cancel in the status bar, which is offered a moment after work has begun."""

        def offered() -> list[QAbstractButton]:
            buttons = seen.visible(self.window.statusBar(), QAbstractButton)
            return [button for button in buttons if "Cancel" in seen.names_of(button)]

        self.wait(lambda: bool(offered()))
        self.qtbot.mouseClick(offered()[0], LEFT)

    def table(self, name: str) -> QTableWidget:
        """Return a visible table."""
        return seen.named(self.window, QTableWidget, name)

    def click_cell(self, table: QTableWidget, row: int, column: int) -> None:
        """Click a cell of a table."""
        place = table.visualItemRect(table.item(row, column)).center()
        self.qtbot.mouseClick(table.viewport(), LEFT, pos=place)

    # -- plots ------------------------------------------------------------------------------

    def canvas(self, figure: str) -> Any:
        """Return the drawing area of a Figure, found by its title."""
        return seen.canvas_of(self.window, self.figure(figure).title)

    def log_buttons(self, figure: str) -> dict[str, QToolButton]:
        """Return the visible buttons of a plot that make an axis logarithmic, by axis."""
        plot = seen.plot_of(self.window, self.figure(figure).title)
        found = seen.visible(plot, QToolButton)
        return {b.text()[-1]: b for b in found if b.text() in ("log x", "log y")}

    @contextmanager
    def held(self, figure: str, x: float, y: float) -> Iterator[Callable[[float, float], None]]:
        """Hold what lies at (x, y) of a plot with the mouse; what is yielded moves it."""
        canvas = self.canvas(figure)
        view = canvas.viewport()
        place = seen.spot(canvas, x, y)
        self.qtbot.mouseMove(view, place)
        self.qtbot.mousePress(view, LEFT, pos=place)

        def move(to_x: float, to_y: float) -> None:
            nonlocal place
            place = seen.spot(canvas, to_x, to_y)
            self.qtbot.mouseMove(view, place)

        yield move
        self.qtbot.mouseRelease(view, LEFT, pos=place)

    def drag_line(self, figure: str, key: str, *stops: float) -> None:
        """Drag a vertical line of a plot over ``stops``, in units of its axis."""
        y = seen.share_of(self.canvas(figure), "y", 0.4)
        with self.held(figure, self.cursor(figure, key).value, y) as move:
            for stop in stops:
                move(stop, y)
        self.idle()


def _is_about_to_act(timer: QTimer) -> bool:
    return isValid(timer) and timer.isActive() and timer.isSingleShot() and timer.interval() < 400
