"""The screens of the pages: which there are, and when each is built."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.core.declare.page import Page
from gui.core.screen.plain_screen import PageObject
from gui.core.screen.services import Context
from gui.plain_imports import plain_imports

LATER_MS = 150  # until the pages behind the front one are built, one at a time
UNSEEN_MS = 500  # until the front one is, in a window that is not painted: a minimised one


def build_screen(page: Page, context: Context) -> PageObject:
    """Return the page object of the window: its folder's own, else the one for every page."""
    folder = f"gui.pages.{page.key}"
    name = f"{folder}.screen"
    with plain_imports():
        # The page of a plug-in has no folder there.
        if importlib.util.find_spec(folder) is None or importlib.util.find_spec(name) is None:
            name = "gui.core.screen.page_screen"
            screen: PageObject = importlib.import_module(name).PageScreen(page, context)
        else:
            screen = importlib.import_module(name).Screen(page, context)
    return screen


class Screens(QObject):
    """Fills the places of the pages in the window, each when it is due.

    The page in front is built with the window or, at a start, right after the window's first
    frame, as what draws plots is half of what a start imports; the others follow one at a time: a
    person waits for one page, not for all.

    Parameters
    ----------
    context : Context
        The services.
    front : callable
        ``front()`` returns the key of the page in front.
    """

    front_built = Signal()  # the page in front is there, and the window is on the screen
    all_built = Signal()

    def __init__(self, context: Context, front: Callable[[], str], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._front = context, front
        self.built: dict[str, PageObject] = {}
        self._places: dict[str, tuple[Page, QVBoxLayout, QVBoxLayout]] = {}
        self.waits = False  # for the first frame
        self.builds_more = True  # than the page in front, which is all that a picture needs
        self._is_seen, self._is_front_there = False, False
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._build_next)

    def place(self, page: Page) -> tuple[QWidget, QWidget]:
        """Return where a page and its controls will be: empty widgets."""
        holder, controls = QWidget(), QWidget()
        self._places[page.key] = page, filling_layout(holder), filling_layout(controls)
        return holder, controls

    def build(self, key: str) -> None:
        """Build a page in its place; the second time, do nothing."""
        if key in self.built or key not in self._places:
            return
        page, place, controls = self._places[key]
        with _painted_whole(place.parentWidget()):
            screen = self.built[key] = build_screen(page, self._context)
            place.addWidget(screen.widget)
            if screen.controls is not None:
                controls.addWidget(screen.controls)

    def turn_to(self, key: str) -> None:
        """Build the page that comes to the front, unless the window is still to be seen."""
        if not self.waits:
            self.build(key)

    def when_shown(self) -> None:
        """Go on also where the window that is shown is never painted."""
        if not self._is_front_there:
            self._later.start(UNSEEN_MS)

    def when_painted(self) -> None:
        """Go on once the first frame is on the screen."""
        if not self._is_seen:
            self._is_seen = True
            self._later.start(0)

    def stop(self) -> None:
        """Build nothing more, and let go of what is built."""
        self._later.stop()
        for page in self.built.values():
            page.shutdown()

    def _build_next(self) -> None:
        missing = [key for key in self._places if key not in self.built]
        if not self._is_front_there:
            self._is_front_there, self.waits = True, False
            self.build(self._front())
            self.front_built.emit()
        elif missing:
            self.build(missing[0])
        else:
            self.all_built.emit()
            return
        if self.builds_more:
            self._later.start(LATER_MS)


@contextmanager
def _painted_whole(place: QWidget) -> Iterator[None]:
    """Paint a window that is seen no more until what comes into it has found its place."""
    window = place.window()
    if not place.isVisible():
        yield
        return
    window.setUpdatesEnabled(False)
    try:
        yield
    finally:
        QTimer.singleShot(0, window, lambda: window.setUpdatesEnabled(True))


def filling_layout(holder: QWidget) -> QVBoxLayout:
    """Return the layout in which a page will fill its place."""
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    return layout
