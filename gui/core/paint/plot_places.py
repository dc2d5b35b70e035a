"""Where the labels of lines go: beside their line, on no other label, over no curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

import numpy as np
from PySide6.QtCore import QRectF

from gui.core.figure.figure import Cursor
from gui.core.figure.reduce import Floats
from gui.core.paint.plot_geometry import CurvePieces, Frame

_GAP = 4.0  # pixels between a line and its label
_MARK = 5.0  # half the size of a point
_NONE4, _NONE2 = np.empty((0, 4)), np.empty((0, 2))


class Drawn:
    """The curves and points of a plot, in its pixels."""

    def __init__(self, curves: Sequence[CurvePieces]) -> None:
        bars = [_upright(one.bars) for one in curves]
        self._lines = np.concatenate([_NONE4, *(one.segments for one in curves), *bars])
        self._marks = np.concatenate([_NONE2, *(one.marks for one in curves)])

    def near(self, places: Sequence[QRectF]) -> Drawn:
        """Return what may lie under one of some places."""
        found = Drawn(())
        if places:
            left, right = min(p.left() for p in places), max(p.right() for p in places)
            top, bottom = min(p.top() for p in places), max(p.bottom() for p in places)
            x, y = self._lines[:, 0::2], self._lines[:, 1::2]
            apart = (x.max(axis=1) < left) | (x.min(axis=1) > right)
            apart |= (y.max(axis=1) < top) | (y.min(axis=1) > bottom)
            found._lines, found._marks = self._lines[~apart], self._marks
        return found

    def under(self, place: QRectF) -> float:
        """Return how much a label at a place would hide: pixels of curves, points at their size."""
        hidden = _lengths_within(self._lines, place).sum()
        x, y = self._marks.T
        across = (x > place.left() - _MARK) & (x < place.right() + _MARK)
        points = across & (y > place.top() - _MARK) & (y < place.bottom() + _MARK)
        return float(hidden) + 2 * _MARK * int(np.count_nonzero(points))


def _upright(bars: Floats) -> Floats:
    """Return bars (x, y, width, height), which stand for steep curves, as lines."""
    x, y, width, height = bars.T
    middle = x + width / 2
    return np.column_stack((middle, y, middle, y + height))


def _lengths_within(lines: Floats, place: QRectF) -> Floats:
    """Return (lines,) how long each runs within a place (Liang and Barsky)."""
    start, way = lines[:, :2], lines[:, 2:] - lines[:, :2]
    slow = np.where(np.abs(way) < 1e-9, 1e-9, way)
    one = (np.array([place.left(), place.top()]) - start) / slow
    two = (np.array([place.right(), place.bottom()]) - start) / slow
    enters = np.maximum(np.minimum(one, two).max(axis=1, initial=0.0), 0.0)
    leaves = np.minimum(np.maximum(one, two).min(axis=1, initial=1.0), 1.0)
    lengths: Floats = np.maximum(leaves - enters, 0.0) * np.hypot(way[:, 0], way[:, 1])
    return lengths


def best_place(places: Sequence[QRectF], taken: Sequence[QRectF], drawn: Drawn) -> QRectF | None:
    """Return the first free place over no curve, or the free one that hides least; None: no one."""
    free = [one for one in places if not any(one.intersects(other) for other in taken)]
    near, least, best = drawn.near(free), math.inf, None
    for one in free:
        hidden = near.under(one)
        if hidden < least:
            least, best = hidden, one
        if hidden == 0.0:
            break
    return best


def in_view(
    cursors: Sequence[Cursor], frame: Frame, value_of: Callable[[Cursor], float]
) -> list[tuple[float, Cursor]]:
    """Return the cursors in view with their pixel, top to bottom, then from left to right.

    Levels come first: labels of upright lines have more rows to go to than those of levels have
    columns.
    """
    found = []
    for cursor in cursors:
        value = value_of(cursor)
        along_x = cursor.axis == "x"
        at = frame.px_one(value) if along_x else frame.py_one(value)
        if math.isfinite(at) and -1 <= at <= (frame.width if along_x else frame.height) + 1:
            found.append((at, cursor))
    return sorted(found, key=lambda each: (each[1].axis == "x", each[0]))


def spaced(visible: Sequence[tuple[float, Cursor]]) -> Iterator[tuple[float, Cursor, float]]:
    """Yield pixel and cursor with the way to the next one of its axis."""
    for (at, cursor), following in zip_longest(visible, visible[1:]):
        same = following is not None and following[1].axis == cursor.axis
        yield at, cursor, following[0] - at if following is not None and same else math.inf


def places_of(
    cursor: Cursor, at: float, room: float, width: float, height: float, frame: Frame
) -> list[QRectF]:
    """Return where a label of a size may stand, the best first.

    ``room`` is the way to the next line: a label too wide for it goes to the other side. A number
    stands on its line: between two of them it would seem to be of either.
    """
    right_edge, bottom_edge = frame.width - width - 2, frame.height - height - 2
    places: list[QRectF] = []
    if cursor.axis == "x":
        sides = [at + _GAP, at - _GAP - width]
        if sides[0] > right_edge or (room < width + _GAP and sides[1] >= 2):
            sides.reverse()
        if cursor.listed:
            sides = [at - width / 2]
        rows = max(1, int((frame.height - 4) // (height + 2)))
        for row in range(rows):
            for left in sides:
                left = min(max(2.0, left), max(2.0, right_edge))
                places.append(QRectF(left, 2 + row * (height + 2), width, height))
        return places
    tops = [at - _GAP - height, at + _GAP]
    if tops[0] < 2:
        tops.reverse()
    if cursor.listed:
        tops = [at - height / 2]
    columns = max(1, int((frame.width - 4) // (width + 6)))
    for column in range(columns):
        for top in tops:
            top = min(max(2.0, top), max(2.0, bottom_edge))
            places.append(QRectF(right_edge - column * (width + 6), top, width, height))
    return places
