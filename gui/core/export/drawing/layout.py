"""Arranging an exported picture: nothing is cut off, nothing covers the data.

From top to bottom: title, note, labels of vertical cursors, the plot with its colour bars, the
legend. Every block is measured; the plot gets the rest.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.export.drawing.labels import (
    assign_rows,
    crowded,
    write_cursor_labels,
    write_level_labels,
)
from gui.core.export.drawing.page import Drawn, LayoutError, Page, wrap
from gui.core.figure.colormaps import along, bar_of
from gui.core.figure.figure import Figure, Image, numbered
from gui.core.figure.levels import clipped_words, levels_in_force
from gui.core.words.numbers import format_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEAST_SHARE = 0.3  # of the picture that the plot must get in each direction


def lay_out(
    page: Page, axes: Axes, figure: Figure, drawn: Drawn, *, letter: str = "", named: bool = True
) -> None:
    """Add the texts and the legend and give the plot the remaining room.

    ``letter`` stands before the title; ``named``: curves are named here, not once for all panels.
    """
    text = page.text
    title = f"{letter} {figure.title if text.title else ''}".strip()
    page.write_top(title, 1.15 * text.size, text.scheme.ink)
    sentences = [figure.note.rstrip(), *drawn.notices]
    note = " ".join(
        part if part.endswith((".", "。", "!", "?")) or len(sentences) == 1 else f"{part}."
        for part in sentences
        if part
    )
    if text.note:
        page.write_top(note, text.size, text.scheme.muted)
    entries = entries_of(figure, drawn) if named and text.legend != "off" else {}
    if entries and text.legend == "below":
        add_legend(page, entries)
    bars = [_add_colour_bar(page, image) for image in drawn.colour_bars]
    row = 1.35 * text.size * page.point
    _fit_axes(page, axes, bars, [], row)
    cursors = tuple(drawn.cursors)
    if text.legend != "off":
        cursors = numbered(cursors, crowded(page, axes, cursors, row))
        listed = "\u2003".join(name for one in cursors for name in one.listed)
        page.write_bottom(listed, text.size, text.scheme.muted)
        _fit_axes(page, axes, bars, [], row)
    across = [cursor for cursor in cursors if cursor.axis == "x" and cursor.label]
    along = [cursor for cursor in cursors if cursor.axis == "y" and cursor.label]
    rows = assign_rows(page, axes, across)
    _fit_axes(page, axes, bars, rows, row)
    if _settle_labels(page, axes, bars, named=bool(figure.x.ticks)):
        _fit_axes(page, axes, bars, rows, row)
    if entries and text.legend == "inside":
        _add_legend_inside(page, axes, entries)
    write_cursor_labels(page, axes, across, rows, row)
    write_level_labels(page, axes, along)


def _settle_labels(page: Page, axes: Axes, bars: list[Axes], *, named: bool) -> bool:
    """Wrap labels that are longer than their axis and thin ticks that touch; say if any did."""
    changed = False
    for owner in (axes, *bars):
        box = owner.get_window_extent(page.renderer)
        for axis, room in ((owner.xaxis, box.width), (owner.yaxis, page.top - page.bottom)):
            wrapped = "\n".join(
                wrap(axis.label.get_text(), lambda t: page.measure(t, page.text.size), room)
            )
            changed |= wrapped != axis.label.get_text()
            across = axis is owner.xaxis
            axis.label.set_text(wrapped)
            if axis is axes.xaxis and named and _touch(page, axis, across=True):
                axes.tick_params(axis="x", labelrotation=90)
                changed = True
            while _touch(page, axis, across=across):
                axis.set_ticks(axis.get_majorticklocs()[::2])
                changed = True
    return changed


def _touch(page: Page, axis: Any, *, across: bool) -> bool:
    """Whether labels of ticks lie on each other."""
    if len(axis.get_majorticklocs()) < 2:
        return False
    shown = [
        label.get_window_extent(page.renderer)
        for label in axis.get_majorticklabels()
        if label.get_visible() and label.get_text().strip()
    ]
    spans = sorted((box.x0, box.x1) if across else (box.y0, box.y1) for box in shown)
    least = 0.3 * page.gap if across else -0.2 * page.gap
    return any(after - before < least for (_, before), (after, _) in itertools.pairwise(spans))


def _fit_axes(page: Page, axes: Axes, bars: list[Axes], rows: list[int], row: float) -> None:
    """Place the axes so that tick and axis labels just fit; needs a few rounds to settle."""
    top = page.top - (1 + max(rows)) * row if rows else page.top
    outer = np.array([page.left, page.bottom, page.right, top])
    inner = outer + np.array([1, 1, -1, -1]) * 3 * page.gap
    for _ in range(3):
        width, height = inner[2] - inner[0], inner[3] - inner[1]
        if width < _LEAST_SHARE * page.across or height < _LEAST_SHARE * page.down:
            raise LayoutError
        bounds = inner[0] / page.width, inner[1] / page.height
        axes.set_position((*bounds, width / page.width, height / page.height))
        axes.apply_aspect()
        _place_bars(page, axes, bars)
        box = axes.get_window_extent(page.renderer)
        taken = [axes.get_tightbbox(page.renderer), *(b.get_tightbbox(page.renderer) for b in bars)]
        boxes = np.array([[t.x0, t.y0, t.x1, t.y1] for t in taken if t is not None])
        # Overhang of labels beyond the axes box, on each side.
        before = np.array([box.x0, box.y0]) - boxes[:, :2].min(axis=0)
        after = boxes[:, 2:].max(axis=0) - np.array([box.x1, box.y1])
        inner = outer + np.concatenate((np.maximum(before, 0), -np.maximum(after, 0)))


def _place_bars(page: Page, axes: Axes, bars: list[Axes]) -> None:
    box = axes.get_window_extent(page.renderer)
    left = box.x1 + 1.2 * page.gap
    for bar in bars:
        width = 1.1 * page.text.size * page.point
        bar.set_position(
            (left / page.width, box.y0 / page.height, width / page.width, box.height / page.height)
        )
        taken = bar.get_tightbbox(page.renderer)
        left = (taken.x1 if taken is not None else left + width) + page.gap


def _add_colour_bar(page: Page, image: Image) -> Axes:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    scheme, size = page.text.scheme, page.text.size
    levels = levels_in_force(image)
    colours = ListedColormap(bar_of(image.map, levels, image.log) / 255.0)
    cax = page.picture.add_axes((0.9, 0.2, 0.02, 0.6))
    # On a logarithmic scale the bar counts shares of the way, and its numbers are written by hand.
    ends = (0.0, 1.0) if image.log else levels
    bar = page.picture.colorbar(ScalarMappable(Normalize(*ends), colours), cax=cax)
    if image.log:
        bar.set_ticks([0.0, 0.25, 0.5, 0.75, 1.0])
        cax.yaxis.set_major_formatter(
            lambda share, _: format_value(float(along(levels, np.asarray(share), log=True)), 3)
        )
    bar.outline.set_visible(False)
    # Beyond the outermost numbers, half of which stand beyond the ends.
    for said, end, away in zip(clipped_words(image), (0.0, 1.0), (-0.8, 0.8), strict=True):
        cax.annotate(
            said,
            (0.0, end),
            (0.0, away * size),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=size,
            color=scheme.muted,
            va="top" if away < 0 else "bottom",
        )
    cax.tick_params(labelsize=size, color=scheme.muted, labelcolor=scheme.ink, length=0.25 * size)
    cax.yaxis.get_offset_text().set(color=scheme.ink, fontsize=size)
    bar.set_label(image.label, color=scheme.ink, fontsize=size)
    return cax


def entries_of(figure: Figure, drawn: Drawn) -> dict[str, Any]:
    """Return what a legend names: handles by name."""
    found: dict[str, Any] = {}
    if not figure.legend:
        return found
    for handle, name in drawn.handles:
        if name:
            found.setdefault(name, handle)
    return found


def _legend(page: Page, entries: dict[str, Any], room: float) -> dict[str, Any]:
    """Return how a legend is drawn whose names are no wider than ``room`` pixels."""
    size = page.text.size
    room -= 4 * size * page.point
    return {
        "handles": list(entries.values()),
        "labels": ["\n".join(wrap(n, lambda t: page.measure(t, size), room)) for n in entries],
        "fontsize": size,
        "labelcolor": page.text.scheme.ink,
        "borderaxespad": 0.0,
        "columnspacing": 1.4,
        "handlelength": 2.6,
        "handletextpad": 0.5,
        "labelspacing": 0.3,
    }


def add_legend(page: Page, entries: dict[str, Any]) -> None:
    """Put the legend below the plot, in as many columns as fit."""
    most = page.right - page.left
    look = _legend(page, entries, most)
    for columns in range(len(entries), 0, -1):
        legend = page.picture.legend(
            ncols=columns,
            frameon=False,
            loc="lower center",
            borderpad=0.0,
            bbox_to_anchor=(
                0.5 * (page.left + page.right) / page.width,
                page.bottom / page.height,
            ),
            **look,
        )
        box = legend.get_window_extent(page.renderer)
        if box.width <= most or columns == 1:
            page.bottom += box.height + 0.8 * page.gap
            return
        legend.remove()


def _add_legend_inside(page: Page, axes: Axes, entries: dict[str, Any]) -> None:
    """Put the legend where it hides least, on a plate that keeps it readable."""
    box = axes.get_window_extent(page.renderer)
    legend = axes.legend(
        loc="best",
        facecolor=page.text.scheme.background,
        edgecolor="none",
        framealpha=0.85,
        **_legend(page, entries, box.width),
    )
    taken = legend.get_window_extent(page.renderer)
    if taken.width > box.width or taken.height > 0.8 * box.height:
        raise LayoutError
