"""Size, docks and page of the window: remembered, restored, put back as delivered."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow

from gui.core.screen.services import Remembers
from gui.core.screen.splitter import Splitter

VERSION = 1
LARGEST = QSize(1440, 900)  # of the first window, with its frame
FRAME = QSize(16, 48)  # more than frames take; how much is known only after the first showing
SHARE = 0.9  # of the room on the screen
ROOMY = QSize(1280, 800)  # a smaller screen is filled
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly  # not through a thousand widgets
_DIVIDER = 8  # between a dock and the plots
PLOTS_WIDTH = 556  # three plots side by side need this much to be read


def first_place(screen: QRect, available: QRect) -> QRect | None:
    """Return where the very first window lies, without its frame; None: it fills the screen.

    Examples
    --------
    >>> first_place(QRect(0, 0, 1024, 768), QRect(0, 0, 1024, 740))
    >>> first_place(QRect(0, 0, 1440, 900), QRect(0, 30, 1440, 870)).size().toTuple()
    (1280, 735)
    """
    if screen.width() < ROOMY.width() or screen.height() < ROOMY.height():
        return None
    room = QSize(int(SHARE * available.width()), int(SHARE * available.height()))
    place = QRect(QPoint(0, 0), room.boundedTo(LARGEST) - FRAME)
    place.moveCenter(available.center() + QPoint(0, FRAME.height() // 3))
    return place


class _PlotsFirst(QObject):
    """Has the docks beside the plots give way before the plots do, as far as a window is wide."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            docks = self._window.findChildren(QDockWidget, options=_DIRECT)
            taken = sum(dock.minimumSizeHint().width() + _DIVIDER for dock in docks)
            plots = max(0, min(PLOTS_WIDTH, self._window.width() - taken))
            if self._window.centralWidget().minimumWidth() != plots:
                self._window.centralWidget().setMinimumWidth(plots)
        return False


class Layout:
    """The layout of one window; make it when every dock and toolbar is in place."""

    def __init__(self, window: QMainWindow, settings: Remembers) -> None:
        self._window, self._settings = window, settings
        _PlotsFirst(window)
        window.resize(LARGEST)
        self._arrange()
        self._delivered = window.saveState(VERSION)

    def restore(self) -> str:
        """Bring back the last layout, on a screen that is there; return the page in front."""
        saved = self._settings.value
        if not self._window.restoreGeometry(saved("window/geometry", QByteArray())):
            self._lie_on_the_screen()
        self._window.restoreState(saved("window/state", QByteArray()), VERSION)
        self._rescue_off_screen()
        return str(saved("window/page", ""))

    def _lie_on_the_screen(self) -> None:
        screen = QGuiApplication.primaryScreen()
        place = first_place(screen.geometry(), screen.availableGeometry())
        # What manages no windows maximises none either.
        self._window.setGeometry(place or screen.availableGeometry())
        if place is None:
            self._window.setWindowState(Qt.WindowState.WindowMaximized)

    def reset(self) -> None:
        """Put docks, toolbars and dividers back where they were delivered."""
        self._window.restoreState(self._delivered, VERSION)
        self._arrange()
        for splitter in self._window.findChildren(Splitter):
            splitter.reset()

    def save(self, page: str) -> None:
        """Remember size, docks and the page in front for the next start."""
        self._settings.set_value("window/geometry", self._window.saveGeometry())
        self._settings.set_value("window/state", self._window.saveState(VERSION))
        self._settings.set_value("window/page", page)
        self._settings.sync()

    def _arrange(self) -> None:
        docks = self._window.findChildren(QDockWidget)
        widths = [320 if dock.objectName() == "dock.controls" else 220 for dock in docks]
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)

    def _rescue_off_screen(self) -> None:
        window, screens = self._window, QGuiApplication.screens()
        frame = window.frameGeometry()
        if not any(screen.availableGeometry().intersects(frame) for screen in screens):
            area = QGuiApplication.primaryScreen().availableGeometry()
            window.resize(window.size().boundedTo(area.size()))
            window.move(area.topLeft())
