"""One figure, or several as panels, on a page: every one in its cell, under one legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.core.export.drawing.artists import draw_contents
from gui.core.export.drawing.layout import add_legend, entries_of, lay_out
from gui.core.export.drawing.page import Drawn, Page, Text
from gui.core.figure.panels import Panels, Shown, figures_of
from gui.core.words.i18n import tr

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

_GUTTER = 1.6  # between panels, of the size of the text


def draw_figures(picture: Picture, shown: Shown, text: Text) -> list[str]:
    """Draw and arrange every figure; return what there is to say.

    Raises
    ------
    LayoutError
        Where texts leave a plot too little room.
    """
    figures = figures_of(shown)
    rows, columns = shown.grid if isinstance(shown, Panels) else (1, 1)
    page = Page(picture, text)
    cell = page.width / columns, page.height / rows
    drawn: list[Drawn] = []
    axes: list[Any] = []
    for figure in figures:
        axes.append(picture.add_axes((0.15, 0.2, 0.7, 0.6), label=str(len(axes))))
        drawn.append(draw_contents(figure, axes[-1], text, cell))
    shared = isinstance(shown, Panels) and _share_legend(page, shown, drawn)
    gutter = _GUTTER * text.size * page.point
    width = (page.right - page.left - (columns - 1) * gutter) / columns
    height = (page.top - page.bottom - (rows - 1) * gutter) / rows
    for place, figure in enumerate(figures):
        row, column = divmod(place, columns)
        left = page.left + column * (width + gutter)
        top = page.top - row * (height + gutter)
        own = Page(picture, text, (left, top - height, left + width, top))
        letter = shown.letter(place) if isinstance(shown, Panels) else ""
        lay_out(own, axes[place], figure, drawn[place], letter=letter, named=not shared)
    return list(dict.fromkeys(notice for one in drawn for notice in one.notices))


def _share_legend(page: Page, panels: Panels, drawn: list[Drawn]) -> bool:
    """Put one legend below all panels; return whether there is one."""
    if not panels.shared_legend or page.text.legend != "below" or len(drawn) < 2:
        return False
    found: dict[str, Any] = {}
    for figure, one in zip(panels.figures, drawn, strict=True):
        for name, handle in entries_of(figure, one).items():
            if _look(found.setdefault(name, handle)) != _look(handle):
                one.notices.append(
                    tr("Two panels draw “{name}” differently: each has its own legend.", name=name)
                )
                return False
    if found:
        add_legend(page, found)
    return True


def _look(handle: Any) -> tuple[Any, ...]:
    from matplotlib.colors import to_hex
    from matplotlib.lines import Line2D

    if isinstance(handle, Line2D):
        return to_hex(handle.get_color()), str(handle.get_linestyle())
    return (to_hex(handle.get_facecolor()),)
