"""Setting the indices of norms in an exported picture: ``‖M‖_F`` with a lowered F, as text.

Matplotlib's own formulas would set every letter by itself, and have no Chinese.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from gui.core.words.lowered import DROP, SHARE, lowered

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture


def lower_indices(picture: Picture) -> None:
    """Have every text of a picture drawn with its indices lowered."""
    from matplotlib.text import Text as Label

    for text in picture.findobj(Label):
        if len(lowered(text.get_text())) > 1:
            text.draw = partial(_draw, type(text).draw, text)  # type: ignore[method-assign]


def _draw(draw: Any, text: Any, renderer: Any, *args: Any, **kwargs: Any) -> None:
    draw(text, _Lowering(renderer), *args, **kwargs)


class _Lowering:
    """A renderer that measures and draws a line of text piece by piece."""

    def __init__(self, renderer: Any) -> None:
        self._renderer = renderer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._renderer, name)

    def _pieces(self, line: str, prop: Any) -> list[tuple[str, Any, float]]:
        """Return (piece, its font, how far below the line it stands in pixels)."""
        small = prop.copy()
        small.set_size(SHARE * prop.get_size_in_points())
        drop = self._renderer.points_to_pixels(DROP * prop.get_size_in_points())
        return [(one, small, drop) if low else (one, prop, 0.0) for one, low in lowered(line)]

    def _width(self, piece: str, prop: Any) -> float:
        """Return how far the pen goes: the box of a text leaves out blanks at its end."""
        size = self._renderer.get_text_width_height_descent
        return float(size(f"{piece}.", prop, False)[0] - size(".", prop, False)[0])

    def get_text_width_height_descent(
        self, line: str, prop: Any, ismath: Any
    ) -> tuple[float, float, float]:
        """Return (width, height, descent) of a line in pixels."""
        width = above = below = 0.0
        for piece, font, drop in self._pieces(line, prop):
            _, height, descent = self._renderer.get_text_width_height_descent(piece, font, ismath)
            width += self._width(piece, font)
            above = max(above, height - descent - drop)
            below = max(below, descent + drop)
        return width, above + below, below

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        line: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Draw a line from (x, y) on, along ``angle`` in degrees."""
        pieces = self._pieces(line, prop)
        if len(pieces) == 1:
            self._renderer.draw_text(gc, x, y, line, prop, angle, ismath=ismath, mtext=mtext)
            return
        along, across = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        up = -1.0 if self._renderer.flipy() else 1.0
        for piece, font, drop in pieces:
            seen = piece.lstrip()  # SVG takes no notice of a blank that a text begins with
            whole, width = self._width(piece, font), self._width(seen, font)
            x, y = x + along * (whole - width), y + up * across * (whole - width)
            place = x + across * drop, y - up * along * drop
            self._renderer.draw_text(gc, *place, seen, font, angle, ismath=False)
            x, y = x + along * width, y + up * across * width
