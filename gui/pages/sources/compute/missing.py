"""Counting what is missing or infinite in an array, and finding the rows without any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.state.document import DataRef, Rows, read_part
from gui.frozen import dataclass

if TYPE_CHECKING:
    from engine.jobs import Progress


@dataclass(frozen=True)
class Flaws:
    """How many entries are NaN, +inf and -inf, in how many of the rows (entries of a vector)."""

    nan: int = 0
    plus: int = 0
    minus: int = 0
    rows: int = 0
    total_rows: int = 0

    @property
    def count(self) -> int:
        """How many entries are bad."""
        return self.nan + self.plus + self.minus


@dataclass(frozen=True, eq=False)
class Counted:
    """What was found in the matrix ``ref`` of ``source``."""

    ref: DataRef
    source: Any
    flaws: Flaws
    rows: Rows


@dataclass(frozen=True)
class CountRequest:
    """Count what is bad in a matrix, and find the rows that are not."""

    ref: DataRef
    source: Any

    def run(self, progress: Progress | None = None) -> Counted:
        """Return the counts and the rows."""
        from engine.files import check_finite

        array = read_part(self.ref, self.source, progress)
        report = check_finite(array, progress)
        rows = Rows(np.arange(array.shape[0]), int(array.shape[0]))
        if not report.is_finite:
            rows = _rows_of(array, progress)
        plus = report.inf_count - report.minus_count
        flaws = Flaws(report.nan_count, plus, report.minus_count, rows.left_out, rows.total)
        return Counted(self.ref, self.source, flaws, rows)


def find_rows(ref: DataRef, source: Any, progress: Progress | None = None) -> Rows:
    """Return which rows of the matrix ``ref`` hold neither NaN nor infinity."""
    return _rows_of(read_part(ref, source, progress), progress)


def _rows_of(array: Any, progress: Progress | None) -> Rows:
    from engine.files import finite_rows

    return Rows(finite_rows(array, progress), int(array.shape[0]))
