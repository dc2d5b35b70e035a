"""The rows of a table of many thousand: each is made when it is first looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from gui.core.figure.table import Cell


class LongLines(Sequence[tuple[Cell, ...]]):
    """Rows that are made by number; a table of them says what it is sorted by without them."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._made: dict[int, tuple[Cell, ...]] = {}

    def make(self, number: int) -> tuple[Cell, ...]:
        """Return a row."""
        raise NotImplementedError

    def values(self, column: int) -> Sequence[float | str | None]:
        """Return what a column is sorted by, of every row."""
        raise NotImplementedError

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> tuple[Cell, ...]: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[tuple[Cell, ...]]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return tuple(self[one] for one in range(len(self))[number])
        if number not in self._made:
            self._made[number] = self.make(range(self._count)[number])
        return self._made[number]

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return (self[number] for number in range(len(self)))
