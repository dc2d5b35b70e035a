"""The main window: docks, menus, status bar. It loops over PAGES and names no page."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QIcon,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QStyle,
    QTabWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from gui.core.context import Context
from gui.core.figure import Figure
from gui.core.i18n import LANGUAGES, language, tr
from gui.core.message_bar import MessageBar
from gui.core.page import Page, PageSpec
from gui.core.resources import asset
from gui.layout import Layout
from gui.progress import ProgressLine

SMALLEST_SIZE = QSize(800, 560)
LATER_MS = 150  # until the pages behind the front one are built, one at a time


class MainWindow(QMainWindow):
    """Puts the pages of a registry into one window.

    Parameters
    ----------
    context : Context
        The services, shared with every page.
    pages : tuple of PageSpec
        What to show, in tab order.
    """

    open_requested = Signal()
    paths_dropped = Signal(list)
    recent_requested = Signal(str)
    export_requested = Signal()
    copy_requested = Signal()
    language_chosen = Signal(str)
    about_requested = Signal()
    closing = Signal()

    def __init__(self, context: Context, pages: tuple[PageSpec, ...]) -> None:
        super().__init__()
        self._context = context
        self._specs = {spec.key: spec for spec in pages}
        self.pages: dict[str, Page] = {}
        self.setAcceptDrops(True)
        self.setMinimumSize(SMALLEST_SIZE)
        self.setWindowIcon(QIcon(str(asset("icons/rankscope.svg"))))
        self.setDockNestingEnabled(True)
        self.messages = MessageBar()
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(tr("Pages"))
        self._controls = QStackedWidget()
        self._tab_keys: list[str] = []
        self._holders: list[QVBoxLayout] = []
        self._control_holders: list[QVBoxLayout] = []
        self._later = QTimer(self, singleShot=True, interval=LATER_MS)
        self._later.timeout.connect(self._build_next_page)
        self._build_central()
        self._build_docks()
        self._build_status()
        self._build_actions()
        self._layout = Layout(self, context.settings)
        self.show_page(self._layout.restore())
        self.tabs.currentChanged.connect(self._show_page)
        context.store.changed.connect(self._when_changed)
        context.store.history_changed.connect(self._refresh_history)
        context.runner.busy_changed.connect(self._when_busy)
        self._show_page()
        self._refresh_history()

    # -- construction -----------------------------------------------------------------------

    def _build_central(self) -> None:
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.messages)
        layout.addWidget(self.tabs, 1)
        self.setCentralWidget(central)

    def _build_docks(self) -> None:
        for spec in self._specs.values():
            if spec.place == "dock":
                page = self.pages[spec.key] = spec.build(self._context)
                area = Qt.DockWidgetArea.LeftDockWidgetArea
                self._add_dock(spec.key, tr(spec.title), page.widget, area)
            else:
                self._tab_keys.append(spec.key)
                holder, controls = QWidget(), QWidget()
                self.tabs.addTab(holder, tr(spec.title))
                self._controls.addWidget(controls)
                self._holders.append(_filling_layout(holder))
                self._control_holders.append(_filling_layout(controls))
        self._add_dock(
            "controls", tr("Controls"), self._controls, Qt.DockWidgetArea.RightDockWidgetArea
        )

    def _build_page(self, key: str) -> None:
        """Build a page where its empty tab stands; the second time, do nothing.

        The page in front is built at the start, the others after the first painted frame: a
        person waits for one page, not for all.
        """
        if key in self.pages or key not in self._tab_keys:
            return
        page = self.pages[key] = self._specs[key].build(self._context)
        index = self._tab_keys.index(key)
        self._holders[index].addWidget(page.widget)
        if page.controls is not None:
            self._control_holders[index].addWidget(page.controls)

    def _build_next_page(self) -> None:
        missing = [key for key in self._tab_keys if key not in self.pages]
        if missing:
            self._build_page(missing[0])
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Build the pages behind the front one once this one is on the screen."""
        super().showEvent(event)
        self._later.start()

    def _add_dock(
        self, key: str, title: str, widget: QWidget, area: Qt.DockWidgetArea
    ) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock.{key}")
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _build_status(self) -> None:
        self._summary = QLabel()
        self.progress = ProgressLine(self._context.runner)
        self.statusBar().addWidget(self._summary, 1)
        self.statusBar().addPermanentWidget(self.progress)

    def _build_actions(self) -> None:
        style, standard = self.style(), QStyle.StandardPixmap
        store, keys = self._context.store, QKeySequence.StandardKey
        self.open_action = self._action(
            tr("&Open…"), keys.Open, self.open_requested.emit, standard.SP_DialogOpenButton
        )
        self.export_action = self._action(
            tr("&Export figure…"),
            "Ctrl+E",
            self.export_requested.emit,
            standard.SP_DialogSaveButton,
        )
        self.copy_action = self._action(
            tr("&Copy figure"), "Ctrl+Shift+C", self.copy_requested.emit
        )
        self.export_action.setObjectName("export_figure")
        self.copy_action.setObjectName("copy_figure")
        self.undo_action = self._action(tr("&Undo"), keys.Undo, store.undo, standard.SP_ArrowBack)
        self.redo_action = self._action(
            tr("&Redo"), "Ctrl+Shift+Z", store.redo, standard.SP_ArrowForward
        )
        self.redo_action.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.cancel_action = self._action(
            tr("&Cancel computations"), "Esc", self._context.runner.cancel_all
        )
        self.cancel_action.setEnabled(False)
        self._build_file_menu()
        self._build_edit_menu()
        self._build_view_menu()
        help_menu = self.menuBar().addMenu(tr("&Help"))
        help_menu.addAction(self._action(tr("&Notes"), "F1", self.show_notes))
        help_menu.addAction(self._action(tr("&About Rankscope"), "", self.about_requested.emit))
        bar = QToolBar(tr("Tools"), movable=False)
        bar.setObjectName("toolbar")
        bar.setIconSize(QSize(18, 18))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for action in (self.open_action, self.undo_action, self.redo_action, self.export_action):
            bar.addAction(action)
        self.open_action.setIconText(tr("Open"))
        self.export_action.setIconText(tr("Export figure"))
        style.polish(bar)
        self.addToolBar(bar)

    def _action(
        self,
        text: str,
        shortcut: Any,
        run: Callable[[], Any],
        icon: QStyle.StandardPixmap | None = None,
    ) -> QAction:
        action = QAction(text, self)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        if icon is not None:
            action.setIcon(self.style().standardIcon(icon))
        action.triggered.connect(lambda: run())
        self.addAction(action)
        return action

    def _build_file_menu(self) -> None:
        menu = self.menuBar().addMenu(tr("&File"))
        menu.addAction(self.open_action)
        self.recent_menu = QMenu(tr("Open &recent"), menu)
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        menu.addMenu(self.recent_menu)
        menu.addSeparator()
        menu.addAction(self.export_action)
        menu.addAction(self.copy_action)
        menu.addSeparator()
        menu.addAction(self._action(tr("&Quit"), QKeySequence.StandardKey.Quit, self.close))

    def _build_edit_menu(self) -> None:
        menu = self.menuBar().addMenu(tr("&Edit"))
        menu.addAction(self.undo_action)
        menu.addAction(self.redo_action)
        menu.addSeparator()
        menu.addAction(self.cancel_action)

    def _build_view_menu(self) -> None:
        menu = self.menuBar().addMenu(tr("&View"))
        for index in range(self.tabs.count()):
            self._add_page_action(menu, index)
        menu.addSeparator()
        themes = {"auto": tr("Follow the system"), "light": tr("Light"), "dark": tr("Dark")}
        theme = self._context.theme
        self._choice_menu(menu, tr("&Theme"), themes, theme.mode, theme.set_mode)
        self._choice_menu(menu, tr("&Language"), LANGUAGES, language(), self.language_chosen.emit)
        menu.addSeparator()
        for dock in self.findChildren(QDockWidget):
            menu.addAction(dock.toggleViewAction())
        menu.addAction(self._action(tr("&Reset layout"), "", self.reset_layout))
        menu.addAction(
            self._action(tr("Command &palette…"), "Ctrl+Shift+P", self.show_command_palette)
        )
        full = self._action(tr("&Full screen"), "F11", lambda: None)
        full.setCheckable(True)
        full.toggled.connect(lambda on: self.showFullScreen() if on else self.showNormal())
        menu.addAction(full)

    def _add_page_action(self, menu: QMenu, index: int) -> None:
        action = self._action(
            self.tabs.tabText(index),
            f"Alt+{index + 1}",
            lambda: self.tabs.setCurrentIndex(index),
        )
        menu.addAction(action)

    def _choice_menu(
        self,
        parent: QMenu,
        title: str,
        choices: dict[str, str],
        current: str,
        choose: Callable[[str], Any],
    ) -> None:
        menu = QMenu(title, parent)
        group = QActionGroup(menu)
        for key, text in choices.items():
            action = QAction(text, menu, checkable=True, checked=key == current)
            action.triggered.connect(lambda _=False, key=key: choose(key))
            group.addAction(action)
            menu.addAction(action)
        parent.addMenu(menu)

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

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures of the page in front, the focused one first."""
        page = self.pages.get(self.page_key)
        return page.figures() if page else ()

    def _show_page(self) -> None:
        self._build_page(self.page_key)
        self._controls.setCurrentIndex(max(0, self.tabs.currentIndex()))
        self._refresh_summary()

    def _when_changed(self, old: object, new: object) -> None:
        self._refresh_summary()

    def recent_files(self) -> list[str]:
        """Return the files opened before, the latest first."""
        return self._context.settings.recent_files()

    def show_command_palette(self) -> None:
        """Offer everything the window can do; imported only here, a start does not need it."""
        from gui.commands import window_commands
        from gui.core.command_palette import CommandPalette

        CommandPalette(window_commands(self), self).open_over(self)

    def show_notes(self) -> None:
        """Open the theory of the page in front, at the section of its lower view."""
        from gui.core.notes import NotesDialog

        notes = self.findChild(NotesDialog) or NotesDialog(self)
        section = getattr(self._context.store[self.page_key], "view", "")
        notes.show_note(self.page_key, self.tabs.tabText(self.tabs.currentIndex()), section)

    def _refresh_summary(self) -> None:
        page = self.pages.get(self.page_key)
        self._summary.setText(page.summary() if page else "")
        active = self._context.store["selection"].active
        name = f"{active.title} – " if active else ""
        self.setWindowTitle(f"{name}Rankscope")

    def _refresh_history(self) -> None:
        store = self._context.store
        self.undo_action.setEnabled(store.can_undo)
        self.redo_action.setEnabled(store.can_redo)
        self.undo_action.setText(tr("&Undo {what}", what=store.undo_label).rstrip())
        self.redo_action.setText(tr("&Redo {what}", what=store.redo_label).rstrip())
        self.undo_action.setIconText(tr("Undo"))
        self.redo_action.setIconText(tr("Redo"))

    def _when_busy(self, busy: bool) -> None:
        self.cancel_action.setEnabled(busy)
        if not busy:
            self._refresh_summary()

    # -- files ------------------------------------------------------------------------------

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        recent = self.recent_files()
        for path in recent:
            action = self.recent_menu.addAction(os.path.basename(path).replace("&", "&&"))
            action.setToolTip(path)
            action.setStatusTip(path)
            action.triggered.connect(lambda _=False, path=path: self.recent_requested.emit(path))
        if not recent:
            self.recent_menu.addAction(tr("No recent files")).setEnabled(False)

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

    def reset_layout(self) -> None:
        """Put docks and toolbars back where they were delivered."""
        self._layout.reset()

    def save_layout(self) -> None:
        """Remember size, docks and page for the next start."""
        self._layout.save(self.page_key)

    def shutdown(self) -> None:
        """Let go of every page and signal; the window may then be destroyed."""
        self.progress.shutdown()
        self._later.stop()
        for page in self.pages.values():
            page.shutdown()
        context = self._context
        context.store.changed.disconnect(self._when_changed)
        context.store.history_changed.disconnect(self._refresh_history)
        context.runner.busy_changed.disconnect(self._when_busy)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and tell the application."""
        self.save_layout()
        self.closing.emit()
        event.accept()


def _filling_layout(holder: QWidget) -> QVBoxLayout:
    """Return the layout in which a page will fill its empty tab."""
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    return layout


def _local_paths(data: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
