"""The main window: pages, docks, status bar. It loops over PAGES and names no page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QIcon,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QWidget,
)

from gui.core.declare.page import Page
from gui.core.figure.figure import Figure
from gui.core.keys.focus import WalksAsRead
from gui.core.keys.keyboard import Keyboard
from gui.core.paint.theme import Theme
from gui.core.screen.plain_screen import PageObject, ShowsViews
from gui.core.screen.services import Context
from gui.core.state.document import EXAMPLES_PATH
from gui.core.state.jobs import Runs
from gui.core.state.store import Store
from gui.core.widgets.message_bar import MessageBar
from gui.core.widgets.tabs import RoomyTabs
from gui.core.words.i18n import tr
from gui.core.words.resources import asset
from gui.window.finding.finder import Finder
from gui.window.following import follows, set_follows
from gui.window.layout import Layout
from gui.window.menus import Menus
from gui.window.messages import Messages, MessagesDialog, StatusLine
from gui.window.progress import ProgressLine
from gui.window.screens import Screens, build_screen, filling_layout

SMALLEST_SIZE = QSize(800, 560)


class MainWindow(WalksAsRead, QMainWindow):
    """Puts the pages of a registry into one window.

    Parameters
    ----------
    context : Context
        The services, shared with every page.
    pages : tuple of Page
        What to show, in tab order.
    finder : Finder
        The one search.
    frame_first : bool
        Whether the page in front is built after the window's first frame, as at a start.
    """

    open_requested, folder_requested = Signal(), Signal()
    paths_dropped = Signal(list)
    reload_requested = Signal(str)
    reading_requested = Signal(str)
    recent_requested = Signal(str)
    export_requested = Signal()
    copy_requested = Signal()
    report_requested = Signal()
    session_requested = Signal(bool)  # whether in another file
    language_chosen = Signal(str)
    about_requested = Signal()
    closing = Signal()

    def __init__(
        self, context: Context, pages: Sequence[Page], finder: Finder, frame_first: bool = False
    ) -> None:
        super().__init__()
        self._context, self._finder = context, finder
        self._declared = {page.key: page for page in pages}
        self.screens = Screens(context, lambda: self.page_key, self)
        self.pages = self.screens.built
        self.setAcceptDrops(True)
        self.setMinimumSize(SMALLEST_SIZE)
        self.setWindowIcon(QIcon(str(asset("icons/rankscope.svg"))))
        self.setDockNestingEnabled(True)
        self._bar, self._line = MessageBar(), StatusLine()
        self.messages = Messages(self._bar, self._line)
        self.tabs = RoomyTabs()
        self.tabs.setAccessibleName(tr("Pages"))
        self._controls = QStackedWidget()
        self._tab_keys: list[str] = []
        self._build_central()
        self._build_docks()
        self._build_status()
        self.menus = Menus(self, context)
        self._layout = Layout(self, context.settings)
        self.show_page(self._layout.restore())
        self.tabs.currentChanged.connect(self._turn_page)
        context.store.changed.connect(self._when_changed)
        context.runner.busy_changed.connect(self._when_busy)
        self.screens.front_built.connect(self._refresh_summary)
        self.screens.all_built.connect(finder.begin)
        self.screens.waits = frame_first
        self._show_page()
        self._keyboard = Keyboard(self)

    # -- construction -----------------------------------------------------------------------

    def _build_central(self) -> None:
        central = QWidget()
        filling_layout(central).addWidget(self.tabs, 1)
        self._bar.lie_over(central)
        self.setCentralWidget(central)

    def _build_docks(self) -> None:
        for page in self._declared.values():
            if page.place == "dock":
                screen = self.pages[page.key] = build_screen(page, self._context)
                area = Qt.DockWidgetArea.LeftDockWidgetArea
                self._add_dock(page.key, tr(page.title), screen.widget, area)
            else:
                self._tab_keys.append(page.key)
                holder, controls = self.screens.place(page)
                self.tabs.addTab(holder, tr(page.title))
                self._controls.addWidget(controls)
        self._add_dock(
            "controls", tr("Controls"), self._controls, Qt.DockWidgetArea.RightDockWidgetArea
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Build what is still missing, later."""
        super().showEvent(event)
        self.screens.when_shown()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Build what is still missing once this frame is on the screen."""
        super().paintEvent(event)
        self.screens.when_painted()

    def _add_dock(
        self, key: str, title: str, widget: QWidget, area: Qt.DockWidgetArea
    ) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock.{key}")
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _build_status(self) -> None:
        self.progress = ProgressLine(self._context.runner)
        self.statusBar().addWidget(self._line, 1)
        self.statusBar().addPermanentWidget(self.progress)

    # -- pages ------------------------------------------------------------------------------

    @property
    def page_key(self) -> str:
        """Key of the page in front; empty when there is none."""
        index = self.tabs.currentIndex()
        return self._tab_keys[index] if index >= 0 else ""

    def show_page(self, key: str) -> None:
        """Bring the page ``key`` to the front; an unknown key does nothing."""
        if key in self._tab_keys:
            self.tabs.setCurrentIndex(self._tab_keys.index(key))

    def show_view(self, key: str, view: str, control: str = "") -> None:
        """Bring a lower view of the page ``key`` to the front, and the keyboard into a control."""
        self.show_page(key)
        page = self.page(key)
        if isinstance(page, ShowsViews):
            page.show_view(view, control)

    def page(self, key: str) -> PageObject | None:
        """Return a page, built now where it was not; None where there is none of that key."""
        self.screens.build(key)
        return self.pages.get(key)

    @property
    def is_busy(self) -> bool:
        """Whether anything is computed, or the page in front is not drawn as it is now."""
        page = self.pages.get(self.page_key)
        return self.runner.is_busy() or page is None or not page.is_at_rest

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures of the page in front, the focused one first."""
        page = self.pages.get(self.page_key)
        return page.figures() if page else ()

    def _turn_page(self) -> None:
        self.messages.forget_information()
        self._show_page()

    def _show_page(self) -> None:
        self.screens.turn_to(self.page_key)
        self._controls.setCurrentIndex(max(0, self.tabs.currentIndex()))
        self._refresh_summary()

    def _when_changed(self, old: object, new: object) -> None:
        self._refresh_summary()

    def recent_files(self) -> list[str]:
        """Return the files opened before, the latest first."""
        return self._context.settings.recent_files()

    def show_search(self, commands_only: bool = False) -> None:
        """Open the search; imported only here, a start does not need it."""
        from gui.window.finding.panel import COMMANDS_ONLY, SearchPanel

        SearchPanel(self, self._finder, COMMANDS_ONLY if commands_only else None).open_over()

    def show_keys(self) -> None:
        """List the keys and what they do."""
        from gui.core.screen.keys import KeysDialog
        from gui.window.commands import PLACE_KEYS

        KeysDialog([*self.menus.keyed(), *((k, tr(what)) for k, what in PLACE_KEYS)], self).open()

    def show_messages(self) -> None:
        """Show what has been said, to be read again."""
        MessagesDialog(self.messages, self).open()

    def copy_call(self) -> None:
        """Put the call that repeats the focused plot on the clipboard."""
        if text := self.pages[self.page_key].call() if self.page_key in self.pages else "":
            QApplication.clipboard().setText(text)
            said = tr("Copied as Python, the call that draws it: {title}")
            self._context.notify(said.format(title=self.figures()[0].title), "info")

    @property
    def active_file(self) -> str:
        """The path of the file that the selected array comes from, "" where there is none."""
        active = self.store["selection"].active
        return active.path if active is not None and active.path != EXAMPLES_PATH else ""

    @property
    def has_table(self) -> bool:
        """Whether the selected array comes from a table whose reading can be overruled."""
        return bool((file := self.store["files"].find(self.active_file)) and file.table)

    @property
    def follows(self) -> bool:
        """Whether files that change are read again by themselves."""
        return follows(self._context.settings)

    def toggle_follow(self) -> None:
        """Read files that change again by themselves from now on, or ask first."""
        set_follows(self._context.settings, not self.follows)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or come back from it."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    # -- what the commands ask --------------------------------------------------------------

    @property
    def store(self) -> Store:
        """The state."""
        return self._context.store

    @property
    def runner(self) -> Runs:
        """Who computes."""
        return self._context.runner

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self._context.theme

    def page_titles(self) -> list[str]:
        """Return the titles of the tabs."""
        return [self.tabs.tabText(index) for index in range(self.tabs.count())]

    def dock_titles(self) -> list[tuple[str, str]]:
        """Return (key, title) of every dock."""
        docks = self.findChildren(QDockWidget)
        return [(dock.objectName(), dock.windowTitle()) for dock in docks]

    def toggle_dock(self, name: str) -> None:
        """Show a dock, or put it away."""
        self._dock(name).toggleViewAction().trigger()

    def is_dock_shown(self, name: str) -> bool:
        """Whether a dock is in sight."""
        return not self._dock(name).isHidden()

    def _dock(self, name: str) -> QDockWidget:
        return next(dock for dock in self.findChildren(QDockWidget) if dock.objectName() == name)

    def show_notes(self) -> None:
        """Open the theory of the page: at its lower view; from a control, at its symbol."""
        from gui.window.notes.dialog import show_here

        show_here(self, self._context, self._declared[self.page_key])

    def show_note(self, key: str, section: str = "") -> None:
        """Open the theory of a page at a section."""
        from gui.window.notes.dialog import show_note

        show_note(self, self._context, self._declared[key], section)

    def show_own_note(self, path: str = "", entry: str = "") -> None:
        """Write of an array or a file; of the selected array where none is said."""
        from gui.window.notes.own import write_note

        write_note(self, self._context, path, entry)

    def show_record(self) -> None:
        """Show what was done as a script."""
        from gui.window.session.record import show_record

        show_record(self, self._context)

    def _refresh_summary(self) -> None:
        page = self.pages.get(self.page_key)
        self._line.summary.set_text(page.summary() if page else "")
        active = self._context.store["selection"].active
        name = f"{active.title} – " if active else ""
        self.setWindowTitle(f"{name}Rankscope")

    def _when_busy(self, busy: bool) -> None:
        if not busy:
            self._refresh_summary()
        self._line.heed(busy)

    # -- files ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files only."""
        if _local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        if paths := _local_paths(event.mimeData()):
            event.acceptProposedAction()
            self.paths_dropped.emit(paths)

    # -- layout -----------------------------------------------------------------------------

    def take_size(self, width: int, height: int) -> None:
        """Be so large, whatever the screen."""
        self.setWindowState(Qt.WindowState.WindowNoState)
        self.resize(width, height)

    def reset_layout(self) -> None:
        """Put docks, toolbars and dividers back where they were delivered."""
        self._layout.reset()

    def save_layout(self) -> None:
        """Remember size, docks and page for the next start."""
        self._layout.save(self.page_key)

    def shutdown(self) -> None:
        """Let go of every page and signal; the window may then be destroyed."""
        self.progress.shutdown()
        self.messages.forget_information()
        self._line.shutdown()
        self.menus.shutdown()
        self._keyboard.shutdown()
        self.screens.stop()
        self._context.store.changed.disconnect(self._when_changed)
        self._context.runner.busy_changed.disconnect(self._when_busy)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and tell the application."""
        self.save_layout()
        self.closing.emit()
        event.accept()


def _local_paths(data: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
