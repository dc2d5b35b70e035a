"""What several plots of the page say alike."""

from __future__ import annotations

import math
from collections.abc import Iterable

from gui.core.declare.marks import value_of
from gui.core.figure.table import Column
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.checkpoint.compute.figures import Board
from gui.pages.checkpoint.compute.model import Model, model
from gui.pages.checkpoint.compute.sweep import waiting_time

WHOLE = ("numerical_rank", "parameters", "intruders")


# Of the categories: c6 is near to c0 for curves of one dash.
_COLOURS = ("c0", "c1", "c2", "c3", "c4", "c5", "c7")


def look_of(role: str, roles: Iterable[str]) -> tuple[str, int]:
    """Return the colour of a role on every plot, and which time round it comes.

    Examples
    --------
    >>> look_of("k", ["q", "k", "v"]), look_of("h", "abcdefgh")
    (('c0', 0), ('c0', 1))
    """
    turn, place = divmod(sorted(set(roles)).index(role), len(_COLOURS))
    return _COLOURS[place], turn


def nothing() -> str:
    """Say what to do while no model is open."""
    return tr("Open a model first: a folder, an index or a file of weights (Ctrl+O, Ctrl+Shift+O).")


def state_of(board: Board) -> str:
    """Say how far the sweep is, "" once it is done."""
    swept, count = board.swept, len(board.matrices)
    if swept is None:
        spelled = seconds_text(waiting_time(board.listing))
        return tr("Computing {count} matrices may take {time}.", count=count, time=spelled)
    if swept.problem:
        return swept.problem
    if not swept.done:
        return tr("{done} of {count} matrices are computed.", done=len(swept.rows), count=count)
    return ""


def seconds_text(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> seconds_text(44.0), seconds_text(600.0), seconds_text(9000.0)
    ('44 s', '10 min', '2.5 h')
    """
    if seconds < 90.0:
        return tr("{count} s", count=max(1, round(seconds)))
    if seconds < 5400.0:
        return tr("{count} min", count=round(seconds / 60.0))
    return tr("{count} h", count=round(seconds / 3600.0, 1))


def count_text(number: float) -> str:
    """Return a number of parameters in short.

    Examples
    --------
    >>> count_text(950), count_text(7241748480)
    ('950', '7.24 G')
    """
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return str(round(number))


def figure_text(value: float, key: str = "") -> str:
    """Return a figure as it stands in a table."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if key == "parameters":
        return count_text(value)
    if key in WHOLE or key.startswith("rank_"):
        return str(round(value))
    return format_value(value, 4)


def column_of(heading: str, title: str) -> Column:
    """Return the column of a figure: outside the window its ``title`` stands over it."""
    return Column(heading, title, number=True, words=title)


def summary(model: Model | None = value_of(model)) -> str:
    """Return one line about what is shown."""
    return tr("no model") if model is None else model.title
