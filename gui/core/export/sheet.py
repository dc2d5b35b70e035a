"""A Table drawn on paper: PNG, SVG and PDF with text that stays text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from gui.core.export.drawing.lowering import lower_indices
from gui.core.export.fonts import families_for, notices_of
from gui.core.export.paper import Paper
from gui.core.export.picture import Said, drawing_settings, save, smallest_of
from gui.core.figure.figure import Figure
from gui.core.figure.table import Table
from gui.core.words.i18n import tr

_MARGIN, _GAP, _LINE = 0.15, 0.14, 1.35  # inches; inches; of the text size
_NARROWEST = 28  # letters a wide column keeps


def write_sheet(table: Table, target: BinaryIO, kind: str, paper: Paper) -> Said:
    """Write ``table`` as "png", "svg" or "pdf"; the page grows where it needs more room."""
    texts = [table.title, table.note, *(column.heading for column in table.columns)]
    texts += [cell.said for row in table.cells for cell in row]
    with drawing_settings():
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Picture

        families, missing = families_for(texts, paper.font)
        matplotlib.rcParams["font.family"] = families
        picture = Picture(figsize=(paper.width, paper.height), dpi=paper.dpi)
        canvas: Any = FigureCanvasAgg(picture)  # Matplotlib does not type it
        lines = _Sheet(table, canvas.get_renderer(), paper)
        notices = notices_of(families, missing, paper.font)
        if lines.needs != (paper.width, paper.height):
            width, height = lines.needs
            paper = replace(paper, width=width, height=height)
            picture.set_size_inches(width, height)
            lines = _Sheet(table, canvas.get_renderer(), paper)
            grown = tr("The table needs a page of {width:.0f} x {height:.0f} mm.")
            notices.append(grown.format(width=25.4 * width, height=25.4 * height))
        lines.draw(picture)
        lower_indices(picture)
        where = Figure(key=table.key, title=table.title, meta=table.meta)
        save(picture, where, target, kind, paper, families)
        return Said(tuple(notices), smallest_of(picture))


class _Sheet:
    """The table: how wide its columns are, where its lines stand, which page it ``needs``."""

    def __init__(self, table: Table, renderer: Any, paper: Paper) -> None:
        self._table, self._paper, self._size = table, paper, paper.text_size
        self._renderer = renderer
        rows: list[list[str]] = [[column.heading for column in table.columns]]
        rows += [[cell.said for cell in row] for row in table.cells]
        self._letter = self._width("n") or self._size / 144
        room = paper.width - 2 * _MARGIN - _GAP * max(0, len(table.columns) - 1)
        self._widths = self._columns(rows, room)
        self._rows = [self._wrapped(row) for row in rows]
        title = table.title if paper.title else ""
        self._title = textwrap.wrap(title, max(8, int(room / self._letter))) or []
        self._note = textwrap.wrap(table.note, max(8, int(room / self._letter))) or []
        rows_high = sum(max(map(len, row), default=1) for row in self._rows)
        count = 0.6 + len(self._title) + len(self._note) + rows_high
        self._height = count * self._line + 2 * _MARGIN
        wide = sum(self._widths) - room
        self.needs = (
            paper.width + wide if wide > 1e-6 else paper.width,
            max(paper.height, self._height),
        )

    @property
    def _line(self) -> float:
        return self._size * _LINE / 72

    def _width(self, text: str) -> float:
        from matplotlib.font_manager import FontProperties

        font = FontProperties(size=self._size)
        wide, _, _ = self._renderer.get_text_width_height_descent(text or " ", font, False)
        return float(wide) / self._paper.dpi

    def _columns(self, rows: Sequence[Sequence[str]], room: float) -> list[float]:
        """Return the widths: what is not wide as its words need, the wide ones share the rest."""
        wanted = [max(map(self._width, cells)) for cells in zip(*rows, strict=True)]
        wide = [place for place, column in enumerate(self._table.columns) if column.wide]
        wide = wide or [place for place, width in enumerate(wanted) if width == max(wanted)]
        left = room - sum(width for place, width in enumerate(wanted) if place not in wide)
        share = max(left / max(1, len(wide)), _NARROWEST * self._letter)
        return [min(width, share) if place in wide else width for place, width in enumerate(wanted)]

    def _wrapped(self, row: Sequence[str]) -> list[list[str]]:
        found = []
        for text, width in zip(row, self._widths, strict=True):
            fits = self._width(text) <= width + 1e-6
            letters = max(_NARROWEST, int(width / self._letter))
            found.append([text] if fits else textwrap.wrap(text, letters) or [""])
        return found

    def draw(self, picture: Any) -> None:
        """Put title, note, headings and rows on the paper."""
        scheme, top = self._paper.scheme, self._paper.height - _MARGIN
        for line in self._title:
            self._text(picture, line, _MARGIN, top, scheme.ink)
            top -= self._line
        top -= 0.3 * self._line
        for line in self._note:
            self._text(picture, line, _MARGIN, top, scheme.muted)
            top -= self._line
        for place, row in enumerate(self._rows):
            top = self._draw_row(picture, place, row, top)
            if place == 0:
                self._rule(picture, top + 0.25 * self._line)

    def _draw_row(self, picture: Any, place: int, row: list[list[str]], top: float) -> float:
        left = _MARGIN
        for number, (lines, width) in enumerate(zip(row, self._widths, strict=True)):
            right = self._table.columns[number].number
            role = "ink" if place == 0 else self._table.cells[place - 1][number].role
            color = self._paper.scheme.color(role)
            for down, line in enumerate(lines):
                at = left + width if right else left
                side = "right" if right else "left"
                where = top - down * self._line
                self._text(picture, line, at, where, color, side=side)
            left += width + _GAP
        return top - max(map(len, row), default=1) * self._line

    def _text(
        self,
        picture: Any,
        text: str,
        x: float,
        y: float,
        color: str,
        *,
        side: str = "left",
    ) -> None:
        picture.text(
            x / self._paper.width,
            y / self._paper.height,
            text,
            color=color,
            fontsize=self._size,
            ha=side,
            va="top",
        )

    def _rule(self, picture: Any, y: float) -> None:
        from matplotlib.lines import Line2D

        left, right = _MARGIN / self._paper.width, 1 - _MARGIN / self._paper.width
        at = y / self._paper.height
        picture.add_artist(Line2D([left, right], [at, at], color=self._paper.scheme.muted, lw=0.6))
