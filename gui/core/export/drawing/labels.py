"""Labels of the lines of an exported plot: in rows above it, at its right end, or numbered."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gui.core.figure.figure import MARK_ROWS, AxisName, Cursor

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gui.core.export.drawing.page import Page


def crowded(page: Page, axes: Axes, cursors: Sequence[Cursor], row: float) -> set[AxisName]:
    """Return the axes whose marks are numbered: their labels take many rows, or would touch."""
    marks = [one for one in cursors if one.is_mark]
    across = [one for one in marks if one.axis == "x"]
    levels = [
        axes.transData.transform((axes.get_xlim()[0], one.value))[1]
        for one in marks
        if one.axis == "y"
    ]
    found: set[AxisName] = set()
    spans = [_label_span(page, axes, one) for one in across]
    if max(assign_rows(page, axes, across), default=0) >= MARK_ROWS or any(
        left < page.left for left, _ in spans
    ):
        found.add("x")
    if any(after - before < row for before, after in itertools.pairwise(sorted(levels))):
        found.add("y")
    return found


def assign_rows(page: Page, axes: Axes, cursors: list[Cursor]) -> list[int]:
    """Return for each label the row above the plot in which it overlaps no other."""
    ends: list[float] = []
    rows = [0] * len(cursors)
    spans = [_label_span(page, axes, cursor) for cursor in cursors]
    for index in sorted(range(len(cursors)), key=lambda i: spans[i][0]):
        left, right = spans[index]
        row = next((r for r, end in enumerate(ends) if end + page.gap < left), len(ends))
        if row == len(ends):
            ends.append(right)
        ends[row] = right
        rows[index] = row
    return rows


def _label_span(page: Page, axes: Axes, cursor: Cursor) -> tuple[float, float]:
    """Return where a cursor's label runs: centred on its line, but within the picture."""
    x, _ = axes.transData.transform((cursor.value, axes.get_ylim()[0]))
    width = page.measure(cursor.label, page.text.size)
    left = min(max(x - width / 2, page.left), page.right - width)
    return left, left + width


def write_cursor_labels(
    page: Page, axes: Axes, cursors: list[Cursor], rows: list[int], height: float
) -> None:
    """Write labels into their rows above the plot, each over its line."""
    top = axes.get_window_extent(page.renderer).y1
    for cursor, row in zip(cursors, rows, strict=True):
        left, _ = _label_span(page, axes, cursor)
        page.picture.text(
            left / page.width,
            (top + (row + 0.2) * height) / page.height,
            cursor.label,
            fontsize=page.text.size,
            color=page.text.scheme.words(cursor.color),
            va="bottom",
        )


def write_level_labels(page: Page, axes: Axes, cursors: list[Cursor]) -> None:
    """Write labels at the right ends of their lines, above them where that has room."""
    box = axes.get_window_extent(page.renderer)
    for cursor in cursors:
        _, y = axes.transData.transform((axes.get_xlim()[0], cursor.value))
        above = y + 1.5 * page.text.size * page.point < box.y1
        shift = 0.25 * page.gap if above else -0.25 * page.gap
        page.picture.text(
            (box.x1 - 0.5 * page.gap) / page.width,
            (y + shift) / page.height,
            cursor.label,
            fontsize=page.text.size,
            color=page.text.scheme.words(cursor.color),
            ha="right",
            va="bottom" if above else "top",
        )
