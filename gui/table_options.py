"""What a command line says of a table: delimiter, marks, headings, labels, columns, sheet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from gui.core.words.i18n import tr

if TYPE_CHECKING:
    from engine.files import TableReading

# What is hard to type in a shell.
_DELIMITERS = {
    "tab": "\t",
    "\\t": "\t",
    "blank": " ",
    "space": " ",
    "comma": ",",
    "semicolon": ";",
    "bar": "|",
}
_THOUSANDS = {"none": "", "blank": " ", "space": " ", "comma": ",", "point": ".", "apostrophe": "'"}
_COUNTS = ("header", "index", "skip")


class BadTableOption(ValueError):
    """An option of a table that cannot be read; the sentence says what is allowed."""

    for_people = True


def add_table_options(group: Any) -> None:
    """Add one option for each field of a `TableReading`; what is not given is found."""
    words = {
        "delimiter": tr("of a table: what separates columns, as in tab, blank or ;"),
        "decimal": tr("of a table: the decimal mark, . or ,"),
        "thousands": tr("of a table: what groups digits, as in , or none"),
        "header": tr("of a table: how many rows name its columns"),
        "index": tr("of a table: how many leading columns name its rows"),
        "skip": tr("of a table: how many lines are left out first"),
        "columns": tr("of a table: which columns are kept, from 0, as in 1,2,5"),
        "sheet": tr("of a workbook: which sheet"),
    }
    for name, text in words.items():
        group.add_argument(f"--{name}", dest=f"table {name}", metavar=name.upper(), help=text)


def table_reading(options: argparse.Namespace) -> TableReading | None:
    """Return what the options say of a table, None where they say nothing.

    Raises
    ------
    BadTableOption
        When a count or a list of positions is none.
    engine.errors.ArgumentError
        When a mark is not allowed.
    """
    from engine.errors import ArgumentError
    from engine.files import TableReading

    given: dict[str, Any] = {}
    for name in TableReading.__dataclass_fields__:
        text = getattr(options, f"table {name}")
        if text is not None:
            given[name] = _value(name, text)
    try:
        return TableReading(**given) if given else None
    except ArgumentError as error:
        raise ArgumentError(f"--{error.argument}", error.value, error.allowed) from error


def _value(name: str, text: str) -> Any:
    if name == "delimiter":
        return _DELIMITERS.get(text, text)
    if name == "thousands":
        return _THOUSANDS.get(text, text)
    if name not in (*_COUNTS, "columns"):
        return text
    words = [word.strip() for word in text.split(",")] if name == "columns" else [text]
    if not all(word.isdigit() for word in words):
        several = tr("whole numbers from 0, as in 1,2,5")
        allowed = several if name == "columns" else tr("a whole number")
        refusal = tr("--{option} {text} is not allowed: it must be {allowed}.")
        raise BadTableOption(refusal.format(option=name, text=text, allowed=allowed))
    return tuple(map(int, words)) if name == "columns" else int(text)
