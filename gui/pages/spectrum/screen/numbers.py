"""The table of numbers on the screen: it scrolls, marks the chosen cell and copies."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.screen.page_screen import PageScreen
from gui.core.state.document import Labels, Opened
from gui.core.widgets.lists.number_grid import NumberGrid, Span
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.entries import Block, Place, ReadBlock, Seen

COPIED_MAX = 100_000  # cells; more are a file, not a clipboard


class Numbers:
    """Joins a grid to its page: what is in sight is given, the chosen cell is a parameter."""

    def __init__(self, screen: PageScreen, grid: NumberGrid) -> None:
        self._screen, self._grid = screen, grid
        grid.moved.connect(lambda *place: screen.give(Seen(*place)))
        grid.picked.connect(self._pick)
        grid.copied.connect(self._copy)

    def show(self, now: Moment) -> None:
        """Bring size and chosen cell up to date."""
        data = now.look(Opened)
        if not isinstance(data, Missing):
            self._grid.set_size(*data.ref.matrix_shape)
            self._grid.choose(now.look(Place.cell_row), now.look(Place.cell_column))

    def _pick(self, row: int, column: int) -> None:
        fields = {"cell_row": row, "cell_column": column}
        self._screen.conductor.edit_many(fields, tr("cell"), "spectrum.cell")

    def _copy(self, span: Span) -> None:
        top, left, bottom, right = span
        count = (bottom - top + 1) * (right - left + 1)
        if count > COPIED_MAX:
            words = tr("{count} cells are too many to copy; export the array instead.")
            self._screen.context.notify(words.format(count=count), "warning")
            return
        now = self._screen.conductor.present()
        parts = now.args(ReadBlock)
        if isinstance(parts, Missing):
            return
        whole = Seen(top, left, bottom - top + 1, right - left + 1)
        block = ReadBlock(**{**parts, "seen": whole}).run()
        data = now.look(Opened)
        labels = ((), ()) if isinstance(data, Missing) else data.labels
        QApplication.clipboard().setText(text_of(block, labels))
        self._screen.context.notify(tr("Copied {count} numbers", count=count), "info")


def text_of(block: Block, labels: Labels) -> str:
    """Return a block with its headings as a spreadsheet takes it: tabs, full precision."""
    rows, columns = ([" ".join(name.split()) for name in side] for side in block.heads(labels))
    lines = (
        "\t".join([row, *(repr(value) for value in line)])
        for row, line in zip(rows, block.values.tolist(), strict=True)
    )
    return "\n".join(("\t".join(["", *columns]), *lines))
