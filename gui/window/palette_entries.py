"""Everything that can be done now, gathered for the command palette."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gui.core.declare.command import Entry
from gui.core.words.i18n import tr


def palette_entries(window: Any) -> list[Entry]:
    """Return what can be done now: what the pages offer, the table of commands, recent files."""
    found = [*_page_entries(window), *window.menus.entries(), *_recent_files(window)]
    return list({(one.group, one.title): one for one in found}.values())


def _page_entries(window: Any) -> Iterator[Entry]:
    for key, page in window.pages.items():
        for entry in page.commands():
            yield replace(entry, run=_on_page(window, key, entry))


def _on_page(window: Any, key: str, entry: Entry) -> Callable[[], None]:
    def run() -> None:
        window.show_page(key)
        entry.run()

    return run


def _recent_files(window: Any) -> Iterator[Entry]:
    for path in window.recent_files():
        folder, name = os.path.split(path)

        def run(path: str = path) -> None:
            window.recent_requested.emit(path)

        yield Entry(name, tr("Recent file"), run, words=folder)
