"""``rankscope.show``: look at an array of a running Python in the window, which runs beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.errors import RankscopeError
from engine.sentences import say
from gui.link.arrays import Given, given
from gui.link.caller import Link, Sent, State
from gui.link.memory import size_of, written
from gui.link.naming import names_in, site, written_names
from gui.link.opened import open_link, place_now, spare
from gui.link.place import Place
from gui.link.telling import as_state
from gui.link.words import Call, known_words, sorted_out

if TYPE_CHECKING:
    from gui.core.figure.figure import Figure

_PATIENCE = 60.0  # seconds for an answer


class Handle:
    """What `show` returns: the window as it shows what was sent, without waiting for it."""

    def __init__(self, link: Link, number: int, names: tuple[str, ...]) -> None:
        self._link, self._number, self._names = link, number, names

    def __repr__(self) -> str:
        return f"<rankscope: {', '.join(self._names)}>"

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all that has been sent is drawn.

        Parameters
        ----------
        seconds : float, optional
            The limit; without one there is none.

        Returns
        -------
        bool
            True once it is drawn, False at the limit.

        Raises
        ------
        RankscopeError
            When what was sent was refused, or the window could not be started or was closed.
        """
        return self._link.wait(self._number, seconds)

    def state(self) -> State:
        """Return what the window shows and the parameters in force.

        Returns
        -------
        dict
            ``page``, ``array`` (its name), ``shape``, ``dtype``, ``sources`` (a list of
            ``{"name", "from"}``), and under the key of each page its parameters by name. A
            selection of rows or pairs is a tuple of numbers.

        Raises
        ------
        RankscopeError
            When the window was closed or does not answer.
        """
        answer, _ = self._link.ask({"do": "state"}, _PATIENCE)
        found: State = as_state(answer["state"])
        return found

    def figure(self, name: str) -> Figure:
        """Return a plot as the window has it, computed if need be.

        Parameters
        ----------
        name : str
            As in ``rankscope render``: "spectrum", "spectrum.error".

        Returns
        -------
        Figure

        Raises
        ------
        RankscopeError
            When there is no such plot, it cannot be drawn, or the window was closed.
        """
        from gui.link.figures import figure_from

        answer, file = self._link.ask({"do": "figure", "name": str(name)}, None)
        found: Figure = figure_from(answer["figure"], file)
        return found

    def on_change(self, callback: Callable[[State], None]) -> None:
        """Have ``callback(state)`` called whenever what `state` says has changed.

        It is called in a thread of its own; what it raises is printed.

        Raises
        ------
        RankscopeError
            When the window was closed.
        """
        self._link.listen(callback)


def show(*arrays: Any, **keywords: Any) -> Handle:
    """Show arrays in the window, and return at once; a window is opened where none is.

    What is shown is the arrays as they are now. The same name again updates its plots: zoom, rank,
    k and tau stay.

    Parameters
    ----------
    *arrays : array_like
        numpy, torch, jax, scipy.sparse, pandas, anything with ``__array__`` or DLPack, or lists of
        numbers. They are called as the call is written: ``show(a)`` shows "a".
    **keywords
        ``page`` and names of parameters set these ("rank", "k", "tau"); every other keyword is the
        name of an array.

    Returns
    -------
    Handle
        Tells when it is drawn, what is set, and gives figures back.

    Raises
    ------
    RankscopeError
        When something is no array of numbers, a parameter is not allowed, there is no room, or no
        window can be started (that, and what depends on the array, by `Handle.wait` at the
        latest).

    Examples
    --------
    >>> show()
    Traceback (most recent call last):
        ...
    engine.errors.RankscopeError: Nothing is given to show. Give an array.
    """
    frame = sys._getframe(1)
    return show_named(arrays, written_names(frame, arrays), keywords, site(frame))


def show_named(
    arrays: tuple[Any, ...],
    names: tuple[str, ...],
    keywords: dict[str, Any],
    site: str,
) -> Handle:
    """Show arrays that are called ``names``, as `show` does; ``site`` is where it is called."""
    if not arrays and not set(keywords) - {"page"}:
        raise RankscopeError(say("Nothing is given to show. Give an array."))
    place = place_now()
    call = sorted_out(known_words(place), keywords) if keywords else Call()
    wanted = dict(zip(names, arrays, strict=True))
    if twice := sorted(set(wanted) & set(call.arrays)):
        raise RankscopeError(say("Two arrays are called {name}.", name=twice[0]))
    wanted |= call.arrays
    if not wanted:
        raise RankscopeError(say("Nothing is given to show. Give an array."))
    found = [given(name, value) for name, value in wanted.items()]
    try:
        return _sent(place, found, call, site)
    except (OSError, RuntimeError) as error:  # no more open files, or threads
        reason = getattr(error, "strerror", None) or str(error)
        said = ", ".join(one.name for one in found)
        raise RankscopeError(
            say("{name} cannot be shown: {why}.", name=said, why=reason)
        ) from error


def _sent(place: Place, found: list[Given], call: Call, site: str) -> Handle:
    file, said = written(found, place.folder, spare())
    message = {
        "arrays": said,
        "keywords": list(call.arrays),
        "page": call.page,
        "values": call.values,
        "site": site[:512],
        "file": True,
    }
    kept = tuple(one.name for one in found)
    try:
        link = open_link(place)
        number = link.put(Sent(kept, message, file, size_of(found)))
    except BaseException:
        os.close(file)
        raise
    return Handle(link, number, kept)


def load(shell: Any) -> None:
    """Give an IPython the line ``%show``, which returns the handle."""

    def line(text: str, local_ns: dict[str, Any] | None = None) -> Handle:
        """Show arrays in the Rankscope window: %show a, page="spectrum", rank=8."""
        call = f"show({text})"
        mine = {"show": lambda *arrays, **keywords: (arrays, keywords)}
        arrays, keywords = eval(call, {**shell.user_ns, **(local_ns or {}), **mine})
        return show_named(arrays, names_in(call), keywords, site=f"%show {text}")

    # As IPython's decorators say it: variables of a function count, and braces are Python's.
    line.__dict__.update(needs_local_scope=True, _ipython_magic_no_var_expand=True)
    shell.register_magic_function(line, "line", "show")
