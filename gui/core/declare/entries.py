"""What the command palette offers: a title, what it belongs to, and how it is done; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

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
