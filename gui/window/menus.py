"""Menus, toolbar and actions of the window, made from the table of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QStyle, QToolBar

from gui.core.declare.command import Command, Entry, Submenu
from gui.core.paint.head.labels import plain_tip
from gui.core.screen.services import Context
from gui.core.widgets.icons import turn_icon
from gui.core.words.i18n import tr, without_mnemonic
from gui.core.words.readable import readable
from gui.window.commands import MENUS, all_commands

_STANDARD = {
    "open": QStyle.StandardPixmap.SP_DialogOpenButton,
    "save": QStyle.StandardPixmap.SP_DialogSaveButton,
}


class Menus:
    """The actions of one window; make it when its tabs and docks are in place."""

    def __init__(self, window: QMainWindow, context: Context) -> None:
        self._window, self._context = window, context
        self._commands = {one.id: one for one in all_commands(window)}
        self._actions: dict[str, QAction] = {}
        self.submenus: dict[str, QMenu] = {}
        for one in self._commands.values():
            if isinstance(one, Command):
                self._actions[one.id] = self._action(one)
        for title in MENUS:
            self._fill(window.menuBar().addMenu(tr(title)), title)
        self._build_toolbar()
        self._hearing: list[tuple[Any, Callable[..., None]]] = [
            (context.store.history_changed, lambda: self.refresh("history")),
            (context.runner.busy_changed, lambda _: self.refresh("busy")),
            (context.theme.changed, lambda: self.refresh("theme")),
        ]
        for signal, slot in self._hearing:
            signal.connect(slot)
        self.refresh()

    def shutdown(self) -> None:
        """Let go of the store, the runner and the theme."""
        for signal, slot in self._hearing:
            signal.disconnect(slot)

    # -- construction -----------------------------------------------------------------------

    def _action(self, one: Command) -> QAction:
        action = QAction(self._title(one), self._window)
        action.setObjectName(one.id)
        action.setProperty("context", one.context)
        action.setShortcuts([QKeySequence(keys) for keys in one.keys])
        action.setCheckable(one.checked is not None)
        if one.icon in _STANDARD:
            action.setIcon(self._window.style().standardIcon(_STANDARD[one.icon]))
        action.triggered.connect(lambda _=False: self._run(one))
        self._window.addAction(action)
        return action

    def _run(self, one: Command) -> None:
        one.run(self._window)
        if one.checked is not None:
            self.refresh("page")

    def _fill(self, menu: QMenu, title: str) -> None:
        mine = [one for one in self._commands.values() if one.menu == title]
        group = min((one.group for one in mine), default=0)
        for one in sorted(mine, key=lambda one: one.group):
            if one.group != group:
                menu.addSeparator()
                group = one.group
            if isinstance(one, Command):
                menu.addAction(self._actions[one.id])
            else:
                menu.addMenu(self._submenu(one, menu))
        menu.aboutToShow.connect(lambda: self.refresh("page"))

    def _submenu(self, one: Submenu, parent: QMenu) -> QMenu:
        menu = self.submenus[one.id] = QMenu(tr(one.title), parent)
        if one.lists:
            menu.aboutToShow.connect(lambda: self._list(one, menu))
        else:
            self._list(one, menu)
        return menu

    def _list(self, one: Submenu, menu: QMenu) -> None:
        menu.clear()
        group = QActionGroup(menu)
        now = one.current(self._window) if one.current is not None else None
        options = one.options(self._window)
        for key, words in options:
            action = QAction(readable(words).replace("&", "&&"), menu)
            action.setToolTip(plain_tip(readable(key)))
            action.setStatusTip(readable(key))
            if now is not None:
                action.setCheckable(True)
                action.setChecked(key == now)
                group.addAction(action)
            action.triggered.connect(lambda _=False, key=key: one.choose(self._window, key))
            menu.addAction(action)
        if not options:
            menu.addAction(tr(one.nothing)).setEnabled(False)

    def _build_toolbar(self) -> None:
        bar = QToolBar(tr("Tools"), movable=False)
        bar.setObjectName("toolbar")
        bar.setIconSize(QSize(18, 18))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        shown = [o for o in self._commands.values() if isinstance(o, Command) and o.toolbar]
        order = ["open", "undo", "redo"]
        for one in sorted(shown, key=lambda o: order.index(o.id) if o.id in order else len(order)):
            bar.addAction(self._actions[one.id])
        self._window.style().polish(bar)
        self._window.addToolBar(bar)

    # -- what changes -----------------------------------------------------------------------

    def refresh(self, heard: str = "") -> None:
        """Bring up to date what ``heard`` may have changed; everything by default."""
        for name, action in self._actions.items():
            one = self._commands[name]
            assert isinstance(one, Command)
            if heard and one.hears != heard and not (heard == "theme" and one.icon):
                continue
            action.setText(self._title(one))
            if one.toolbar:
                action.setIconText(tr(one.toolbar))
            if one.enabled is not None:
                able = one.enabled(self._window)
                action.setEnabled(able)
                action.setToolTip("" if able else f"{plain(self._title(one))}\n{tr(one.why)}")
            if one.checked is not None:
                action.setChecked(one.checked(self._window))
            # Drawing one takes a third of a millisecond: not at every step of a drag.
            if heard in ("", "theme") and (icon := self._drawn_icon(one.icon)):
                action.setIcon(icon)

    def _drawn_icon(self, name: str) -> QIcon | None:
        if name not in ("undo", "redo"):
            return None
        return turn_icon(back=name == "undo", ink=self._context.theme.scheme.ink)

    def _title(self, one: Command) -> str:
        return tr(one.title) if isinstance(one.title, str) else one.title(self._window)

    # -- for the search and the list of keys -----------------------------------------------

    def entries(self) -> Iterator[Entry]:
        """Yield what the search offers of the table: all that can be done now."""
        for one in self._commands.values():
            if isinstance(one, Command):
                if self._actions[one.id].isEnabled():
                    yield self._entry(one)
            elif not one.lists:
                yield from self._choices(one)

    def _entry(self, one: Command) -> Entry:
        action = self._actions[one.id]
        checked = action.isChecked() if one.checked is not None else None
        group = without_mnemonic(tr(one.menu))
        title, keys = plain(self._title(one)), self.keys(one)
        return Entry(title, group, action.trigger, keys, "", checked, one.id)

    def _choices(self, one: Submenu) -> Iterator[Entry]:
        now = one.current(self._window) if one.current is not None else ""
        for key, words in one.options(self._window):

            def choose(key: str = key) -> None:
                one.choose(self._window, key)

            named = f"{one.id}={key}"
            yield Entry(words, plain(tr(one.title)), choose, "", key, key == now, named)

    def keys(self, one: Command) -> str:
        """Return the first keys of a command as they are shown; "" where it has none."""
        form = QKeySequence.SequenceFormat.NativeText
        return QKeySequence(one.keys[0]).toString(form) if one.keys else ""

    def keyed(self) -> Iterator[tuple[str, str]]:
        """Yield (keys, title) of every command that has some."""
        form = QKeySequence.SequenceFormat.NativeText
        for one in self._commands.values():
            if isinstance(one, Command) and one.keys:
                shown = "  ".join(QKeySequence(keys).toString(form) for keys in one.keys)
                yield shown, plain(self._title(one))


def plain(text: str) -> str:
    """Return the words of a menu entry: no key, no dots."""
    return without_mnemonic(text).rstrip("…. ")
