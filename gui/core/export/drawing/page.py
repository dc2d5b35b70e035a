"""A page to draw on: how its texts look, and the room that is still free."""

from __future__ import annotations

import dataclasses
from dataclasses import field
from typing import TYPE_CHECKING, Any

from gui.core.export.paper import Legend
from gui.core.figure.figure import Cursor, Image
from gui.core.figure.palette import Scheme
from gui.frozen import dataclass

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture


class LayoutError(Exception):
    """The texts leave too little room for the plot."""


@dataclass(frozen=True)
class Text:
    """Size of the smallest text in points, the colours, and which texts are drawn."""

    size: float
    scheme: Scheme
    title: bool = True
    note: bool = True
    legend: Legend = "below"

    def color(self, role: str) -> str:
        """Return the colour of a role."""
        return self.scheme.color(role)


@dataclasses.dataclass
class Drawn:
    """What the layout needs to know about the contents."""

    handles: list[tuple[Any, str]] = field(default_factory=list)  # of the legend
    colour_bars: list[Image] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class Page:
    """A picture, or the cell of a panel in it, in pixels: with the space that is still free.

    ``cell`` is (left, bottom, right, top), the whole picture within its margins by default.
    """

    def __init__(
        self, picture: Picture, text: Text, cell: tuple[float, float, float, float] | None = None
    ) -> None:
        self.picture = picture
        self.text = text
        self.renderer: Any = picture.canvas.get_renderer()  # type: ignore[attr-defined]
        self.point = picture.dpi / 72
        self.gap = 0.6 * text.size * self.point
        box = picture.bbox
        self.width, self.height = box.width, box.height
        inside = (self.gap, self.gap, box.width - self.gap, box.height - self.gap)
        self.left, self.bottom, self.right, self.top = cell or inside
        # What a plot must not have too little of.
        self.across, self.down = self.right - self.left, self.top - self.bottom

    def measure(self, text: str, size: float, **style: Any) -> float:
        """Return the width of a line of text in pixels."""
        from matplotlib.text import Text as Label

        label = Label(0, 0, text, fontsize=size, figure=self.picture, **style)
        return float(label.get_window_extent(self.renderer).width)

    def write_top(self, text: str, size: float, color: str) -> None:
        """Write wrapped text below what is there already."""
        self.top -= self._write(text, size, color, self.top, "top")

    def write_bottom(self, text: str, size: float, color: str) -> None:
        """Write wrapped text above what stands at the bottom already."""
        self.bottom += self._write(text, size, color, self.bottom, "bottom")

    def _write(self, text: str, size: float, color: str, at: float, side: str) -> float:
        """Write text that begins or ends at a height; return how much room it takes."""
        if not text.strip():
            return 0.0
        wrapped = wrap(text, lambda t: self.measure(t, size), self.right - self.left)
        place = self.left / self.width, at / self.height
        look: Any = {"fontsize": size, "color": color, "linespacing": 1.25, "ha": "left"}
        label = self.picture.text(*place, "\n".join(wrapped), va=side, **look)
        return float(label.get_window_extent(self.renderer).height) + 0.7 * self.gap


def wrap(text: str, width_of: Any, room: float) -> list[str]:
    """Break text at spaces, and within words (or between Chinese characters) where it must."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if width_of(longer) <= room:
                line = longer
                continue
            if line and width_of(word) <= room:
                lines.append(line)
                line = word
                continue
            for letter in f" {word}" if line else word:
                if width_of(line + letter) > room and line:
                    lines.append(line)
                    line = letter.strip()
                else:
                    line += letter
        lines.append(line)
    return lines
