"""What a command line says of a table: delimiter, marks, headings, labels, columns, sheet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from gui.core.words.i18n import tr
from gui.core.words.tables import FIELDS
from gui.pages.sources.compute.tables import reading_of

if TYPE_CHECKING:
    from engine.files import TableReading


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
    said = ((name, getattr(options, f"table {name}")) for name in FIELDS)
    return reading_of((name, text) for name, text in said if text is not None)
