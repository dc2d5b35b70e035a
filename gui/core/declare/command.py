"""A command of the window, declared once: menus, toolbar, context menus, palette and the list of
keys are views of one table of these records. An entry is what a page offers the search. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from gui.frozen import dataclass

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
    why : str
        What its tooltip says while it cannot be done.
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
    why: str = ""


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
    key : str
        Tells it from all others of its page, in every language; "" where its words do.
    """

    title: str
    group: str
    run: Callable[[], Any]
    shortcut: str = ""
    words: str = ""
    checked: bool | None = None
    key: str = ""
