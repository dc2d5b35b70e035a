"""What can be done with what was found: by its key, what happens when a person opens it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.search import Document
from gui.core.declare.command import Entry
from gui.core.words.i18n import in_every_language, tr
from gui.core.words.readable import readable
from gui.window.findable import in_small
from gui.window.finding.shelf import array_of

# An operator is found by what it is, not once more as a choice of its page.
_OPERATORS = "topk", "operators"


def offers(window: Any) -> dict[str, Entry]:
    """Return everything that can be done now, by the key it is found under.

    What the pages offer, the table of commands, and recent files.
    """
    return dict((*_of_pages(window), *_of_menus(window), *_recent(window)))


def offered_documents(offered: Mapping[str, Entry]) -> Iterator[Document]:
    """Yield what each offer is found by, in the language in use and in English keys."""
    for key, entry in offered.items():
        kind = key.partition("/")[0]
        if kind == "control":  # as its text: what it chooses has the name for its title
            yield in_small(Document(key, kind, "", f"{entry.group}: {entry.title}"))
        else:
            words = f"{entry.group} / {entry.words}"
            yield in_small(Document(key, kind, entry.title, "", words))


def open_found(window: Any, key: str, offered: Mapping[str, Entry]) -> bool:
    """Open what was found under ``key``; return whether anything happened."""
    if key in offered:
        offered[key].run()
        return True
    kind, _, name = key.partition("/")
    way = _WAYS.get(kind)
    return way is not None and way(window, name, key) is not False


def is_ticked(window: Any, key: str) -> bool:
    """Whether an operator is among those compared."""
    kind, _, name = key.partition("/")
    page, parameter = _OPERATORS
    return kind == "operator" and name in getattr(window.store[page], parameter)


def _view(window: Any, name: str, _key: str) -> None:
    page, _, view = name.partition(".")
    if view:
        window.show_view(page, view)
    else:
        window.show_page(page)


def _operator(window: Any, name: str, _key: str) -> None:
    """Tick an operator on its page; one that is ticked stays so."""
    page, parameter = _OPERATORS
    window.show_page(page)
    window.pages[page].conductor.tick(parameter, name, True)


def _rule(window: Any, name: str, _key: str) -> None:
    """Put the keyboard on a rule in its table: Enter then takes the rank it says."""
    window.show_view("spectrum", "rules")
    window.pages["spectrum"].tables["spectrum.rules"].go_to(name)


def _note(window: Any, name: str, _key: str) -> None:
    page, _, section = name.partition("#")
    window.show_note(page, section)


def _control(window: Any, name: str, _key: str) -> None:
    """Put the keyboard into a control: the way from a symbol of a note."""
    page, _, parameter = name.partition(".")
    window.show_page(page)
    window.pages[page].controls.begin(parameter)


def _own_note(window: Any, _name: str, key: str) -> None:
    window.show_own_note(*array_of(key))


def _array(window: Any, _name: str, key: str) -> None:
    window.pages["sources"].choose(*array_of(key))


_WAYS: dict[str, Callable[[Any, str, str], Any]] = {
    "page": _view,
    "view": _view,
    "operator": _operator,
    "rule": _rule,
    "note": _note,
    "control": _control,
    "array": _array,
    "example": _array,
    "own": _own_note,
}


def _of_pages(window: Any) -> Iterator[tuple[str, Entry]]:
    for key, page in window.pages.items():
        for entry in page.commands():
            name = entry.key or f"{entry.group}/{entry.title}"
            if (key, name.partition("=")[0]) != _OPERATORS:
                run = _on_page(window, key, entry)
                yield f"control/{key}.{name}", replace(entry, run=run)


def _on_page(window: Any, key: str, entry: Entry) -> Callable[[], None]:
    def run() -> None:
        window.show_page(key)
        entry.run()

    return run


def _of_menus(window: Any) -> Iterator[tuple[str, Entry]]:
    for entry in window.menus.entries():
        if entry.key not in ("search", "palette"):
            yield f"command/{entry.key}", entry


def _recent(window: Any) -> Iterator[tuple[str, Entry]]:
    words = " / ".join(in_every_language("Recent files"))
    for path in window.recent_files():
        folder, name = os.path.split(path)

        def run(path: str = path) -> None:
            window.recent_requested.emit(path)

        yield f"recent/{path}", Entry(readable(name), readable(folder), run, words=words)


def kind_titles() -> dict[str, str]:
    """Return what each kind is called, in the language in use."""
    return {
        "command": tr("Commands"),
        "view": tr("Views"),
        "operator": tr("Operators"),
        "rule": tr("Rank rules"),
        "note": tr("Notes"),
        "control": tr("Settings"),
        "array": tr("Arrays"),
        "example": tr("Examples"),
        "recent": tr("Recent files"),
        "own": tr("Own notes"),
    }
