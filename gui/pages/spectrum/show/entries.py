"""The numbers themselves: a table of entries, scrolled and copied on the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gui.core.declare.marks import answer_of, given
from gui.core.declare.parameter import number, toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.pictures import scale_of
from gui.core.figure.table import Cell, Column, Table
from gui.core.state.document import Opened
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.spectrum.compute.entries import VIEW, Block, Of, Place, ReadBlock
from gui.pages.spectrum.compute.shared import Shared

ENTRIES = View(
    VIEW, "Numbers", "The entries of the array, as stored or of rank r, at any number of digits"
)


class Entries(Plot, key="spectrum.entries", title="Numbers", view=ENTRIES):
    """A block of entries under the numbers of their columns."""

    block: Block = answer_of(ReadBlock)
    data: Opened = given(Opened)
    of: Of = Place.of
    rank: int = Shared.rank
    digits: int = number(
        4,
        (1, 17),
        "Digits",
        "How many significant digits are shown; 17 tell every two float64 apart",
        view=VIEW,
        undo="digits",
    )
    shaded: bool = toggle(
        False,
        "Shade by value",
        "Colour behind every number: by its sign and size, or by its size alone",
        view=VIEW,
        undo="shading",
    )

    def table(self) -> Table:
        """Return the block; the first column numbers the rows."""
        block = self.block
        rows, names = block.heads(self.data.labels)
        columns = (
            Column("", words=tr("row")),
            *(Column(name, number=True) for name in names),
        )
        shades = _shades(block.values) if self.shaded else None
        cells = tuple(
            (
                Cell(rows[i]),
                *(
                    _cell(value, self.digits, shades[i][j] if shades else None)
                    for j, value in enumerate(line)
                ),
            )
            for i, line in enumerate(block.values.tolist())
        )
        return Table(columns, cells, self._note())

    def _note(self) -> str:
        ref = self.data.ref
        rows, columns = ref.matrix_shape
        facts = {"title": ref.title, "rows": rows, "columns": columns, "dtype": ref.dtype}
        if self.of == "approximation":
            return tr("Rank {rank} of {title}, {rows} × {columns}", rank=self.rank, **facts)
        if self.of == "residual":
            return tr("{title} less its rank {rank}, {rows} × {columns}", rank=self.rank, **facts)
        return tr("{title}, {rows} × {columns}, {dtype}", **facts)


def entry_text(value: Any, digits: int) -> str:
    """Return an entry as it is shown: whole numbers whole, what is no number in a word.

    Examples
    --------
    >>> entry_text(0.0132, 3), entry_text(7, 3), entry_text(float("nan"), 3), entry_text(1j, 2)
    ('0.0132', '7', 'NaN', '0 + 1.0i')
    """
    if isinstance(value, complex):
        sign = "−" if math.copysign(1.0, value.imag) < 0 else "+"
        real, imaginary = entry_text(value.real, digits), entry_text(abs(value.imag), digits)
        return f"{real} {sign} {imaginary}i"
    if isinstance(value, float):
        if math.isnan(value):
            return tr("NaN")
        return format_value(value, digits)
    return format_value(int(value))


def _cell(value: Any, digits: int, shade: float | None) -> Cell:
    held = value if isinstance(value, int | float) else None
    bad = isinstance(value, float | complex) and not np.isfinite(value)
    return Cell(
        entry_text(value, digits),
        held,
        f"{value!r}" if held is not None else "",
        role="warning" if bad else "ink",
        shade=shade,
    )


def _shades(values: Any) -> Sequence[Sequence[float | None]]:
    """Return where each entry stands on the colours from -1 to 1, None for what is no number."""
    sizes = np.abs(values) if values.dtype.kind == "c" else values
    numbers = np.asarray(sizes, dtype=np.float64)
    _, (low, high) = scale_of(numbers)
    reach = max(abs(low), abs(high)) or 1.0
    places = np.clip(numbers / reach, -1.0, 1.0)
    return [[place if math.isfinite(place) else None for place in line] for line in places.tolist()]
