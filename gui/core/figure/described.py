"""A figure in words, for those who hear it: what is drawn, over which ranges, where lines stand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.figure.scale import Range
from gui.core.words.i18n import in_a_row, tr
from gui.core.words.numbers import format_value
from gui.core.words.readable import readable

MOST_NAMES = 12


def described(figure: Figure, x: Range, y: Range) -> str:
    """Return what a figure shows while its axes reach over ``x`` and ``y``.

    Nothing is computed from the data: it is said anew with every picture.

    Examples
    --------
    >>> axis = Axis("rank", log_locked=True)
    >>> mark = Cursor("k", "", "x", 3.0)
    >>> described(Figure(x=axis, y=Axis("p", log=True), cursors=(mark,)), (1, 9), (0.125, 1))
    'Horizontal: rank, 1 to 9. Vertical: p, 0.1250 to 1, logarithmic. Lines: rank 3.'
    """
    return in_a_row(*_sentences(figure, x, y))


def _sentences(figure: Figure, x: Range, y: Range) -> Iterator[str]:
    for image in figure.images:
        rows, columns = image.values.shape[:2]
        name = image.name or figure.title
        yield tr("Picture: {name}, {rows} × {columns}.", name=name, rows=rows, columns=columns)
    names = [one.name for one in figure.series if one.name and one.listed]
    if names:
        yield tr("Curves: {names}.", names=_listed(names))
    areas = [band.name for band in figure.bands] + [span.name for span in figure.spans]
    areas = [name for name in areas if name]
    if areas:
        yield tr("Areas: {names}.", names=_listed(areas))
    yield _axis(tr("Horizontal"), figure.x, x)
    yield _axis(tr("Vertical"), figure.y, y)
    lines = [place_of(figure, one, one.value) for one in figure.cursors]
    if lines:
        yield tr("Lines: {names}.", names=_listed(lines))


def _axis(name: str, axis: Axis, reach: Range) -> str:
    low, high = sorted(reach)
    words = tr("{axis}: {label}, {low} to {high}.")
    if axis.log:
        words = tr("{axis}: {label}, {low} to {high}, logarithmic.")
    label = axis.label or tr("no name")
    return words.format(axis=name, label=label, low=short_value(low), high=short_value(high))


def _listed(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    if len(names) > MOST_NAMES:
        more = tr("… and {count} more", count=len(names) - MOST_NAMES)
        names = [*names[:MOST_NAMES], more]
    # A name with a comma of its own would be heard as two.
    has_comma = any(mark in name for name in names for mark in ",，")
    return (tr("; ") if has_comma else tr(", ")).join(names)


def place_of(figure: Figure, cursor: Cursor, value: float) -> str:
    """Return where a line stands: in the words beside it, or by the quantity it is moved along."""
    axis = figure.x if cursor.axis == "x" else figure.y
    if cursor.names:
        return f"{', '.join(cursor.names)} ({worded(axis, value)})"
    if cursor.label and value == cursor.value:
        return cursor.label
    return worded(axis, value)


def events_at(figure: Figure, series: Series, index: int, before: int) -> Iterator[str]:
    """Yield what a curve does at a point that is reached from another: extremes, crossings.

    Examples
    --------
    >>> x = np.arange(3.0)
    >>> one, two = Series("a", "A", x, x), Series("b", "B", x, 1.5 - 0 * x)
    >>> list(events_at(Figure(series=(one, two)), one, 2, 1))
    ['its largest', 'crosses B']
    """
    y = series.y
    if np.nanmin(y) < np.nanmax(y):
        if index == np.nanargmax(y):
            yield tr("its largest")
        elif index == np.nanargmin(y):
            yield tr("its smallest")
        elif 0 < index < y.size - 1:
            left, right = y[index] - y[index - 1], y[index] - y[index + 1]
            if left > 0.0 and right > 0.0:
                yield tr("a peak")
            elif left < 0.0 and right < 0.0:
                yield tr("a dip")
    places = [before, index]
    crossed = [
        other.own_name
        for other in figure.series
        if other is not series and other.line and other.own_name
        if np.array_equal(other.x, series.x) and np.prod(np.sign(y[places] - other.y[places])) < 0.0
    ]
    if crossed:
        yield tr("crosses {names}", names=_listed(crossed))


def worded(axis: Axis, value: float) -> str:
    """Return a place on an axis: what it measures, and how much; a position by its name.

    Examples
    --------
    >>> worded(Axis("rank (1 = largest)"), 12.0), worded(Axis("tau", decades=True), -2.0)
    ('rank 12', 'tau 0.01000')
    """
    called, shown = readable(axis.name_at(value)), short_value(axis.number_at(value))
    return f"{axis.quantity} {f'{called} ({shown})' if called else shown}".strip()


def short_value(value: float) -> str:
    """Return a number as it is read: a whole one without decimals.

    Examples
    --------
    >>> short_value(12.0), short_value(0.5)
    ('12', '0.5000')
    """
    whole = abs(value) < 1e9 and value == round(value)
    return format_value(int(value) if whole else value)
