"""How a table is read: what a person says of it, and what was found where nothing was said."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from engine.errors import ArgumentError

__all__ = ["TableReading"]


@dataclass(frozen=True)
class TableReading:
    """How the lines of a table become a matrix; what is None is found from the file.

    Attributes
    ----------
    delimiter : str or None
        What separates the columns: one character, " " for any run of blanks.
    decimal : str or None
        "." or ",".
    thousands : str or None
        What groups the digits before the decimal mark: one of ``, . '`` or a blank; "" is nothing.
    header : int or None
        How many rows name the columns, counted after ``skip``.
    index : int or None
        How many leading columns name the rows.
    skip : int or None
        How many lines of the file are left out first; blank ones count.
    columns : tuple of int or None
        Which columns become numbers: positions in the file from 0, those of ``index`` counted.
    sheet : str or None
        Which sheet of a workbook.

    Raises
    ------
    ArgumentError
        When a field is of another kind.

    Examples
    --------
    >>> TableReading(delimiter=";", decimal=",").header is None
    True
    """

    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header: int | None = None
    index: int | None = None
    skip: int | None = None
    columns: tuple[int, ...] | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.columns, list):
            object.__setattr__(self, "columns", tuple(self.columns))
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not _ALLOWED[field.name][0](value):
                raise ArgumentError(field.name, value, _ALLOWED[field.name][1])
        if self.decimal is not None and self.decimal == self.thousands:
            raise ArgumentError("thousands", self.thousands, "another mark than the decimal one")


def _is_mark(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1 and value not in '\r\n"+-0123456789'


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_positions(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(map(_is_count, value))


_ALLOWED: dict[str, tuple[Any, str]] = {
    "delimiter": (_is_mark, "one character that separates columns"),
    "decimal": (lambda value: value in (".", ","), "a point or a comma"),
    "thousands": (
        lambda value: value in ("", ",", ".", "'", " "),
        "a comma, a point, an apostrophe, a blank or nothing",
    ),
    **dict.fromkeys(("header", "index", "skip"), (_is_count, "a whole number from 0")),
    "columns": (_are_positions, "positions of columns from 0, at least one"),
    "sheet": (lambda value: isinstance(value, str), "the name of a sheet"),
}
