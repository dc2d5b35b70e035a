"""The table of commands: what the window does, where it stands, which keys do it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from gui.core.declare.command import Command, Submenu
from gui.core.figure.palette import SCHEMES, THEMES
from gui.core.words.i18n import language, languages, tr

MENUS = ("&File", "&Edit", "&View", "&Help")

COMMANDS: tuple[Command | Submenu, ...] = (
    Command(
        "open",
        "&Open…",
        lambda window: window.open_requested.emit(),
        menu="&File",
        keys=("Ctrl+O",),
        toolbar="Open",
        icon="open",
    ),
    Command(
        "open_folder",
        "Open &folder…",
        lambda window: window.folder_requested.emit(),
        menu="&File",
        keys=("Ctrl+Shift+O",),
    ),
    Submenu(
        "recent",
        "Open &recent",
        lambda window: [(path, os.path.basename(path)) for path in window.recent_files()],
        lambda window, path: window.recent_requested.emit(path),
        menu="&File",
        lists=True,
        nothing="No recent files",
    ),
    Command(
        "reload",
        "&Read again",
        lambda window: window.reload_requested.emit(window.active_file),
        menu="&File",
        keys=("F5",),
        enabled=lambda window: bool(window.active_file),
        why="No file is open: the examples are built in.",
        hears="history",
    ),
    Command(
        "reading",
        "&How the table is read…",
        lambda window: window.reading_requested.emit(window.active_file),
        menu="&File",
        enabled=lambda window: window.has_table,
        why="Nothing that was read as a table is selected.",
        hears="history",
    ),
    Command(
        "follow",
        "&Follow changes of files",
        lambda window: window.toggle_follow(),
        menu="&File",
        checked=lambda window: window.follows,
        hears="page",
    ),
    Command(
        "export_figure",
        "&Export figure…",
        lambda window: window.export_requested.emit(),
        menu="&File",
        group=1,
        keys=("Ctrl+E",),
        toolbar="Export figure",
        icon="save",
        context="plot",
    ),
    Command(
        "export_report",
        "Export re&port…",
        lambda window: window.report_requested.emit(),
        menu="&File",
        group=1,
        keys=("Ctrl+Shift+E",),
    ),
    Command(
        "copy_figure",
        "&Copy figure",
        lambda window: window.copy_requested.emit(),
        menu="&File",
        group=1,
        keys=("Ctrl+Shift+C",),
        context="plot",
    ),
    Command(
        "copy_call",
        "Copy as &Python",
        lambda window: window.copy_call(),
        menu="&File",
        group=1,
        context="plot",
    ),
    Command(
        "save_session",
        "&Save session",
        lambda window: window.session_requested.emit(False),
        menu="&File",
        group=2,
        keys=("Ctrl+S",),
    ),
    Command(
        "save_session_as",
        "Save session &as…",
        lambda window: window.session_requested.emit(True),
        menu="&File",
        group=2,
        keys=("Ctrl+Shift+S",),
    ),
    Command(
        "quit", "&Quit", lambda window: window.close(), menu="&File", group=3, keys=("Ctrl+Q",)
    ),
    Command(
        "undo",
        lambda window: tr("&Undo {what}", what=window.store.undo_label).rstrip(),
        lambda window: window.store.undo(),
        menu="&Edit",
        keys=("Ctrl+Z",),
        toolbar="Undo",
        icon="undo",
        enabled=lambda window: window.store.can_undo,
        why="There is nothing to undo.",
        hears="history",
    ),
    Command(
        "redo",
        lambda window: tr("&Redo {what}", what=window.store.redo_label).rstrip(),
        lambda window: window.store.redo(),
        menu="&Edit",
        keys=("Ctrl+Shift+Z", "Ctrl+Y"),
        toolbar="Redo",
        icon="redo",
        enabled=lambda window: window.store.can_redo,
        why="There is nothing to redo.",
        hears="history",
    ),
    Command(
        "cancel",
        "&Cancel computations",
        lambda window: window.runner.cancel_all(),
        menu="&Edit",
        group=1,
        keys=("Esc",),
        enabled=lambda window: window.runner.is_busy(),
        why="Nothing is being computed.",
        hears="busy",
    ),
    Submenu(
        "theme",
        "&Theme",
        lambda window: [
            ("auto", tr("Follow the system")),
            *((key, tr(SCHEMES[key].title)) for key in THEMES),
        ],
        lambda window, key: window.theme.set_mode(key),
        menu="&View",
        group=1,
        current=lambda window: window.theme.mode,
    ),
    Submenu(
        "language",
        "&Language",
        lambda window: list(languages().items()),
        lambda window, key: window.language_chosen.emit(key),
        menu="&View",
        group=1,
        current=lambda window: language(),
    ),
    Command(
        "numbers",
        "&Numbers of the array",
        lambda window: window.show_view("spectrum", "entries"),
        menu="&View",
        keys=("Ctrl+T",),
        enabled=lambda window: window.store["selection"].active is not None,
        why="No array is selected.",
        hears="history",
    ),
    Command(
        "go_to_cell",
        "&Go to cell…",
        lambda window: window.show_view("spectrum", "entries", "cell_row"),
        menu="&Edit",
        group=2,
        keys=("Ctrl+G",),
        enabled=lambda window: window.store["selection"].active is not None,
        why="No array is selected.",
        hears="history",
    ),
    Command(
        "record",
        "Re&cord of steps…",
        lambda window: window.show_record(),
        menu="&Edit",
        group=2,
    ),
    Command(
        "own_note",
        "&Note on the array…",
        lambda window: window.show_own_note(),
        menu="&Edit",
        group=2,
        enabled=lambda window: window.store["selection"].active is not None,
        why="No array is selected.",
        hears="history",
    ),
    Command(
        "reset_layout",
        "&Reset layout",
        lambda window: window.reset_layout(),
        menu="&View",
        group=2,
    ),
    Command(
        "search",
        "&Search…",
        lambda window: window.show_search(),
        menu="&View",
        group=3,
        keys=("Ctrl+K",),
        toolbar="Search",
    ),
    Command(
        "palette",
        "Command &palette…",
        lambda window: window.show_search(commands_only=True),
        menu="&View",
        group=3,
        keys=("Ctrl+Shift+P",),
    ),
    Command(
        "full_screen",
        "&Full screen",
        lambda window: window.toggle_full_screen(),
        menu="&View",
        group=3,
        keys=("F11",),
        checked=lambda window: window.isFullScreen(),
        hears="page",
    ),
    Command("notes", "&Notes", lambda window: window.show_notes(), menu="&Help", keys=("F1",)),
    Command("keys", "&Keyboard shortcuts", lambda window: window.show_keys(), menu="&Help"),
    Command("messages", "&Messages…", lambda window: window.show_messages(), menu="&Help"),
    Command(
        "about",
        "&About Rankscope",
        lambda window: window.about_requested.emit(),
        menu="&Help",
        group=1,
    ),
)


def all_commands(window: Any) -> Iterator[Command | Submenu]:
    """Yield the table, and what it holds for every page and dock of this window."""
    for index, title in enumerate(window.page_titles()):
        yield _page_command(index, title)
    for name, title in window.dock_titles():
        yield _dock_command(name, title)
    yield from COMMANDS


def _page_command(index: int, title: str) -> Command:
    return Command(
        f"page.{index}",
        lambda window: title,
        lambda window: window.tabs.setCurrentIndex(index),
        menu="&View",
        keys=(f"Alt+{index + 1}",),
    )


def _dock_command(name: str, title: str) -> Command:
    return Command(
        name,
        lambda window: title,
        lambda window: window.toggle_dock(name),
        menu="&View",
        group=2,
        checked=lambda window: window.is_dock_shown(name),
        hears="page",
    )


# Keys that act where the focus is; they belong to no command.
PLACE_KEYS: tuple[tuple[str, str], ...] = (
    ("Home", "Plot: show everything again"),
    ("Space", "Plot: choose the next thing that can be moved"),
    ("←  →  ↑  ↓", "Plot: move it (Shift: ten steps)"),
    ("Home  End", "Plot: move it as far as it goes (Esc: let go)"),
    ("Ctrl+←  →  ↑  ↓", "Plot: read along a curve, and go to another one"),
    ("Ctrl+Shift+←  →  ↑  ↓", "Plot: pan"),
    ("+  −", "Plot: zoom"),
    ("Ctrl+C", "Read-outs and tables: copy them"),
    ("Ctrl+Enter", "Search: open, and go on searching"),
    ("Ctrl+F", "Notes: find words"),
    ("Alt+←", "Notes: back to where a link was"),
    ("Ctrl+V", "Top-k: paste scores"),
    ("Alt+↑  Alt+↓", "Top-k: previous and next row"),
)
