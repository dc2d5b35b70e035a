"""Rows of numbers, and their labels, that grow while a file is read."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.files.layouts.table.series import LEVELS
from engine.files.reading.source import Array


class GrowingRows:
    """A matrix that grows at its end; ``share`` of the file read so far says how far."""

    def __init__(self, width: int) -> None:
        self.count = 0
        self._width = width
        self._held: Array = np.empty((0, width))

    def room(self, rows: int, share: float) -> Array:
        """Return at least that many rows behind those there are, to be filled."""
        needed = self.count + rows
        if needed > len(self._held):
            # A little more than this part of the file promises for all of it.
            promised = int(1.01 * needed / max(share, 1e-9)) + 16 if self.count == 0 else 0
            grown = max(needed, min(promised, 1 << 40), len(self._held) + len(self._held) // 8)
            # Pages that are never filled are never taken from the system.
            held = np.empty((grown, self._width), self._held.dtype)
            held[: self.count] = self._held[: self.count]
            self._held = held
        return self._held[self.count :]

    def filled(self, rows: int) -> None:
        """Say how many of the rows returned last are numbers now."""
        self.count += rows

    def append(self, block: Array, share: float) -> None:
        """Add rows at the end; complex ones make all of them complex."""
        if block.dtype.kind == "c" and self._held.dtype.kind != "c":
            self._held = self._held.astype(np.complex128)
        self.room(len(block), share)[: len(block)] = block
        self.filled(len(block))

    def matrix(self) -> Array:
        """Return all rows; there may be none added after that."""
        held: Any = self._held
        self._held = held[:0]
        if len(held) > 1.05 * self.count + 16:
            return np.array(held[: self.count])
        whole: Array = held[: self.count]
        return whole


class Levels:
    """Labels of rows in several columns, put together row by row from the first.

    Attributes
    ----------
    repeated : str
        The first label whose outer levels were left empty, as merged cells leave them, and are
        those of the row above; empty where there was none.

    Examples
    --------
    >>> levels = Levels()
    >>> [levels.joined(cells) for cells in (["a", "x"], ["", "y"], ["b", "x"])]
    ['a · x', 'a · y', 'b · x']
    """

    def __init__(self) -> None:
        self.repeated = ""
        self._above: list[str] = []

    def joined(self, cells: list[str]) -> str:
        """Return the label of the next row."""
        if len(cells) == 1:
            return cells[0]
        empty = next((place for place, cell in enumerate(cells) if cell), len(cells))
        filled = 0 < empty < len(cells) and any(self._above[:empty])
        self._above = [*self._above[:empty], *cells[empty:]] if filled else cells
        # In front of a first column may stand a bar and nothing.
        label = LEVELS.join(self._above).removeprefix(LEVELS)
        if filled:
            self.repeated = self.repeated or label
        return label
