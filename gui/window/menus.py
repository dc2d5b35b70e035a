"""The menus and the toolbar of the window: every action by its text, shortcut and icon."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu, QStyle, QToolBar

from gui.core.widgets.icons import turn_icon
from gui.core.words.i18n import LANGUAGES, language, tr
from gui.core.work.services import Context

if TYPE_CHECKING:
    from gui.window.window import MainWindow


class Menus:
    """The actions of one window; make it when its tabs and docks are in place."""

    def __init__(self, window: MainWindow, context: Context) -> None:
        self._window = window
        self._context = context
        self._build_actions()
        self._build_file_menu()
        self._build_edit_menu()
        self._build_view_menu()
        self._build_help_menu()
        self._build_toolbar()
        context.theme.changed.connect(self._draw_icons)
        context.store.history_changed.connect(self._refresh_history)
        context.runner.busy_changed.connect(self._cancel.setEnabled)
        self._draw_icons()
        self._refresh_history()

    def shutdown(self) -> None:
        """Let go of the store and the runner."""
        self._context.theme.changed.disconnect(self._draw_icons)
        self._context.store.history_changed.disconnect(self._refresh_history)
        self._context.runner.busy_changed.disconnect(self._cancel.setEnabled)

    # -- construction -----------------------------------------------------------------------

    def _action(
        self,
        text: str,
        shortcut: Any,
        run: Callable[[], Any],
        icon: QStyle.StandardPixmap | None = None,
    ) -> QAction:
        action = QAction(text, self._window)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        if icon is not None:
            action.setIcon(self._window.style().standardIcon(icon))
        action.triggered.connect(lambda: run())
        self._window.addAction(action)
        return action

    def _build_actions(self) -> None:
        window, store = self._window, self._context.store
        keys, standard = QKeySequence.StandardKey, QStyle.StandardPixmap
        self._open = self._action(
            tr("&Open…"), keys.Open, window.open_requested.emit, standard.SP_DialogOpenButton
        )
        self._export = self._action(
            tr("&Export figure…"),
            "Ctrl+E",
            window.export_requested.emit,
            standard.SP_DialogSaveButton,
        )
        self._copy = self._action(tr("&Copy figure"), "Ctrl+Shift+C", window.copy_requested.emit)
        self._export.setObjectName("export_figure")
        self._copy.setObjectName("copy_figure")
        self._undo = self._action(tr("&Undo"), keys.Undo, store.undo)
        self._redo = self._action(tr("&Redo"), "Ctrl+Shift+Z", store.redo)
        self._redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self._cancel = self._action(
            tr("&Cancel computations"), "Esc", self._context.runner.cancel_all
        )
        self._cancel.setEnabled(False)

    def _build_file_menu(self) -> None:
        menu = self._window.menuBar().addMenu(tr("&File"))
        menu.addAction(self._open)
        self.recent = QMenu(tr("Open &recent"), menu)
        self.recent.aboutToShow.connect(self._fill_recent)
        menu.addMenu(self.recent)
        menu.addSeparator()
        menu.addAction(self._export)
        menu.addAction(self._copy)
        menu.addSeparator()
        menu.addAction(self._action(tr("&Quit"), QKeySequence.StandardKey.Quit, self._window.close))

    def _build_edit_menu(self) -> None:
        menu = self._window.menuBar().addMenu(tr("&Edit"))
        menu.addAction(self._undo)
        menu.addAction(self._redo)
        menu.addSeparator()
        menu.addAction(self._cancel)

    def _build_view_menu(self) -> None:
        window = self._window
        menu = window.menuBar().addMenu(tr("&View"))
        for index in range(window.tabs.count()):
            self._add_page_action(menu, index)
        menu.addSeparator()
        themes = {"auto": tr("Follow the system"), "light": tr("Light"), "dark": tr("Dark")}
        theme, speak = self._context.theme, window.language_chosen.emit
        _add_choices(menu, tr("&Theme"), themes, theme.mode, theme.set_mode)
        _add_choices(menu, tr("&Language"), LANGUAGES, language(), speak)
        menu.addSeparator()
        for dock in window.findChildren(QDockWidget):
            menu.addAction(dock.toggleViewAction())
        menu.addAction(self._action(tr("&Reset layout"), "", window.reset_layout))
        menu.addAction(
            self._action(tr("Command &palette…"), "Ctrl+Shift+P", window.show_command_palette)
        )
        full = self._action(tr("&Full screen"), "F11", lambda: None)
        full.setCheckable(True)
        full.toggled.connect(lambda on: window.showFullScreen() if on else window.showNormal())
        menu.addAction(full)

    def _add_page_action(self, menu: QMenu, index: int) -> None:
        tabs = self._window.tabs
        action = self._action(
            tabs.tabText(index), f"Alt+{index + 1}", lambda: tabs.setCurrentIndex(index)
        )
        menu.addAction(action)

    def _build_help_menu(self) -> None:
        menu = self._window.menuBar().addMenu(tr("&Help"))
        menu.addAction(self._action(tr("&Notes"), "F1", self._window.show_notes))
        about = self._window.about_requested.emit
        menu.addAction(self._action(tr("&About Rankscope"), "", about))

    def _build_toolbar(self) -> None:
        bar = QToolBar(tr("Tools"), movable=False)
        bar.setObjectName("toolbar")
        bar.setIconSize(QSize(18, 18))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for action in (self._open, self._undo, self._redo, self._export):
            bar.addAction(action)
        self._open.setIconText(tr("Open"))
        self._export.setIconText(tr("Export figure"))
        self._window.style().polish(bar)
        self._window.addToolBar(bar)

    # -- what changes -----------------------------------------------------------------------

    def _draw_icons(self) -> None:
        ink = self._context.theme.scheme.ink
        self._undo.setIcon(turn_icon(back=True, ink=ink))
        self._redo.setIcon(turn_icon(back=False, ink=ink))

    def _refresh_history(self) -> None:
        store = self._context.store
        self._undo.setEnabled(store.can_undo)
        self._redo.setEnabled(store.can_redo)
        self._undo.setText(tr("&Undo {what}", what=store.undo_label).rstrip())
        self._redo.setText(tr("&Redo {what}", what=store.redo_label).rstrip())
        self._undo.setIconText(tr("Undo"))
        self._redo.setIconText(tr("Redo"))

    def _fill_recent(self) -> None:
        self.recent.clear()
        recent, ask = self._window.recent_files(), self._window.recent_requested
        for path in recent:
            action = self.recent.addAction(os.path.basename(path).replace("&", "&&"))
            action.setToolTip(path)
            action.setStatusTip(path)
            action.triggered.connect(lambda _=False, path=path: ask.emit(path))
        if not recent:
            self.recent.addAction(tr("No recent files")).setEnabled(False)


def _add_choices(
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
