"""The one connection of this process to the window, made when it is needed."""

from __future__ import annotations

import atexit
import os
import threading

from engine.errors import RankscopeError
from engine.sentences import say
from gui.link.caller import Link, why_it_ended
from gui.link.memory import Spare
from gui.link.place import Place, find_place
from gui.link.start import Started, start_window
from gui.link.wire import Line

_lock = threading.Lock()
_link: Link | None = None
_started: list[Started] = []  # kept, so that none is waited for by nobody
_found: tuple[str | None, Place] | None = None  # by what was the place found, and which


def place_now() -> Place:
    """Return where the window is reached; not looked for again while there is a line to it.

    Raises
    ------
    RankscopeError
        As `find_place`.
    """
    global _found
    told, found, link = os.environ.get("XDG_RUNTIME_DIR"), _found, _link
    if link is not None and found == (told, link.place) and not link.is_dead:
        return link.place
    place = find_place()
    _found = told, place
    return place


def spare() -> Spare | None:
    """Return where the next array of a loop may have a file, None where there is no line."""
    return None if _link is None else _link.spare


def open_link(place: Place) -> Link:
    """Return the connection of this process to ``place``; a window is started where none is open.

    Raises
    ------
    RankscopeError
        When there is no way to one.
    """
    global _link
    with _lock:
        if _link is not None and not _link.is_dead and _link.place == place:
            return _link
        for _ in range(3):  # one that has just been closed may still listen
            started = None
            line = place.connect()
            if line is None:
                started = start_window(place)
                line = place.connect()
            if started is not None:
                _started.append(started)
            if line is not None:
                _link = Link(place, Line(line), started)
                return _link
            if started is not None and (why := why_it_ended(started)):
                raise RankscopeError(why)
        raise RankscopeError(say("The window ended while it was being started."))


def _send_rest() -> None:
    if _link is not None:
        _link.send_rest()


def _begin_again() -> None:
    """Have no connection in a forked child, and no lock that another thread held."""
    global _lock, _link
    _lock = threading.Lock()
    if _link is not None:
        _link.abandon()
        _link = None


atexit.register(_send_rest)
os.register_at_fork(after_in_child=_begin_again)
