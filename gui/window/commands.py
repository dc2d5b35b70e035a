"""Everything the window can do, gathered for the command palette from its menus and pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from gui.core.declare.command import Command
from gui.core.words.i18n import tr, without_mnemonic

if TYPE_CHECKING:
    from gui.window.window import MainWindow


def window_commands(window: MainWindow) -> list[Command]:
    """Return what can be done now: the pages' own commands, menu entries, recent files."""
    found = [*_page_commands(window), *_menu_commands(window), *_recent_files(window)]
    return list({(one.group, one.title): one for one in found}.values())


def _page_commands(window: MainWindow) -> Iterator[Command]:
    for key, page in window.pages.items():
        for command in page.commands():
            yield replace(command, run=_on_page(window, key, command))


def _on_page(window: MainWindow, key: str, command: Command) -> Callable[[], None]:
    def run() -> None:
        window.show_page(key)
        command.run()

    return run


def _menu_commands(window: MainWindow) -> Iterator[Command]:
    for action in window.menuBar().actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            yield from _entries(menu, _plain(action.text()), window.menus.recent)


def _entries(menu: QMenu, group: str, left_out: QMenu) -> Iterator[Command]:
    for action in menu.actions():
        inner = action.menu()
        if inner is left_out or action.isSeparator():
            continue
        if isinstance(inner, QMenu):
            yield from _entries(inner, _plain(action.text()), left_out)
        elif action.isEnabled() and action.isVisible():
            yield _command(action, group)


def _command(action: QAction, group: str) -> Command:
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    checked = action.isChecked() if action.isCheckable() else None
    return Command(_plain(action.text()), group, action.trigger, keys, "", checked)


def _recent_files(window: MainWindow) -> Iterator[Command]:
    for path in window.recent_files():
        folder, name = os.path.split(path)

        def run(path: str = path) -> None:
            window.recent_requested.emit(path)

        yield Command(name, tr("Recent file"), run, words=folder)


def _plain(text: str) -> str:
    return without_mnemonic(text).rstrip("…. ")
