"""Everything that can be done now, gathered for the command palette."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gui.core.declare.entries import Entry
from gui.core.words.i18n import tr

if TYPE_CHECKING:
    from gui.window.window import MainWindow


def palette_entries(window: MainWindow) -> list[Entry]:
    """Return what can be done now: what the pages offer, the table of commands, recent files."""
    found = [*_page_entries(window), *window.menus.entries(), *_recent_files(window)]
    return list({(one.group, one.title): one for one in found}.values())


def _page_entries(window: MainWindow) -> Iterator[Entry]:
    for key, page in window.pages.items():
        for entry in page.commands():
            yield replace(entry, run=_on_page(window, key, entry))


def _on_page(window: MainWindow, key: str, entry: Entry) -> Callable[[], None]:
    def run() -> None:
        window.show_page(key)
        entry.run()

    return run


def _recent_files(window: MainWindow) -> Iterator[Entry]:
    for path in window.recent_files():
        folder, name = os.path.split(path)

        def run(path: str = path) -> None:
            window.recent_requested.emit(path)

        yield Entry(name, tr("Recent file"), run, words=folder)
