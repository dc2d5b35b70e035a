"""A command of the window, declared once: menus, toolbar, context menus, palette and the list of
keys are views of one table of these records. An entry is what the palette offers. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Moment = Literal["history", "busy", "theme", "page"]  # what may change how a command stands
Words = str | Callable[[Any], str]


@dataclass(frozen=True, eq=False)
class Command:
    """Something the window does; every callable is handed the window.

    Parameters
    ----------
    id : str
        Unique in the table; the action's name.
    title : str or callable
        English, with its key ("&Open…"); a callable returns words in the language in use.
    run : callable
        Does it.
    menu, group : str, int
        Where it stands: a menu, and between its lines. "" stands in no menu.
    keys : tuple of str
        The keys that do it, the first as shown.
    toolbar, icon : str
        Words on the toolbar, "" for none; name of the icon.
    context : str
        The kind of thing whose context menu has it, too ("plot").
    enabled, checked : callable or None
        Whether it can be done now; whether what it toggles is on.
    hears : str
        What may change its title, whether it can be done, or whether it is checked.
    """

    id: str
    title: Words
    run: Callable[[Any], Any]
    menu: str = ""
    group: int = 0
    keys: tuple[str, ...] = ()
    toolbar: str = ""
    icon: str = ""
    context: str = ""
    enabled: Callable[[Any], bool] | None = None
    checked: Callable[[Any], bool] | None = None
    hears: Moment | None = None


@dataclass(frozen=True, eq=False)
class Submenu:
    """One of several, chosen in a menu of its own: a theme, a language, a file opened before.

    ``options(window)`` returns (key, words) in the language in use, ``current(window)`` the key in
    force ("" where there is none); ``lists`` says that they are asked for anew each time.
    """

    id: str
    title: str
    options: Callable[[Any], Sequence[tuple[str, str]]]
    choose: Callable[[Any, str], Any]
    menu: str
    group: int = 0
    current: Callable[[Any], str] | None = None
    lists: bool = False
    nothing: str = ""


# -- what the palette offers ------------------------------------------------------------------

_EXACT, _START_OF_WORD, _SCATTERED, _ELSEWHERE = 2.0, 1.0, 1.0, 0.5


@dataclass(frozen=True)
class Entry:
    """Something a person can have done.

    Parameters
    ----------
    title : str
        What it does, in the language in use.
    group : str
        The menu, page or file it belongs to; also searched.
    run : callable
        Does it.
    shortcut : str
        The keys that do the same, as they are shown; empty where there are none.
    words : str
        More to search for: the key of an operator, the folder of a file.
    checked : bool or None
        Whether what it toggles is on; None where it toggles nothing.
    """

    title: str
    group: str
    run: Callable[[], Any]
    shortcut: str = ""
    words: str = ""
    checked: bool | None = None


def best_matches(commands: Iterable[Entry], query: str) -> list[Entry]:
    """Return the commands that match every word of ``query``, the best first.

    Commands that match equally well stay in the order in which they were offered; an empty query
    matches all of them.

    Examples
    --------
    >>> undo = Entry("Undo tau", "Edit", print)
    >>> redo = Entry("Redo", "Edit", print)
    >>> [one.title for one in best_matches([redo, undo], "edut")]
    []
    >>> [one.title for one in best_matches([redo, undo], "do")]
    ['Redo', 'Undo tau']
    >>> [one.title for one in best_matches([redo, undo], "edit utau")]
    ['Undo tau']
    """
    words = query.casefold().split()
    scored = [(score(command, words), command) for command in commands]
    kept = [(value, command) for value, command in scored if value is not None]
    return [command for _, command in sorted(kept, key=lambda pair: -pair[0])]


def score(command: Entry, words: Iterable[str]) -> float | None:
    """Return how well a command matches all ``words`` (in small letters); None if one does not."""
    total = 0.0
    title = command.title.casefold()
    rest = f"{command.group} {command.words}".casefold()
    for word in words:
        # What is named like the word comes before what only belongs to something named so.
        found = closeness(word, title)
        if found is None:
            # Scattered letters are found in any long text.
            if word not in rest:
                return None
            found = _ELSEWHERE
        total += found
    return total


def closeness(word: str, text: str) -> float | None:
    """Return how closely ``text`` holds the letters of ``word`` in their order; None if not.

    A run of letters beats scattered ones, the start of a word beats its middle, and a tight match
    beats a wide one.

    Examples
    --------
    >>> closeness("sig", "sigmoid threshold") > closeness("sig", "insignificant")
    True
    >>> closeness("sthr", "sigmoid threshold") is None, closeness("xyz", "sigmoid") is None
    (False, True)
    """
    place = text.find(word)
    while place > 0 and text[place - 1].isalnum():
        later = text.find(word, place + 1)
        if later < 0:
            break
        place = later
    if place >= 0:
        starts = place == 0 or not text[place - 1].isalnum()
        return _EXACT + _START_OF_WORD * starts
    first = last = -1
    for letter in word:
        last = text.find(letter, last + 1)
        if last < 0:
            return None
        first = last if first < 0 else first
    return _SCATTERED * len(word) / (last - first + 1)
