"""The rows of a table of 20,000, each made when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from gui.core.figure.table import Cell

Line = tuple[Cell, ...]
Values = Sequence[float | str | None]


class Lines(Sequence[Line]):
    """Rows that ``make(number)`` makes; ``values(column)`` is what all of them are sorted by."""

    def __init__(
        self, count: int, make: Callable[[int], Line], values: Callable[[int], Values]
    ) -> None:
        self._count, self._make, self.values = count, make, values
        self._made: dict[int, Line] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> Line: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Line]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return tuple(self[one] for one in range(len(self))[number])
        line = self._made.get(number)
        if line is None:
            number = range(self._count)[number]
            line = self._made[number] = self._make(number)
        return line

    def __iter__(self) -> Iterator[Line]:
        return (self[number] for number in range(len(self)))
